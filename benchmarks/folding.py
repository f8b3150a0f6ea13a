"""Copies and threads: ten thousand messages folded on one core, and what one record costs to be remembered.

The messages are invented and seeded: threads up to twenty deep, some with branches, in several quoting styles, and
copies in three mailboxes. Times are the processor's, so that a busy machine does not change the answer.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from benchmarks.claims import Claim, seconds
from sar.domain.duplicates import Folding, Trace, fold, trace_of
from sar.domain.records import Passage, Provenance, Record, RecordKind
from sar.domain.references import RecordKey, StoreName, SubjectId

MESSAGES = 10_000
TARGET_S = 30
TRACE_TARGET_MS = 0.1
_STORES = ("midwives", "front-door", "school")
_SAID = (
    "the plan was read again today and we agreed to meet before birth visit home call parents midwife team "
    "nurse letter sent copy asked told family well baby clinic review date week note call room chair school"
)
_WORDS = _SAID.split()
_FIRST = date(2024, 1, 1)


def claims(*, full: bool) -> Iterator[Claim]:
    """All ten thousand in the small form too: it is quick."""
    del full
    records = messages(random.Random(11), MESSAGES)
    found: list[Folding] = []

    def work() -> None:
        found.append(fold(map(trace_of, records)))

    yield Claim(
        claim="folding.ten_thousand_messages",
        value=round(seconds(work, clock=time.process_time), 2),
        target=TARGET_S,
        better="lower",
        unit="CPU s",
    )
    short = [_record(str(n), "midwives", _said(random.Random(n)), _FIRST) for n in range(1000)]
    traces: list[Trace] = []
    spent = seconds(lambda: traces.extend(map(trace_of, short)), clock=time.process_time)
    yield Claim(
        claim="folding.trace_of_a_short_record",
        value=round(spent, 4),
        target=TRACE_TARGET_MS,
        better="lower",
        unit="CPU ms",
    )
    read = MESSAGES - sum(len(keys) for _, keys in found[0].groups)
    yield Claim(
        claim="folding.messages_left_to_read",
        value=round(read / MESSAGES, 3),
        target=0.5,
        better="lower",
        unit="of all",
    )


def messages(chance: random.Random, count: int) -> list[Record]:
    """So many messages in threads, with their copies."""
    found: list[Record] = []
    while len(found) < count:
        found.extend(_thread(chance, len(found)))
    return found[:count]


def _thread(chance: random.Random, start: int) -> list[Record]:
    found: list[Record] = []
    text, by = "", ""
    on = _FIRST + timedelta(days=chance.randrange(600))
    for depth in range(chance.randrange(1, 21)):
        before, by = by, chance.choice(("Jane Doe", "Ben Okafor", "Ann Lee", "Sam Roe"))
        own = _said(chance)
        text = own if not text else f"{own}\n\n{_quoted(text, before, on, outlook=depth % 3 == 0)}"
        on += timedelta(days=1)
        for store in _STORES[: chance.randrange(1, 4)]:
            found.append(_mail(f"{start + len(found)}", store, by, text, on))
    return found


def _said(chance: random.Random) -> str:
    return " ".join(
        " ".join(chance.choices(_WORDS, k=chance.randrange(6, 16))).capitalize() + "." for _ in range(4)
    )


def _quoted(text: str, by: str, on: date, *, outlook: bool) -> str:
    if outlook:
        return f"From: {by}\nSent: {on.isoformat()} 10:12\nTo: The team\nSubject: The plan\n\n{text}"
    marked = "\n".join(f"> {line}" for line in text.split("\n"))
    return f"On {on.isoformat()} at 10:12, {by} wrote:\n{marked}"


def _mail(native: str, store: str, by: str, text: str, on: date) -> Record:
    head = (
        ("From", by),
        ("To", "The team"),
        ("Date", f"{on.isoformat()} 10:12"),
        ("Subject", "Re: The plan"),
    )
    return _record(native, store, text, on, head)


def _record(native: str, store: str, text: str, on: date, head: tuple[tuple[str, str], ...] = ()) -> Record:
    name = StoreName(store)
    return Record(
        key=RecordKey(name, native),
        kind=RecordKind.CORRESPONDENCE,
        dated_on=on,
        passages=tuple(Passage(label=label, text=words) for label, words in (*head, ("Text", text))),
        provenance=Provenance(
            store=name, store_label=store, controller="Fenwater Trust", native_id=native, found_by="full name",
            retrieved_at=datetime(2026, 11, 2, tzinfo=UTC),
        ),
        about=frozenset({SubjectId("leanne")}),
    )  # fmt: skip
