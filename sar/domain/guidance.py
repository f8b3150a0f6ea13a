"""Words of ours in a pack: covering letter, declared gaps, rights, next steps. Grade 8 at most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sar.domain.alerts import say
from sar.domain.disclosure import Statement
from sar.domain.limits import WhoseLimit
from sar.domain.statutes import GuidanceEntry, Law

RIGHTS_PLACES = frozenset({"whose"})
STEP_PLACES = frozenset({"regulator", "website", "telephone", "on"})
"""What the law files may leave open in braces; a step with a time limit also ``{by}``."""


def rights(law: Law, *, on: date, whose: str = "you", kinds: Iterable[str] = ()) -> tuple[Statement, ...]:
    """What Article 15 says an answer must say, and how long records are kept.

    :param whose: "you", or the name of the person the records are about when somebody else reads them.
    :param kinds: kinds of the records in the pack. Times of other kinds (care, adoption) would only frighten.
    """
    items = [
        Statement(heading=i.title, paragraphs=(i.text.format(whose=whose),), citation=i.citation)
        for i in law.article15_on(on)
    ]
    held = frozenset(kinds)
    kept = [f"{r.record}: {r.norm}" for r in law.retention if held & set(r.kinds)]
    if kept:
        items.append(
            Statement(
                heading="How long records are usually kept",
                paragraphs=(
                    "Each organisation has a list of its own times. Ask for it. These are the usual ones.",
                    *kept,
                ),
                citation="UK GDPR Article 15(1)(d)",
            )
        )
    return tuple(items)


def next_steps(law: Law, *, on: date) -> tuple[Statement, ...]:
    """What the family can do next, each with the date worked out for this pack.

    Only a date the family should keep stands beside its step (``by_on``). A date of ours is said in the text: alone it
    would read as theirs.
    """
    regulator = law.regulator_on(on)
    filled = {
        "regulator": regulator.name,
        "website": regulator.website,
        "telephone": regulator.telephone,
        "on": say(on),
    }
    return tuple(_next_step(law, entry, on, filled) for entry in law.guidance_on(on))


def _next_step(law: Law, entry: GuidanceEntry, on: date, filled: Mapping[str, str]) -> Statement:
    by = law.due(entry.limit, on) if entry.limit else None
    is_theirs = by is not None and law.time_limit(entry.limit, on).whose is WhoseLimit.FAMILY
    words = {**filled, "by": say(by) if by else ""}
    return Statement(
        heading=entry.heading.format(**words),
        paragraphs=tuple(p.format(**words) for p in entry.paragraphs),
        by_on=by if is_theirs else None,
        citation=entry.citation,
    )


def letter(*, whose: str, records: int, has_withheld: bool, asked_as_foi: bool) -> tuple[str, ...]:
    """The covering letter's paragraphs, without greeting and signature."""
    asked = f"You asked for everything we hold about {whose}. "
    first = asked + (
        f"Here is what we may give you: {_count(records)}, the oldest first, with pages that explain them."
        if records
        else "We have no records to give you. The pages that follow say where we looked."
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


def gaps(count: int, *, named: Sequence[str] = ()) -> tuple[Statement, ...]:
    """The declared gap.

    :param named: a sentence for each place that the reviewed search page names too; no other may be named here.
    """
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
                *named,
            ),
            citation="UK GDPR Articles 12A and 15",
        ),
    )


def _count(records: int) -> str:
    return "1 record" if records == 1 else f"{records} records"
