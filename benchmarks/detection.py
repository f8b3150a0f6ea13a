"""Detection: end to end speed, ratio to a plain ``re`` alternation of the same forms, and register rebuild.

Times are processor time of one core. The text is invented and seeded: case-note prose with names planted
at a usual density (one in about twenty words), straight and curly quotes, blank lines between notes.
"""

from __future__ import annotations

import random
import re
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.claims import Claim, in_turn, seconds
from sar.detection.names import written_forms
from sar.detection.reading import load_detector
from sar.domain.parties import Person, Role
from sar.domain.references import PersonId

_RULES = Path(__file__).parents[1] / "redaction_rules"
_MEGABYTE = 1_000_000
_FIRST = (
    "Marcus", "Kerry", "Alfie", "Tia", "Shane", "Jean", "Gary", "Dorothy", "Adaeze", "Chidi", "Siobhan", "Yvonne",
    "Anne-Marie", "Se\u00e1n", "Luke",
)  # fmt: skip
_ENDS = ("bury", "combe", "field", "wick", "thorpe", "worth", "stow", "hurst", "mere", "ley")
_STEMS = (
    "Hart",
    "Lom",
    "Quar",
    "Brack",
    "Tan",
    "Fen",
    "Osg",
    "Mar",
    "Pel",
    "Winth",
    "Dun",
    "Kes",
    "Thorn",
    "Aln",
)
_PROSE = (
    "The visit was announced the day before and {} opened the door.",
    "Kettle, heating and cot were all in order; the bedroom was warm and clean.",
    "{} said that nobody had explained what the worry was, and asked for it in writing.",
    "No concern was found and the assessment was closed with no further action.",
    "A telephone call with the surgery confirmed the dates; {} will write to the team.",
    "It was agreed that the plan works and that the next review will be in the spring.",
    "She doesn\u2019t want the hospital to ring at work, and this is on the system.",
    "The minutes were sent to everyone present and one copy was put on the file.",
)


def _people(count: int) -> list[Person]:
    names = [f"{f} {s}{e}" for s in _STEMS for e in _ENDS for f in _FIRST]
    chosen = random.Random(7).sample(names, count)
    return [Person(id=PersonId(str(n)), name=name, role=Role.THIRD_PARTY) for n, name in enumerate(chosen)]


def _text(people: list[Person], size: int) -> str:
    chance = random.Random(11)
    pieces: list[str] = []
    length = 0
    while length < size:
        piece = " ".join(chance.choice(_PROSE).format(chance.choice(people).name) for _ in range(6)) + "\n\n"
        pieces.append(piece)
        length += len(piece)
    return "".join(pieces)


def claims(*, full: bool) -> Iterator[Claim]:
    """The claims of this file."""
    detector = load_detector(_RULES)
    people = _people(50)
    text = _text(people, 4 * _MEGABYTE if full else _MEGABYTE)
    notes = text.split("\n\n")
    reading = detector.for_people(people)
    forms = sorted({form for person in people for form in written_forms(person)}, key=len, reverse=True)
    plain = re.compile(
        r"\b(?:" + "|".join(re.escape(f).replace(r"\ ", r"\s+") for f in forms) + r")\b", re.IGNORECASE
    )

    def ours() -> None:
        for note in notes:
            reading.matches(note)

    def theirs() -> None:
        for note in notes:
            for _ in plain.finditer(note):
                pass

    mine, other = in_turn(ours, theirs, clock=time.process_time)
    speed = len(text) / _MEGABYTE / mine
    yield Claim(
        claim="detection on one core, every rule, end to end",
        value=speed,
        target=3,
        better="higher",
        unit="MB/s",
    )
    yield Claim(
        claim="every rule against names alone by alternation", value=other / mine, target=2, better="higher", unit="x",
        against=f"re alternation of the same {len(forms)} forms, {len(text) / _MEGABYTE / other:.2f} MB/s",
    )  # fmt: skip
    crowd = _people(200)
    count = len({form for person in crowd for form in written_forms(person)})
    while count < 5000:
        crowd = _people(len(crowd) + 20)
        count = len({form for person in crowd for form in written_forms(person)})
    rebuild = (
        statistics.median(
            seconds(lambda: detector.for_people(crowd), clock=time.process_time) for _ in range(5)
        )
        * 1000
    )
    yield Claim(
        claim=f"register rebuilt, {count} forms", value=rebuild, target=100, better="lower", unit="ms"
    )
