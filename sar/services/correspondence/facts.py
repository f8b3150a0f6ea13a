"""What a letter is made of, worked out by the clock and the law. The only maker of ``LetterFacts``.

Nothing here can see a record: dates come from the trail, the clock and the law; words from a person or the law.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from sar.domain.case import CaseState
from sar.domain.clock import Deadline, ExtensionNotice
from sar.domain.clock import replay as run_clock
from sar.domain.complaints import ComplaintEvent, ComplaintFact, Outcome, next_step
from sar.domain.complaints import state_of as complaint_state
from sar.domain.disclosure import ConsultedPassage, LetterWords
from sar.domain.errors import AlreadyDone, AuthorityNotShown, NotFound, OutOfOrder, UnknownName
from sar.domain.letters import Audience, LetterKind
from sar.domain.parties import AccessRequest, Leg
from sar.domain.pathways import INFORMATION_PART, INFORMATION_REQUEST, Pathway
from sar.domain.statutes import Law
from sar.ports.casework import clock_facts, complaint_of, correction_of, request_of, state_of
from sar.ports.disclosing import LetterFacts
from sar.ports.keeping import CaseFile, Collection
from sar.ports.pages import ReleasedPack
from sar.services.correspondence.remedies import DATA_PROTECTION, own_remedies, span


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who writes, and how they are reached."""

    organisation: str
    contact: tuple[str, ...]
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLetter:
    """What somebody wants to send: the kind, the leg, their own words, and what it is about."""

    kind: str
    leg: int
    said: Mapping[str, str] = field(default_factory=dict)
    complaint: str = ""
    outcome: str = ""
    correction: str = ""
    place: str = ""
    consultation: str = ""


@dataclass(kw_only=True)
class Making:
    """A letter while its facts are put together."""

    file: CaseFile
    law: Law
    wanted: NewLetter
    leg: Leg
    on: date
    is_automatic: bool
    days: dict[str, date] = field(default_factory=dict)
    dues: tuple[date, ...] = ()
    words: dict[str, LetterWords] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)

    @property
    def state(self) -> CaseState:
        """The case as it stands."""
        return state_of(self.file)

    @property
    def is_information(self) -> bool:
        """About the part that asks for policies or numbers: it belongs to no leg."""
        return self.leg.number == INFORMATION_PART

    @property
    def received_on(self) -> date:
        """The day this part came."""
        if self.is_information and self.state.information:
            return min(part.received_on for part in self.state.information)
        return self.state.received_for(self.leg.number)

    @property
    def pathway(self) -> Pathway:
        """The law that answers this part."""
        return pathway_of(self.state, self.law, self.leg.number)

    @property
    def request(self) -> AccessRequest:
        """What was asked."""
        return request_of(self.file)

    def deadline(self, leg: int, *, extension: ExtensionNotice | None = None) -> Deadline:
        """One leg's clock."""
        return run_clock(
            clock_facts(self.state, leg, extension=extension), calendar=self.law.calendar,
            counting=self.law.clarification_counting, explain=False,
            refuse=extension is not None,
        )  # fmt: skip

    def say(self, **texts: str) -> None:
        """Add words; what is empty is left out."""
        self.words |= {name: LetterWords(text.strip()) for name, text in texts.items() if text.strip()}

    def due(self, code: str, event_on: date) -> date | None:
        """The last day of a limit, where the nation's law has it on that day (a fact, not a failure)."""
        if code not in self.law.time_limits or self.law.find_time_limit(code, event_on) is None:
            return None
        return self.law.due(code, event_on)

    def add_day(self, name: str, on: date | None) -> None:
        """A day of the letter, where there is one."""
        if on is not None:
            self.days[name] = on


def pathway_of(state: CaseState, law: Law, number: int) -> Pathway:
    """The law that answers a leg, or the part that asks for policies or numbers."""
    code = INFORMATION_REQUEST if number == INFORMATION_PART else state.leg(number).pathway
    return law.pathway(code, state.received_for(number))


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
        reference=str(making.file.reference),
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


