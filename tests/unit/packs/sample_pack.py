"""One invented family's pack, long enough to have every kind of page. Everyone in it is invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sar.domain.disclosure import (
    Contact,
    DisclosedPassage,
    DisclosedRecord,
    GlossaryWord,
    Ground,
    Hidden,
    Pack,
    Shown,
    Statement,
    WithheldWhole,
)

TRUST = "Fenwater Hospitals NHS Trust"
COUNCIL = "Aldermoor Council"
SECRETS = (
    "Theodora Quillfeather",
    "14 Saltmarsh Row",
    "07700 900471",
    "quillfeather@post.example",
    "the lodger at number nine",
)
"""Words an officer withheld. None of them is anywhere in the pack."""

KINDS = (
    "alert", "referral or contact", "case note", "visit", "assessment", "correspondence", "strategy discussion",
    "section 47 enquiry", "access-log entry", "adult safeguarding enquiry (section 42)",
)  # fmt: skip
SENTENCES = (
    "Home visit with Priya Raman (health visitor). Nadia was asleep for most of the visit and woke settled.",
    "The kitchen was clean and there was food in the house.",
    "Ruth Calloway said that she had not been told why staff were asking about her.",
    "I explained that I did not know who had first raised it and that I would ask.",
    "Her partner came in from work at ten past five and joined the talk.",
    "No worry about care, feeding or safety was seen on this visit.",
    "Plan: share with the GP, Dr Owen Marsh, and close if the other checks come back clear.",
    "The old record from 2009 was read again. It is about another person with nearly the same name.",
    "Midwife Grace Adeyemi recorded that both parents were warm and quick to respond to the baby.",
    "Ruth asked for a copy of this note. I told her how to ask for her records.",
)


def shown(label: str, text: str) -> DisclosedPassage:
    return DisclosedPassage(label=label, pieces=(Shown(text=text),))


def generated(kind: str, *passages: DisclosedPassage) -> DisclosedRecord:
    return DisclosedRecord(
        kind=kind, dated_on=date(2024, 3, 4), origin="hospital alerts", controller=TRUST,
        found_by="put together by this service", retrieved_on=date(2026, 11, 2), also_held_in=(), passages=passages,
    )  # fmt: skip


def _record(number: int, length: int) -> DisclosedRecord:
    told = [SENTENCES[(number * 3 + i) % len(SENTENCES)] for i in range(length)]
    pieces = (
        Shown(text=" ".join(told[: length // 2]) + "\n\nA call came in from "),
        Hidden(ground="A"),
        Shown(text=" about something else. The caller, "),
        Hidden(ground="A"),
        Shown(text=", was thanked.\n" + " ".join(told[length // 2 :])),
    )
    plain = (Shown(text="\n".join(told)),)
    return DisclosedRecord(
        kind=KINDS[number % len(KINDS)],
        dated_on=date(2024, 1, 8) + timedelta(days=17 * number),
        origin=("Hospital alerts", "Council children’s services", "Hospital letters")[number % 3],
        controller=COUNCIL if number % 3 == 1 else TRUST,
        found_by="NHS number" if number % 3 != 1 else "council person number",
        retrieved_on=date(2026, 11, 2),
        also_held_in=("School nursing", "GP letters") if number % 7 == 0 else (),
        passages=(
            shown("Reason", SENTENCES[number % len(SENTENCES)]),
            DisclosedPassage(label="Note", pieces=pieces if number % 4 == 0 else plain),
            *(
                (shown("Outcome", "No further action.\n  - GP told\n  - parents not told"),)
                if number % 3 == 0
                else ()
            ),
        ),
    )


def _life() -> DisclosedRecord:
    return generated(
        "life of an alert",
        shown("4 March 2024: raised", "By a safeguarding midwife. First category: “child protection”."),
        shown("4 March 2024: sent out", "To the emergency department, the GP and the council front door."),
        DisclosedPassage(
            label="6 March 2024: who was told",
            pieces=(Shown(text="The school nurse and "), Hidden(ground="B"), Shown(text=" were told.")),
        ),
        shown(
            "19 June 2024: re-labelled",
            "Category changed to “safeguarding issue” after an old file was searched.",
        ),
        shown("Now", "Still active when we looked on 2 November 2026. No review is recorded."),
    )


def _search() -> DisclosedRecord:
    return generated(
        "what we searched",
        shown("Hospital alerts (Fenwater Hospitals NHS Trust)", "Found 9 records, asked by NHS number."),
        shown(
            "Council children’s services (Aldermoor Council)",
            "Found 14 records, asked by council person number.",
        ),
        shown("Ambulance (Fenwater Hospitals NHS Trust)", "Nothing held."),
        shown("Housing (Aldermoor Council)", "This number is not used here."),
        shown(
            "School nursing (Fenwater Hospitals NHS Trust)",
            "Did not answer at first.\nAnswered on the second try.",
        ),
    )


def sample_pack(*, records: int = 40, length: int = 22) -> Pack:
    """The pack. ``records=40, length=22`` makes about sixty pages."""
    return Pack(
        reference="SA-2031-0042",
        leg="ruth",
        round=1,
        dated_on=date(2026, 11, 18),
        received_on=date(2026, 10, 20),
        due_on=date(2026, 11, 20),
        recipient="Ruth Calloway",
        subject="Ruth Calloway",
        is_own_data=True,
        controllers=(
            Contact(
                organisation=TRUST,
                lines=("Records team, Fenwater House", "Aldermoor AM1 1AA", "01632 960101"),
            ),
            Contact(organisation=COUNCIL, lines=("Information rights, Town Hall", "Aldermoor AM1 2BB")),
        ),
        letter=(
            "You asked us for the records we hold about you. They are here.",
            "We are sorry that nobody told you about the alert when it was made. "
            "You asked why you were being looked at. "
            "The pages after this letter answer that as far as the records do.",
            "Some words are covered, most of them because they are about other people. Each place is marked.",
        ),
        clock_steps=(
            "We had your request on Tuesday 20 October 2026. The law counts from that day.",
            "One month later is Friday 20 November 2026. It is a working day, so that is the date.",
        ),
        search=_search(),
        gaps=(
            Statement(
                heading="Community dental service",
                paragraphs=(
                    "This store was down on each of our three tries. We will ask again and write to you.",
                ),
                by_on=date(2026, 12, 4),
            ),
        ),
        people=generated(
            "people named in these records",
            shown("Health visitor", "Priya Raman"),
            shown("Midwife", "Grace Adeyemi"),
            shown("GP", "Dr Owen Marsh"),
            DisclosedPassage(label="Your family", pieces=(Shown(text="Nadia Calloway, daughter"),)),
        ),
        alert_lives=(_life(),),
        parents_told=(
            generated(
                "should we have been told?",
                shown("Were you told when it was raised?", "No. Nothing shows that anyone told you."),
                shown("Was a reason written down?", "No reason is recorded."),
            ),
        ),
        recipients=(
            generated(
                "who was told",
                shown("4 March 2024", "Emergency department, Fenwater Hospital: the alert and its category."),
                shown("4 March 2024", "Dr Owen Marsh, GP: a letter."),
            ),
        ),
        contradictions=(
            generated(
                "where the records disagree",
                shown("Council assessment, 30 May 2024", "“No safeguarding concern. Closed.”"),
                shown("Hospital alert, the same day", "“Active.”"),
            ),
        ),
        complaint_trail=(
            generated(
                "complaints and corrections",
                shown("1 October 2026: stage one complaint", "Received. Answer due by 29 October 2026."),
                shown("28 October 2026: answered", "Upheld in part."),
            ),
        ),
        records=tuple(_record(n, length) for n in range(records)),
        grounds=(
            Ground(
                letter="A",
                words="It would show who another person is, and they have not agreed.",
                statute="Data Protection Act 2018, Schedule 2, paragraph 16",
            ),
            Ground(letter="B", words="A general reason: the law lets us withhold this.", statute=""),
        ),
        withheld_whole=(WithheldWhole(kind="correspondence", ground="Legal advice to the organisation"),),
        rights=(
            Statement(
                heading="Why we hold your data",
                paragraphs=("To give care, and to keep children safe.",),
                citation="UK GDPR, Article 15(1)(a)",
            ),
            Statement(
                heading="Your right to complain",
                paragraphs=(
                    "You can complain to us first. We must say within 30 days that we have your complaint.",
                ),
                citation="Data Protection Act 2018, section 164A",
            ),
        ),
        next_steps=(
            Statement(
                heading="Ask for something to be put right",
                paragraphs=("Tell us the record’s number and what is wrong.",),
            ),
            Statement(
                heading="Challenge what we withheld",
                paragraphs=("A person who did not make the decision looks again.",),
                by_on=date(2027, 2, 18),
            ),
        ),
        glossary=(
            GlossaryWord(
                term="Child protection", meaning="Steps for a child likely to come to serious harm."
            ),
            GlossaryWord(
                term="Safeguarding", meaning="The wider duty of care: keeping people well and safe."
            ),
            GlossaryWord(
                term="Section 47 enquiry",
                meaning="The council asks whether a child is being seriously harmed.",
            ),
        ),
        trail_head="9f" * 32,
    )


def childs_pack() -> Pack:
    """The small other case: a child's records for her mother, almost everything empty."""
    return replace(
        sample_pack(records=1, length=2),
        subject="Nadia Calloway", is_own_data=False, leg="nadia", gaps=(), alert_lives=(), parents_told=(),
        recipients=(), contradictions=(), complaint_trail=(), grounds=(), withheld_whole=(), round=2,
        records=(
            replace(_record(1, 3), passages=(shown("Note", "Nadia was well.\n  Weight: 7.2 kg"),)),
        ),
    )  # fmt: skip
