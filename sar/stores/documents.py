"""Read documents as passages: the reader's places become labels, neighbours of one place one passage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from sar.domain.records import Passage
from sar.ports.gathering import ReadDocument

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
UNREADABLE_PLACE = "unreadable"


def passages_of_documents(documents: Iterable[ReadDocument]) -> Iterator[Passage]:
    """Everything that was read, in order. A place outside the vocabulary is kept as another part."""
    for document in documents:
        kept = (p for p in document.parts if p.place not in _SILENT and p.text.strip())
        for place, parts in groupby(kept, key=lambda p: p.place):
            if place in _JOINED:
                said = (p.text.strip() for p in parts)
                yield Passage(label=label_of(place), text=_JOINED[place].join(said))
            else:
                yield from (Passage(label=label_of(place), text=p.text.strip()) for p in parts)


def not_read(document: ReadDocument) -> Iterator[str]:
    """What a person must look at in a document, in words: each is held back, however much else of it was read."""
    return (part.text for part in document.parts if part.place == UNREADABLE_PLACE)


def label_of(place: str) -> str:
    """The words for a place. A column keeps its heading when that reads like one."""
    if place.startswith(COLUMN):
        heading = place.removeprefix(COLUMN).replace("_", " ").strip()
        short = len(heading) <= _LONGEST and heading.replace(" ", "").isalpha()
        return heading[:1].upper() + heading[1:] if short else "Column"
    return _LABELS.get(place, _LABELS["other"])


_LONGEST = 40