def _addressee(making: Making, kind: LetterKind, passage: ConsultedPassage | None) -> tuple[str, str]:
    """Whom it goes to. A recipient only ever by the way that they said is safe."""
    said = making.wanted.said
    if kind.audience is not Audience.RECIPIENT:
        name = passage.consultee if passage is not None else said.get("to", "").strip()
        return name, said.get("address", "").strip()
    if not making.is_information and making.state.leg(making.leg.number).contact_waits:
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
        legs = making.request.legs
        mine = [leg.number for leg in legs if leg.recipient == making.leg.recipient]
        if making.state.information and making.request.asker == making.leg.recipient:
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
    making.days["court_by"] = law.due("court.limitation", on)
    regulator = law.regulator_on(on)
    making.say(
        regulator=regulator.name,
        website=regulator.website,
        telephone=regulator.telephone,
        regulator_more=law.time_limit("ico.lodge", on).discretion,
        court_more=law.time_limit("court.limitation", on).discretion,
    )


def _pack(making: Making) -> None:
    number = making.state.leg(making.leg.number).released_round
    if not number:
        raise OutOfOrder("The pack is not released.", next_step="Release it first.")
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


def _record_due(making: Making) -> None:
    """Only where the school's term dates are known."""
    for due in making.law.pathway_dues(making.pathway, making.received_on):
        making.days["record_due"] = due


def _complaint(making: Making) -> None:
    kept = complaint_of(making.file, making.wanted.complaint)
    if kept.leg is not None and kept.leg != making.leg.number:
        raise NotFound("That complaint is not about these records.", next_step="Open the complaint again.")
    state = complaint_state(kept.complaint, making.law)
    stage = making.law.route(kept.complaint.route).stage(state.stage)
    making.days["opened_on"] = state.stage_opened_on
    for name, limit in (("acknowledge_by", stage.acknowledge_limit), ("answer_by", stage.respond_limit)):
        if limit:
            making.add_day(name, making.due(limit, state.stage_opened_on))
    if not making.is_automatic:
        making.codes.add("formal")


def outcome_of(code: str) -> Outcome:
    """How a complaint ended."""
    if code not in {o.value for o in Outcome}:
        raise UnknownName(
            "That is not an outcome.",
            next_step="Choose one of: " + ", ".join(o.value for o in Outcome) + ".",
            field="outcome",
        )
    return Outcome(code)


def _complaint_answered(making: Making) -> None:
    kept = complaint_of(making.file, making.wanted.complaint)
    outcome = outcome_of(making.wanted.outcome)
    making.codes.add(outcome.value.replace(" ", "-"))
    fact = ComplaintFact(event=ComplaintEvent.ANSWERED, on=making.on, outcome=outcome)
    answered = replace(kept.complaint, facts=(*kept.complaint.facts, fact))
    route = making.law.route(answered.route)
    if route.code == DATA_PROTECTION:
        making.codes.add(DATA_PROTECTION)
        making.days["court_by"] = making.law.due("court.limitation", making.on)
    step = next_step(answered, making.law, making.on)
    if step.stage == complaint_state(answered, making.law).stage:
        return  # The last stage of its route.
    following = route.stage(step.stage)
    making.add_day("next_by", step.due_on)
    more = step.discretion if step.due_on else following.time_words
    making.say(next_title=following.title, next_how=following.how, next_more=more)


def _correction(making: Making) -> None:
    kept = correction_of(making.file, making.wanted.correction)
    if kept.leg != making.leg.number:
        raise NotFound("That correction is not about these records.", next_step="Open the correction again.")
    making.days["asked_on"] = kept.asked_on
    making.days["answer_by"] = kept.answer_by


def _correction_wanted(making: Making) -> None:
    """What the family wrote, for those who hold a copy."""
    kept = correction_of(making.file, making.wanted.correction)
    making.say(
        subject=making.request.subject_of(making.leg).name, alert=kept.alert_number,
        what_is_wrong=kept.what_is_wrong, what_it_should_say=kept.what_it_should_say,
    )  # fmt: skip


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
    "pupil-record": (_record_due,),
    "not-ours": (_remedies_of_the_law, _time_elsewhere),
    "complaint-acknowledgement": (_complaint,),
    "complaint-outcome": (_complaint, _complaint_answered),
    "correction-acknowledgement": (_correction,),
    "correction-notice": (_correction, _correction_wanted),
    "correction-outcome": (_correction, _remedies),
}
