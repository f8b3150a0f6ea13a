"""What a letter is made of, worked out by the clock and the law. The only maker of ``LetterFacts``.

Nothing here can see a record: dates come from the trail, the clock and the law; words from a person or the law.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sar.domain.clock import ExtensionNotice
from sar.domain.consulting import reference_of
from sar.domain.disclosure import ConsultedPassage
from sar.domain.errors import AlreadyDone, AuthorityNotShown, OutOfOrder
from sar.domain.letters import Audience, LetterKind
from sar.domain.pathways import INFORMATION_PART, INFORMATION_REQUEST, Pathway, RecordsOf
from sar.domain.statutes import Law
from sar.ports.disclosing import LetterFacts
from sar.ports.keeping import Collection
from sar.ports.readiness import ReleasedPack
from sar.ports.standing import require_clear
from sar.services.correspondence.disputes import answer_facts, complaint_facts, correction_facts, wanted_facts
from sar.services.correspondence.making import Making, Sender
from sar.services.correspondence.remedies import DATA_PROTECTION, court_time, own_remedies, span


def facts_of(
    making: Making, kind: LetterKind, sender: Sender, passage: ConsultedPassage | None
) -> LetterFacts:
    """The facts of one letter, as things stand on its day."""
    making.days["dated_on"] = making.on
    making.add_day("received_on", making.received_on)
    shown = {p.name for p in kind.parts if not p.is_kept_back}
    making.say(
        **{name: text for name, text in making.wanted.said.items() if name in shown - {"to", "address"}}
    )
    for add in _FACTS.get(kind.code, ()):
        add(making)
    to, address = _addressee(making, kind, passage)
    # What leaves by itself names nobody and nothing: somebody else may read the screen.
    is_quiet = making.is_automatic and "@" in address
    return LetterFacts(
        kind=kind.code,
        reference=_reference(making, kind),
        to="" if is_quiet else to,
        address=address,
        organisation=sender.organisation,
        contact=() if is_quiet else sender.contact,
        site=sender.site,
        dated_on=making.on,
        days=dict(making.days),
        dues=making.dues,
        words=dict(making.words),
        codes=frozenset(making.codes),
        passage=passage,
    )


def _reference(making: Making, kind: LetterKind) -> str:
    """The case's own; whoever is only asked learns nothing by which to find the case, or whose it is."""
    if kind.audience is Audience.CONSULTEE:
        return reference_of(making.wanted.consultation)
    return str(making.file.reference)


def _addressee(making: Making, kind: LetterKind, passage: ConsultedPassage | None) -> tuple[str, str]:
    """Whom it goes to. A recipient only ever by the way that they said is safe."""
    said = making.wanted.said
    if kind.audience is not Audience.RECIPIENT:
        name = passage.consultee if passage is not None else said.get("to", "").strip()
        return name, said.get("address", "").strip()
    numbers = {leg.number for leg in making.request.legs_of(making.leg.recipient)} | {making.leg.number}
    if any(making.state.leg(number).contact_waits for number in numbers - {INFORMATION_PART}):
        raise AuthorityNotShown(
            "A new address waits to be confirmed, so no letter goes there.",
            next_step="Confirm it through a contact that was on record, or in another safe way.",
        )
    contact = making.leg.recipient.contact
    address = contact.email or contact.postal_address
    if not address:
        raise OutOfOrder(
            "No safe way to write to this person is known, so no letter can be sent.",
            next_step="Ring them if that is safe, ask for a safe address, and record it on the case page.",
        )
    return making.leg.recipient.name, address


# --- what each letter needs ------------------------------------------------------------------------


def _answer_due(making: Making) -> None:
    """The day of the answer of this part; in an acknowledgement of every part of the same recipient."""
    mine = [making.leg.number]
    if making.wanted.kind == "acknowledgement":
        mine = [leg.number for leg in making.request.legs_of(making.leg.recipient)]
        if making.state.information and making.request.asker.is_same_as(making.leg.recipient):
            mine.append(INFORMATION_PART)
    parts = [part for number in mine for part in _parts_due(making, number)]
    making.dues = tuple(sorted({part for part in parts if isinstance(part, date)}))
    making.codes |= {part for part in parts if isinstance(part, str)}
    if len(parts) > 1:
        making.codes.add("several")
    if making.request.asked_as_foi and making.request.legs and not making.is_automatic:
        making.codes.add("foi")


def _parts_due(making: Making, number: int) -> tuple[date | str, ...]:
    """The day of each part; else why there is none: "open" waits for proof, "no-limit", "not-counted" yet."""
    law, state = making.law, making.state
    if number == INFORMATION_PART:
        days = [part.received_on for part in state.information if part.answered_on is None]
        return tuple(_first_due(law, law.pathway(INFORMATION_REQUEST, day), day) for day in days)
    leg, day = state.leg(number), state.received_for(number)
    if leg.whole_route:
        return (making.deadline(number).due_on or "open",)
    return (_first_due(law, law.pathway(leg.pathway, day), day),)


def _first_due(law: Law, pathway: Pathway, received_on: date) -> date | str:
    if not pathway.time_limits:
        return "no-limit"
    return next(iter(law.pathway_dues(pathway, received_on)), "not-counted")


def _asked_today(making: Making) -> None:
    making.days["asked_on"] = making.on
    if making.pathway.whole_route:
        making.codes.add("starts")


