"""Words of ours in a pack: covering letter, declared gaps, rights, next steps. Grade 8 at most."""

from __future__ import annotations

from datetime import date

from sar.domain.disclosure import Statement
from sar.domain.statutes import Law


def rights(law: Law, *, on: date) -> tuple[Statement, ...]:
    """What Article 15 says an answer must say, and how long records are kept."""
    items = [
        Statement(heading=i.title, paragraphs=(i.text,), citation=i.citation) for i in law.article15_on(on)
    ]
    kept = [f"{r.record}: {r.norm}" for r in law.retention]
    if kept:
        items.append(
            Statement(
                heading="How long records are usually kept",
                paragraphs=("These are the usual times. Ask each organisation for its own list.", *kept),
                citation="UK GDPR Article 15(1)(d)",
            )
        )
    return tuple(items)


def next_steps(law: Law, *, on: date) -> tuple[Statement, ...]:
    """What the family can do next, each with the date worked out for this pack."""
    regulator = law.regulator_on(on)
    filled = {
        "regulator": regulator.name,
        "website": regulator.website,
        "telephone": regulator.telephone,
    }
    return tuple(
        Statement(
            heading=entry.heading.format(**filled),
            paragraphs=tuple(p.format(**filled) for p in entry.paragraphs),
            by_on=law.due(entry.limit, on) if entry.limit else None,
            citation=entry.citation,
        )
        for entry in law.guidance_on(on)
    )


def letter(*, whose: str, records: int, has_withheld: bool, asked_as_foi: bool) -> tuple[str, ...]:
    """The covering letter's paragraphs, without greeting and signature."""
    first = (
        f"You asked for everything we hold about {whose}. Here it is: {_count(records)}, the "
        "oldest first, with pages that explain them."
    )
    foi = (
        "You used the words Freedom of Information. That law is for information that anybody may "
        "see. For records "
        "about yourself, the right way is a subject access request, so we treated your letter as one "
        "from the day it came."
    )
    withheld = (
        "Some words are covered. Each time, a named member of staff decided and a second one "
        "checked. The page \u201cWhat we "
        "withheld and why\u201d gives the reasons. You can ask us to look again."
    )
    close = (
        "Reading this may be hard. You do not have to read it in one go, or alone. If anything is "
        "wrong, the pages at the "
        "end say how to have it put right and how to complain, with dates."
    )
    return (first, *([foi] if asked_as_foi else []), *([withheld] if has_withheld else []), close)


def gaps(count: int) -> tuple[Statement, ...]:
    """The declared gap, without naming a place: the reviewed search page does that."""
    if not count:
        return ()
    places = "One place" if count == 1 else f"{count} places"
    return (
        Statement(
            heading="What is still missing",
            paragraphs=(
                (
                    f"{places} did not answer before this pack was made. The page \u201cWhat we "
                    f"searched\u201d shows which. We have "
                    "not stopped: we will ask again and send you whatever is found. Your right to it "
                    "is not affected."
                ),
            ),
            citation="UK GDPR Articles 12A and 15",
        ),
    )


def _count(records: int) -> str:
    return "1 record" if records == 1 else f"{records} records"
