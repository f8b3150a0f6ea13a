"""Invented mails as records, and replies to them in the styles of several programs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from textwrap import wrap

from sar.domain.records import Passage, Record, RecordKind
from tests.fakes.ports import record

STYLES = ("gmail", "outlook", "apple", "plain", "wrapped")


def mail(
    native: str,
    text: str,
    *,
    by: str = "Jane Doe <jane.doe@fenwater.example>",
    to: str = "Ben Okafor <ben.okafor@fenwater.example>",
    cc: str = "",
    on: date = date(2024, 3, 4),
    at: str = "09:15:00",
    subject: str = "Leanne's birth plan",
    store: str = "mailbox",
    attached: tuple[str, ...] = (),
    **more: object,
) -> Record:
    """One message as a store gives it."""
    labelled = [
        ("From", by), ("To", to), *([("Copied to", cc)] if cc else []), ("Date", f"{on.isoformat()} {at}"),
        ("Subject", subject), ("Text", text), *(("Attached file", name) for name in attached),
    ]  # fmt: skip
    made = record(native, store=store, kind=RecordKind.CORRESPONDENCE, on=on, **more)
    return replace(made, passages=tuple(Passage(label=label, text=words) for label, words in labelled))


def part(of: Record, label: str) -> str:
    """The words of a record under a label."""
    return next(p.text for p in of.passages if p.label == label)


def quoted(message: Record, style: str) -> str:
    """A message as another program quotes it below a reply."""
    by, text, on = part(message, "From"), part(message, "Text"), f"{message.dated_on.day} March 2024"
    marked = "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
    if style == "gmail":
        return f"On Mon, {on} at 10:12, {by} wrote:\n\n{marked}"
    if style == "apple":
        return f"On {on}, at 10:12, {by.split(' <')[0]}\n<{by.split('<')[1]} wrote:\n\n{marked}"
    if style == "plain":
        return f"{by} wrote on {on}:\n{marked}".replace(f" wrote on {on}:", f", {on}, wrote:")
    if style == "wrapped":
        return f"On {on} {by} wrote:\n" + "\n".join(f"> {line}" for line in _wrapped(text))
    head = f"From: {by}\nSent: {on} 10:12\nTo: {part(message, 'To')}\nSubject: {part(message, 'Subject')}"
    return f"-----Original Message-----\n{head}\n\n{text}"


def _wrapped(text: str) -> list[str]:
    """Lines of at most forty signs, each with the marks of the line it came from."""
    found: list[str] = []
    for line in text.split("\n"):
        words = line.lstrip("> ")
        marks = line[: len(line) - len(words)]
        found += [marks + piece for piece in wrap(words, 40)] or [""]
    return found


def reply(native: str, text: str, answered: Record, *, style: str = "gmail", **more: object) -> Record:
    """An answer that quotes what it answers."""
    return mail(
        native, f"{text}\n\n{quoted(answered, style)}", subject=f"Re: {part(answered, 'Subject')}", **more
    )