def _more_time(making: Making) -> None:
    """The new day of the answer. The clock refuses a notice that comes too late: then there is no letter."""
    if making.state.extended_on(making.leg.number) is not None:
        raise AlreadyDone(
            "Notice of more time was given before; there is only one.",
            next_step="Send a letter about how it is going instead.",
        )
    before = making.deadline(making.leg.number)
    if before.due_on is None or before.extension_notice_by is None:
        raise OutOfOrder(
            "The time to answer has not started, so it cannot be made longer.",
            next_step="Wait for what was asked for; the time starts when it comes.",
        )
    notice = ExtensionNotice(given_on=making.on, reasons=making.wanted.said.get("reasons", ""))
    after = making.deadline(making.leg.number, extension=notice)
    making.days["due_before"] = before.due_on
    making.days["notice_by"] = before.extension_notice_by
    making.add_day("due_on", after.due_on)


def _remedies_of_the_law(making: Making) -> None:
    """What can be done against this letter, by the law that answers the part it is about."""
    pathway = making.pathway
    if pathway.appeal == DATA_PROTECTION:
        _remedies(making)
    else:
        making.say(remedies=own_remedies(making.law, pathway, making.on))


def _time_elsewhere(making: Making) -> None:
    """How long another holder has, by the same law."""
    pathway, on = making.pathway, making.on
    if pathway.appeal == DATA_PROTECTION:
        making.say(their_time="It is free. They have a month from the day they get it.")
        return
    limits = [law for code in pathway.time_limits if (law := making.law.find_time_limit(code, on))]
    if limits:
        making.say(their_time=f"They have {span(max(limits, key=lambda one: one.count))} to answer.")


def _remedies(making: Making) -> None:
    """Section 164A, section 165 and the court (Article 12(4)), each counted from the day of the letter."""
    law, on = making.law, making.on
    making.add_day("acknowledge_by", making.due("dp.complaint.acknowledge", on))
    making.days["regulator_by"] = law.due("ico.lodge", on)
    regulator = law.regulator_on(on)
    making.say(
        regulator=regulator.name,
        website=regulator.website,
        telephone=regulator.telephone,
        regulator_more=law.time_limit("ico.lodge", on).discretion,
        court_time=court_time(law),
    )


def _pack(making: Making) -> None:
    number = making.state.leg(making.leg.number).released_round
    if not number:
        raise OutOfOrder("The pack is not released.", next_step="Release it first.")
    # The letter that goes with a pack goes with it: what holds back the one holds back the other.
    require_clear(making.file, making.leg.number, on=making.on, presumption=making.law.age_presumption)
    kept = making.file.latest(Collection.PACK, f"{number}/{making.leg.number}", ReleasedPack)
    making.days["pack_on"] = kept.dated_on


def _opinion_due(making: Making) -> None:
    making.add_day("due_on", making.deadline(making.leg.number).due_on)


def _information_due(making: Making) -> None:
    known = [due for due in _parts_due(making, INFORMATION_PART) if isinstance(due, date)]
    days = known or making.law.pathway_dues(making.pathway, making.received_on)
    making.days["information_due"] = min(days)


def _health_due(making: Making) -> None:
    """The shorter time counts where the record was added to of late."""
    pathway, received_on = making.pathway, making.received_on
    recent_due, due = making.law.pathway_dues(pathway, received_on)
    making.days["health_due"], making.days["health_due_recent"] = due, recent_due
    making.say(health_act=making.law.time_limit(pathway.time_limits[0], received_on).instrument)


def _dead_file(making: Making) -> None:
    """The ombudsman of the nation, and the way there."""
    is_health = making.wanted.kind == "dead-health-without-right"
    if making.leg.records == RecordsOf.SCHOOL.value:
        return  # A school has a route of its own and no ombudsman.
    route = making.law.route_for_the_dead(RecordsOf.HEALTH if is_health else RecordsOf.COUNCIL)
    if route is not None:
        making.say(route=route.title, ombudsman=route.stage("ombudsman").who)


def _record_due(making: Making) -> None:
    """Only where the school's term dates are known."""
    for due in making.law.pathway_dues(making.pathway, making.received_on):
        making.days["record_due"] = due


_FACTS: dict[str, tuple[Callable[[Making], None], ...]] = {
    "acknowledgement": (_answer_due,),
    "identity-request": (_asked_today,),
    "clarification": (_asked_today,),
    "extension": (_more_time, _remedies),
    "progress": (_answer_due,),
    "covering": (_pack, _remedies),
    "refusal": (_remedies_of_the_law,),
    "health-opinion-request": (_opinion_due,),
    "foi-own-records": (_answer_due,),
    "information-request": (_information_due,),
    "care-leaver": (_answer_due,),
    "competent-child": (_answer_due,),
    "adopted-adult": (_answer_due,),
    "parent-without-responsibility": (_remedies,),
    "health-records-of-the-dead": (_health_due,),
    "dead-council-file": (_dead_file,),
    "dead-health-without-right": (_dead_file,),
    "pupil-record": (_record_due,),
    "not-ours": (_remedies_of_the_law, _time_elsewhere),
    "complaint-acknowledgement": (complaint_facts,),
    "complaint-outcome": (complaint_facts, answer_facts),
    "correction-acknowledgement": (correction_facts,),
    "correction-notice": (correction_facts, wanted_facts),
    "correction-outcome": (correction_facts, _remedies),
}
