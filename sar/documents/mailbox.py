"""A mailbox kept in one file (mbox): every message a document, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from sar.documents.inside import Inside, held_back
from sar.documents.kinds import SEPARATOR
from sar.documents.limits import MAX_PARTS, Budget, too_large, unreadable
from sar.documents.mail import read_mail
from sar.documents.plain import decoded
from sar.domain.errors import UnreadableItem
from sar.ports.gathering import ReadDocument

_TIME = re.compile(rb"\d:\d\d")
_NO_WORD = re.compile(rb"[@\d-]")
_SECONDS_A_MESSAGE = 0.05


def read_mailbox(content: bytes, inside: Inside) -> tuple[ReadDocument, ...]:
    """Every message. One that cannot be taken apart is held back by itself, with its words as they stand."""
    if not SEPARATOR.match(content):
        raise unreadable("a mailbox without its first line")
    return tuple(_message(raw, inside) for raw in _messages(content))


def _message(raw: bytes, inside: Inside) -> ReadDocument:
    inside.budget.wait(_SECONDS_A_MESSAGE)
    try:
        [document] = read_mail(raw, replace(inside, budget=Budget(inside.budget)))
    except UnreadableItem as fault:
        return held_back(fault.message, words="" if fault.field == "too-large" else _words(raw))
    return document


def _words(raw: bytes) -> str:
    try:
        return decoded(raw)
    except UnreadableItem:
        return ""


def _messages(content: bytes) -> Iterator[bytes]:
    starts = [m.start() for m in SEPARATOR.finditer(content) if _opens(content, m)]
    if len(starts) > MAX_PARTS * 100:
        raise too_large("a mailbox with more messages than we read by machine")
    for start, end in zip(starts, [*starts[1:], len(content)], strict=True):
        _, _, message = content[start:end].partition(b"\n")
        yield re.sub(rb"(?m)^>(>*From )", rb"\1", message)


def _opens(content: bytes, line: re.Match[bytes]) -> bool:
    """A separator opens a message only after an empty line, and before a header unless it can be nothing else."""
    at = line.start()
    after_nothing = content[max(0, at - 3) : at].endswith((b"\n\n", b"\n\r\n"))
    is_plain = _TIME.search(line["on"]) and _NO_WORD.search(line["who"])
    return at == 0 or (after_nothing and bool(line["header"] or is_plain))
