"""What the pages show, in their order: a pack turned into plain values for the template.

Nothing here adds a fact about what was withheld: the schedule says which grounds occur in which record,
never how often or how much.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sar.domain.disclosure import PLACEHOLDER, DisclosedRecord, Hidden, Pack
from sar.packs.characters import Characters, cleaned
from sar.packs.manifest import Manifest, plain, plain_record


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the pack with a heading, a bookmark and a line in the contents."""

    id: str
    title: str


def day(iso: str) -> str:
    """``2026-10-20`` as people write it."""
    on = date.fromisoformat(iso)
    return f"{on.day} {on:%B %Y}"


def opening(text: str) -> str:
    """The text with a capital at its front and the rest as it is."""
    return text[:1].upper() + text[1:]


def joined(names: list[str]) -> str:
    """``A, B and C``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def counted(number: int, one: str, many: str) -> str:
    """``1 record``, ``3 records``."""
    return f"{number:,} {one if number == 1 else many}"


def grouped(digest: str) -> str:
    """A fingerprint in groups of eight, so that two people can compare it by telephone."""
    return " ".join(digest[i : i + 8] for i in range(0, len(digest), 8))


def sections(pack: Pack) -> tuple[Section, ...]:
    """The parts this pack has; a part with nothing in it is left out, unless its absence is news."""
    whose = "your" if pack.is_own_data else "these"
    lives = "The life of the alert" if len(pack.alert_lives) == 1 else "The life of each alert"
    have: tuple[tuple[object, str, str], ...] = (
        (True, "letter", f"A letter about {whose} records"),
        (True, "how", "How this pack works"),
        (True, "clock", "How we worked out the date"),
        (True, "search", "What we searched"),
        (pack.people.passages, "people", "Who is named, and in what role"),
        (pack.alert_lives, "alerts", lives),
        (pack.parents_told, "told", "Should we have been told?"),
        (pack.recipients, "recipients", "Who was told"),
        (pack.contradictions, "disagree", "Where the records disagree"),
        (pack.complaint_trail, "matters", "Complaints and corrections"),
        (True, "records", "The records"),
        (True, "schedule", "What we withheld, and why"),
        (pack.rights, "rights", "Your rights"),
        (pack.next_steps, "steps", "What you can do next"),
        (pack.glossary, "words", "Words explained"),
        (True, "genuine", "Check that this pack is genuine"),
    )
    return tuple(Section(id=name, title=title) for present, name, title in have if present)


TOGETHER = "Taken together"
"""The line of the search page that says what the answers leave open; it stands under its own heading."""


def view(pack: Pack, manifest: Manifest, characters: Characters, *, signer: str) -> dict[str, Any]:
    """Everything the template needs. Every string in it can be shown by the packaged fonts."""
    front = plain(_front(pack))
    parts = sections(pack)
    search = _each((pack.search,), characters, "The search page")[0]
    return {
        **cleaned(front, characters, place="The front of the pack"),
        "own": pack.is_own_data,
        "sections": parts,
        "title_of": {s.id: s.title for s in parts},
        "records": _each(pack.records, characters, "Record {}"),
        "search": search,
        "search_places": {**search, "passages": [p for p in search["passages"] if p["label"] != TOGETHER]},
        "search_together": [p for p in search["passages"] if p["label"] == TOGETHER],
        "people": _each((pack.people,), characters, "The page of people")[0],
        "alert_lives": _each(pack.alert_lives, characters, "Alert page {}"),
        "parents_told": _each(pack.parents_told, characters, "The page on who should have been told"),
        "recipients": _each(pack.recipients, characters, "The page of recipients"),
        "contradictions": _each(pack.contradictions, characters, "The page of disagreements"),
        "complaint_trail": _each(pack.complaint_trail, characters, "The page of complaints"),
        "uses": uses(pack),
        "placeholder": PLACEHOLDER,
        "fingerprint": manifest.content_sha256,
        "signer": signer,
    }


def _front(pack: Pack) -> dict[str, Any] | tuple[Any, ...]:
    names = (
        "reference", "round", "dated_on", "received_on", "due_on", "recipient", "subject", "controllers", "letter",
        "clock_steps", "gaps", "grounds", "withheld_whole", "rights", "next_steps", "glossary", "trail_head",
    )  # fmt: skip
    return {name: plain(getattr(pack, name)) for name in names}


def _each(records: tuple[DisclosedRecord, ...], characters: Characters, place: str) -> list[dict[str, Any]]:
    return [
        {
            **cleaned(plain_record(record), characters, place=place.format(number)),
            "number": number,
            "grounds": sorted(grounds_in(record)),
        }
        for number, record in enumerate(records, start=1)
    ]


def grounds_in(record: DisclosedRecord) -> frozenset[str]:
    """The letters that occur in a record; how often is not said."""
    return frozenset(p.ground for passage in record.passages for p in passage.pieces if isinstance(p, Hidden))


def uses(pack: Pack) -> list[dict[str, Any]]:
    """For the schedule: each record or page with withheld words, and its grounds."""
    found: list[dict[str, Any]] = []
    titles = {section.id: section.title for section in sections(pack)}
    pages: dict[str, tuple[DisclosedRecord, ...]] = {
        "search": (pack.search,),
        "people": (pack.people,),
        "alerts": pack.alert_lives,
        "told": pack.parents_told,
        "recipients": pack.recipients,
        "disagree": pack.contradictions,
        "matters": pack.complaint_trail,
    }
    for target, records in pages.items():
        if letters := frozenset[str]().union(*(grounds_in(r) for r in records)):
            found.append({"name": titles[target], "target": target, "grounds": sorted(letters)})
    for number, record in enumerate(pack.records, start=1):
        if letters := grounds_in(record):
            found.append(
                {"name": f"Record {number}", "target": f"record-{number}", "grounds": sorted(letters)}
            )
    return found


ONE_LINE = 60
"""Characters that stand beside their label. A mark counts as its own fixed words, never as what it hides."""


def fits_a_line(passage: Mapping[str, Any]) -> bool:
    """Whether a passage as it will read is short enough to stand on its label's line."""
    text = "".join(piece.get("text", PLACEHOLDER) for piece in passage["pieces"])
    return len(text) <= ONE_LINE and "\n" not in text.strip()


FILTERS: dict[str, Callable[..., Any]] = {
    "day": day,
    "opening": opening,
    "joined": joined,
    "counted": counted,
    "grouped": grouped,
    "fits_a_line": fits_a_line,
}
"""What the template may call."""
