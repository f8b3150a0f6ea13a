"""XML read with nothing declared, expanded or fetched."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sar.documents.inside import Inside
from sar.documents.limits import unreadable
from sar.ports.gathering import ReadDocument


def parsed(content: bytes, *, what: str = "an XML file") -> Element:
    """The root element.

    :raises UnreadableItem: it declares a document type (the way in for bombs), or is damaged.
    """
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise unreadable(f"{what} with entity declarations, which it does not need") from None
    except (ParseError, ValueError, LookupError, RecursionError):
        raise unreadable(f"{what} with a damaged part") from None
    return root


def bare(name: str) -> str:
    """A tag or attribute without its namespace."""
    return name.rpartition("}")[2]


def read_xml(content: bytes, inside: Inside) -> tuple[ReadDocument, ...]:
    """One line an element that says something, with its name and what stands in its attributes."""
    root = parsed(content)
    lines = []
    for element in root.iter():
        said = [f"{bare(key)}={value.strip()}" for key, value in element.attrib.items() if value.strip()]
        text = " ".join((element.text or "").split())
        if text or said:
            lines.append(f"{' '.join([bare(str(element.tag)), *said])}: {text}".rstrip(": "))
        if tail := " ".join((element.tail or "").split()):
            lines.append(tail)
    if not lines:
        raise unreadable("an XML file without words")
    return (ReadDocument(parts=(inside.part("text", "\n".join(lines)),), media_type="application/xml"),)
