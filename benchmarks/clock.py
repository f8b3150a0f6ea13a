"""The clock: a million replays, without the explanation's text, on one core.

The facts are invented and seeded: plain requests, proofs that came later, questions, extensions, and
questions that came too late. Times are the processor's, so that a busy machine does not change the answer.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import date, timedelta

from benchmarks.claims import Claim, seconds
from sar.domain.calendar import Calendar
from sar.domain.clock import (
    AskedAndGot,
    ClarificationCounting,
    ClockFacts,
    ExtensionNotice,
    Right,
    replay,
)
from sar.law import calendars

REPLAYS = 1_000_000
TARGET_S = 60
_VARIED = 10_000
_DAY = timedelta(days=1)
Case = tuple[ClockFacts, Calendar, ClarificationCounting, Right]


def claims(*, full: bool) -> Iterator[Claim]:
    """The whole million in the small form too: it is quick."""
    del full
    cases = _cases()

    def work() -> None:
        for _ in range(REPLAYS // _VARIED):
            for facts, calendar, counting, right in cases:
                replay(facts, calendar=calendar, counting=counting, right=right, explain=False)

    yield Claim(
        claim="clock.million_replays",
        value=round(seconds(work, clock=time.process_time), 1),
        target=TARGET_S,
        better="lower",
        unit="CPU s",
    )


def _cases() -> list[Case]:
    chance = random.Random(7)
    known = [calendar for code, calendar in calendars().items() if code != "united-kingdom"]
    countings, rights = list(ClarificationCounting), [*([Right.ACCESS] * 8), *Right]
    return [
        (_facts(chance), chance.choice(known), chance.choice(countings), chance.choice(rights))
        for _ in range(_VARIED)
    ]


def _facts(chance: random.Random) -> ClockFacts:
    received_on = date(2025, 6, 1) + _DAY * chance.randrange(3 * 365)
    notice = ExtensionNotice(given_on=received_on + _DAY * chance.randrange(28), reasons="Many stores.")
    return ClockFacts(
        received_on=received_on,
        identity=_asked(chance, received_on, share=0.2, within=10),
        authority=_asked(chance, received_on, share=0.3, within=1),
        fee=_asked(chance, received_on, share=0.02, within=10),
        clarifications=_asked(chance, received_on, share=0.4, within=40),
        extension=notice if chance.random() < 0.2 else None,
    )


def _asked(chance: random.Random, since: date, *, share: float, within: int) -> tuple[AskedAndGot, ...]:
    found = []
    while chance.random() < share:
        asked_on = since + _DAY * chance.randrange(within)
        is_open = chance.random() < 0.1
        got_on = None if is_open else asked_on + _DAY * chance.randrange(21)
        found.append(AskedAndGot(asked_on=asked_on, got_on=got_on))
    return tuple(found)
