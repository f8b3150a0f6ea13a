"""XML read with nothing declared, expanded or fetched."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from sar.documents.inside import Inside
from sar.documents.limits import unreadable
from sar.ports.gathering import ReadDocument


class _Notes(TreeBuilder):
    """Builds the tree, and keeps what was written for those who write such files, wherever it stands."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []

    def comment(self, text: str | None) -> Element:
        """A note between the tags."""
        self.notes.append((text or "").strip())
        return super().comment(text)

    def pi(self, target: str, text: str | None = None) -> Element:
        """Words for a program."""
        self.notes.append(f"{target} {text or ''}".strip())
        return super().pi(target, text)


def parsed(content: bytes, *, what: str = "an XML file", notes: list[str] | None = None) -> Element:
    """The root element.

    :param notes: takes the comments of the file and its words for programs.
    :raises UnreadableItem: it declares a document type (the way in for bombs), or is damaged.
    """
    try:
        building = _Notes()
        parser = DefusedXMLParser(target=building, forbid_dtd=True)
        parser.feed(content)
        root: Element = parser.close()
    except DefusedXmlException:
        raise unreadable(f"{what} with entity declarations, which it does not need") from None
    except (ParseError, ValueError, LookupError, RecursionError):
        raise unreadable(f"{what} with a damaged part") from None
    if notes is not None:
        notes.extend(filter(None, building.notes))
    return root


def bare(name: str) -> str:
    """A tag or attribute without its namespace."""
    return name.rpartition("}")[2]


def read_xml(content: bytes, inside: Inside) -> tuple[ReadDocument, ...]:
    """One line an element that says something, with its name and what stands in its attributes."""
    notes: list[str] = []
    root = parsed(content, notes=notes)
    lines = []
    for element in root.iter():
        said = [f"{bare(key)}={value.strip()}" for key, value in element.attrib.items() if value.strip()]
        text = " ".join((element.text or "").split())
        if text or said:
            lines.append(f"{' '.join([bare(str(element.tag)), *said])}: {text}".rstrip(": "))
        if tail := " ".join((element.tail or "").split()):
            lines.append(tail)
    if not lines and not notes:
        raise unreadable("an XML file without words")
    parts = [inside.part("text", "\n".join(lines))] if lines else []
    parts += [inside.part("comment", f"In the markup: {note}") for note in notes]
    return (ReadDocument(parts=tuple(parts), media_type="application/xml"),)
