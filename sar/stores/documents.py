"""Read documents as passages: the reader's places become labels, neighbours of one place one passage."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import groupby

from sar.domain.headings import is_common_heading
from sar.domain.records import Passage
from sar.ports.gathering import ReadDocument, ReadPart

_LABELS = {
    "text": "Text",
    "table": "Table",
    "header": "Page header",
    "footer": "Page footer",
    "footnote": "Footnote",
    "endnote": "Endnote",
    "comment": "Comment",
    "inserted": "Inserted text (tracked)",
    "deleted": "Deleted text (tracked)",
    "moved": "Moved text (tracked)",
    "text-box": "Text box",
    "hidden": "Hidden text",
    "property": "Document property",
    "field": "Field code",
    "bookmark": "Bookmark",
    "alt-text": "Text behind a picture or field",
    "link": "Link",
    "chart": "Chart",
    "drawing": "Drawing",
    "custom-xml": "Data kept in the file",
    "scan": "Words recognised in a picture or scan",
    "picture": "Picture",
    "outline": "Outline",
    "sheet": "Sheet",
    "row": "Rows",
    "hidden-row": "Hidden rows",
    "defined-name": "Name for cells",
    "pivot": "Kept for a pivot table",
    "macro": "Macros",
    "annotation": "Annotation",
    "form-field": "Form field",
    "from": "From",
    "to": "To",
    "cc": "Copied to",
    "bcc": "Blind copied to",
    "reply-to": "Replies to",
    "date": "Date",
    "subject": "Subject",
    "calendar": "Calendar entry",
    "file-name": "File in the archive",
    "attachment-name": "Attached file",
    "attachment": "Attachment",
    "other-header": "Other mail header",
    "unreadable": "Not read by machine",
    "other": "Other part",
}
_JOINED = {"text": "\n\n", "row": "\n", "hidden-row": "\n", "other-header": "\n", "property": "\n"}
"""Places whose neighbours read as one, and what stands between them."""
_SILENT = frozenset({"message-id", "filed-under"})
COLUMN = "column:"
_UNNAMED_COLUMN = "Column"
UNREADABLE_PLACE = "unreadable"


def passages_of_documents(
    documents: Iterable[ReadDocument], *, headings: Collection[str] = frozenset()
) -> Iterator[Passage]:
    """Everything that was read, in order. A place outside the vocabulary is kept as another part.

    :param headings: of columns that a mapping names; they become labels. Any other does only when it is a common one.
    """
    for document in documents:
        kept = (p for p in document.parts if p.place not in _SILENT and p.text.strip())
        for place, parts in groupby(kept, key=lambda p: p.place):
            if place in _JOINED:
                said = (p.text.strip() for p in parts)
                yield Passage(label=label_of(place), text=_JOINED[place].join(said))
            elif place.startswith(COLUMN):
                yield from (_cell(p, headings) for p in parts)
            else:
                yield from (Passage(label=label_of(place), text=p.text.strip()) for p in parts)


def _cell(part: ReadPart, headings: Collection[str]) -> Passage:
    """A heading that could be about somebody is text: nothing is looked for, and nothing blacked out, in a label."""
    heading, text = part.place.removeprefix(COLUMN).strip(), part.text.strip()
    if not heading:
        return Passage(label=_UNNAMED_COLUMN, text=text)
    if heading in headings or is_common_heading(heading):
        words = heading.replace("_", " ").strip()
        return Passage(label=words[:1].upper() + words[1:], text=text)
    return Passage(label=_UNNAMED_COLUMN, text=f"{heading}: {text}")


def not_read(document: ReadDocument) -> Iterator[str]:
    """What a person must look at in a document, in words: each is held back, however much else of it was read."""
    return (part.text for part in document.parts if part.place == UNREADABLE_PLACE)


def label_of(place: str) -> str:
    """The words for a place."""
    return _LABELS.get(place, _LABELS["other"])
