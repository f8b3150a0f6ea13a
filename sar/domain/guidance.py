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
    return (
        Statement(
            heading="Ask us to look again at something we withheld",
            paragraphs=(
                (
                    "Tell us the number of the record and what you think is missing. You need not "
                    "say why. Somebody "
                    "who did not make the first decision will look at it and write to you."
                ),
            ),
            citation="UK GDPR Article 15; Data Protection Act 2018 Schedule 2",
        ),
        Statement(
            heading="Ask for something wrong to be put right",
            paragraphs=(
                (
                    "Tell us what is wrong and what it should say. You can ask us to pass the "
                    "correction to everybody "
                    "who was sent the mistake, and to tell you who they are. If we do not agree, you "
                    "can have your own "
                    "statement put with the record."
                ),
                "If you ask today, we must answer by the date shown.",
            ),
            by_on=law.due("rectification.reply", on),
            citation="UK GDPR Articles 16 and 19",
        ),
        Statement(
            heading="Complain to us",
            paragraphs=(
                (
                    "You can complain about how we used your information or how we dealt with your "
                    "request. If you "
                    "complain today, we must say by the date shown that we have your complaint."
                ),
            ),
            by_on=law.due("dp.complaint.acknowledge", on),
            citation="Data Protection Act 2018 s.164A",
        ),
        Statement(
            heading=f"Go to the {regulator.name}",
            paragraphs=(
                (
                    "If you are not happy with our answer you can complain to the regulator. "
                    f"{regulator.website}, telephone {regulator.telephone}."
                ),
                (
                    "It asks people to come within about three months of the last real contact with "
                    "us. Counted from "
                    "this pack, that is the date shown. It can look at a later complaint if you say "
                    "why it is late."
                ),
            ),
            by_on=law.due("ico.lodge", on),
            citation="Data Protection Act 2018 s.165",
        ),
        Statement(
            heading="Complain about care or about social work",
            paragraphs=(
                (
                    "What staff did is a different question from what is on file. Complaints about "
                    "the hospital go to the "
                    "trust and then to the health ombudsman. Complaints about children\u2019s "
                    "services go to the council and "
                    "then to the local government ombudsman. Enquiries under section 47 and child "
                    "protection "
                    "conferences have a route of their own: the council can tell you."
                ),
                (
                    "Most of these ask you to begin within 12 months of knowing about it. Counted "
                    "from this pack, that is "
                    "the date shown."
                ),
            ),
            by_on=law.due("nhs.complaint.lodge", on),
            citation="SI 2009/309; Children Act 1989 s.26",
        ),
        Statement(
            heading="Go to court",
            paragraphs=(
                (
                    "A court can order us to put things right and can award compensation. Get advice "
                    "first: this costs "
                    "money and has its own time limits."
                ),
            ),
            citation="Data Protection Act 2018 ss.167 and 168",
        ),
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
