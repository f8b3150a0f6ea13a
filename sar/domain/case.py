"""A case as the fold of its trail. Nothing here is stored: it is replayed whenever it is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum

from sar.domain.amending import Amendment, as_amended
from sar.domain.errors import OutOfOrder
from sar.domain.leg_state import Asked, LegState, OnDay, paired
from sar.domain.trail import Event, EventKind

ONLY_FIRST = "first"
"""What an answer says that closes the oldest open question alone."""


class Stage(Enum):
    """Where a leg stands, in the order of the route. The values are words for officers."""

    RECEIVED = "received"
    WAITING_FOR_FAMILY = "waiting for proof"
    DECISION = "waiting for a decision"
    """On a pathway that a named person answers, without a pack."""
    GATHERING = "gathering"
    REVIEW = "in review"
    SIGNED_OFF = "signed off"
    BLOCKED = "release blocked"
    RELEASED = "released"
    DELIVERED = "delivered"
    ANSWERED = "answered"
    """By a recorded decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationRequest:
    """A part of the request that asks for policies, statistics and the like. Its words are sealed."""

    number: int
    received_on: date
    answered_on: date | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseState:
    """A whole case, replayed."""

    received_on: date
    channel: str
    nation: str
    legs: Mapping[int, LegState]
    questions: tuple[OnDay, ...] = ()
    answers: tuple[OnDay, ...] = ()
    extensions: tuple[OnDay, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    """Dates put right and entries taken back, already applied to everything else here."""
    round: int = 0
    gathered_round: int = 0
    is_cancelled: bool = False
    """The newest round was stopped before its end; it can be begun again."""
    destroyed: bool = False
    information: tuple[InformationRequest, ...] = ()

    def clarifications(self, leg: int | None) -> tuple[Asked, ...]:
        """The questions about the whole request (None), or those that pause one leg: its own and the whole's."""
        whole = self._paired(None)
        return whole if leg is None else (*whole, *self._paired(leg))

    def own_clarifications(self, leg: int) -> tuple[Asked, ...]:
        """The questions that pause this leg alone."""
        return self._paired(leg)

    def _paired(self, leg: int | None) -> tuple[Asked, ...]:
        answers = [answer for answer in self.answers if answer.leg == leg]
        return paired(
            _days_of(self.questions, leg),
            [answer.on for answer in answers if not answer.is_only_first],
            first=[answer.on for answer in answers if answer.is_only_first],
        )

    def extended_on(self, leg: int) -> date | None:
        """The first notice of more time that this leg's family was given, whatever was entered first."""
        return min((*_days_of(self.extensions, None), *_days_of(self.extensions, leg)), default=None)

    def received_for(self, leg: int) -> date:
        """The day from which a part counts: its own, where it came on another day than the request."""
        mine = self.legs.get(leg)
        return self.received_on if mine is None or mine.received_on is None else mine.received_on

    def leg(self, number: int) -> LegState:
        """One leg, by its number."""
        if number not in self.legs:
            raise OutOfOrder("The case has no such leg.", next_step="Open the case again from the queue.")
        return self.legs[number]

    def stage(self, number: int) -> Stage:
        """Where a leg stands now: the furthest step its newest round has reached."""
        leg = self.leg(number)
        if not leg.whole_route:
            waits = Stage.WAITING_FOR_FAMILY if leg.waits_for else Stage.DECISION
            return Stage.ANSWERED if leg.decided_on else waits
        furthest = _furthest(self, leg)
        if furthest in {Stage.RECEIVED, Stage.GATHERING, Stage.REVIEW} and leg.waits_for:
            return Stage.WAITING_FOR_FAMILY
        return furthest


def _furthest(case: CaseState, leg: LegState) -> Stage:
    """The furthest step of the leg. A round begun only to prove a correction takes no release back."""
    if leg.signed_off_round > leg.released_round:
        return Stage.BLOCKED if leg.is_blocked else Stage.SIGNED_OFF
    if leg.released_round:
        return Stage.DELIVERED if leg.delivered_round >= leg.released_round else Stage.RELEASED
    if case.gathered_round:
        return Stage.REVIEW
    return Stage.GATHERING if case.round else Stage.RECEIVED


@dataclass
class _Replay:
    received_on: date | None = None
    channel: str = ""
    nation: str = ""
    legs: dict[int, LegState] = field(default_factory=dict)
    questions: list[OnDay] = field(default_factory=list)
    answers: list[OnDay] = field(default_factory=list)
    extensions: list[OnDay] = field(default_factory=list)
    round: int = 0
    gathered_round: int = 0
    is_cancelled: bool = False
    destroyed: bool = False
    asked: dict[int, date | None] = field(default_factory=dict)
    """Parts that ask for information, and the day each was received where it is not the case's own."""
    answered: dict[int, tuple[date, str]] = field(default_factory=dict)

    def information(self, received_on: date) -> tuple[InformationRequest, ...]:
        parts = []
        for number, own_day in sorted(self.asked.items()):
            answered_on, outcome = self.answered.get(number, (None, ""))
            parts.append(
                InformationRequest(
                    number=number,
                    received_on=own_day or received_on,
                    answered_on=answered_on,
                    outcome=outcome,
                )
            )
        return tuple(parts)


def replay(events: Iterable[Event]) -> CaseState:
    """The case as its trail tells it, each date as last corrected."""
    state, amended = _Replay(), as_amended(events)
    for event in amended.events:
        if step := _STEPS.get(event.kind):
            step(state, event)
    if state.received_on is None:
        raise OutOfOrder("The trail holds no request.", next_step="Check the trail with `sar trail verify`.")
    return CaseState(
        received_on=state.received_on,
        channel=state.channel,
        nation=state.nation,
        legs=dict(state.legs),
        questions=tuple(state.questions),
        answers=tuple(state.answers),
        extensions=tuple(state.extensions),
        amendments=amended.amendments,
        round=state.round,
        gathered_round=state.gathered_round,
        is_cancelled=state.is_cancelled,
        destroyed=state.destroyed,
        information=state.information(state.received_on),
    )


def _received(state: _Replay, event: Event) -> None:
    state.received_on = _day(event, "received_on")
    state.channel, state.nation = str(event.facts["channel"]), str(event.facts["nation"])
    state.legs = {n: LegState(number=n) for n in range(1, _number(event, "legs") + 1)}


def _leg_of(state: _Replay, event: Event) -> LegState:
    if event.leg not in state.legs:
        raise OutOfOrder(
            "The trail speaks of a leg the case does not have.",
            next_step="Check the trail with `sar trail verify`.",
        )
    return state.legs[event.leg]


def _change_leg(change: Callable[[LegState, Event], LegState]) -> Callable[[_Replay, Event], None]:
    def step(state: _Replay, event: Event) -> None:
        leg = change(_leg_of(state, event), event)
        state.legs[leg.number] = leg

    return step


def _on_day(name: str, kept: Callable[[_Replay], list[OnDay]]) -> Callable[[_Replay, Event], None]:
    """A step that keeps the day of something that may be about one leg, or about all of them."""

    def step(state: _Replay, event: Event) -> None:
        leg = None if event.leg is None else _leg_of(state, event).number
        only_first = event.facts.get("answers") == ONLY_FIRST
        kept(state).append(OnDay(leg=leg, on=_day(event, name), is_only_first=only_first))

    return step


def _authority_shown(leg: LegState, event: Event) -> LegState:
    """The last document that was needed came; older trails do not say which it was."""
    got = (*leg.authority_got, _day(event, "got_on"))
    if "evidence" not in event.facts:
        return replace(leg, authority_got=got, is_authority_uncoded=True)
    seen = (str(event.facts["evidence"]), _day(event, "seen_on"))
    return replace(leg, authority_got=got, evidence=(*leg.evidence, seen))


def _stopped(leg: LegState, event: Event) -> LegState:
    code = str(event.facts["code"])
    return replace(
        leg,
        conflicts=leg.conflicts | {code},
        stopped_by=leg.stopped_by | {(code, event.by)},
        lifted=leg.lifted - {code},
    )


def _lifted(leg: LegState, event: Event) -> LegState:
    code = str(event.facts["code"])
    return replace(
        leg,
        conflicts=leg.conflicts - {code},
        stopped_by=frozenset(stop for stop in leg.stopped_by if stop[0] != code),
        lifted=leg.lifted | {code},
    )


def _contact_changed(state: _Replay, event: Event) -> None:
    """Older trails say only that it changed, and not always for which leg."""
    if event.leg is None or "waits" not in event.facts:
        return
    leg = _leg_of(state, event)
    state.legs[leg.number] = replace(leg, contact_waits=bool(event.facts["waits"]), is_contact_by_staff=True)


def _days_of(things: Iterable[OnDay], leg: int | None) -> list[date]:
    return [thing.on for thing in things if thing.leg == leg]


def _gathering_started(state: _Replay, event: Event) -> None:
    state.round = max(state.round, _number(event, "round"))
    state.is_cancelled = False


def _gathering_cancelled(state: _Replay, event: Event) -> None:
    state.is_cancelled = _number(event, "round") == state.round > state.gathered_round


def _gathering_completed(state: _Replay, event: Event) -> None:
    state.gathered_round = max(state.gathered_round, _number(event, "round"))
    state.is_cancelled &= state.round > state.gathered_round


def _leg_added(state: _Replay, event: Event) -> None:
    if event.leg is None:
        raise OutOfOrder(
            "The trail adds a person without a number.",
            next_step="Check the trail with `sar trail verify`.",
        )
    own_day = _day(event, "received_on") if event.facts.get("received_on") else None
    state.legs.setdefault(event.leg, LegState(number=event.leg, received_on=own_day))


def _pathway_chosen(leg: LegState, event: Event) -> LegState:
    return replace(
        leg, pathway=str(event.facts["code"]), whole_route=bool(event.facts["whole_route"]), decided_on=None,
        outcome="",
    )  # fmt: skip


def _information_logged(state: _Replay, event: Event) -> None:
    # Without a day of its own it came with the request, and follows a correction of that day.
    own_day = _day(event, "received_on") if event.facts.get("received_on") else None
    state.asked[_number(event, "number")] = own_day


def _information_answered(state: _Replay, event: Event) -> None:
    state.answered[_number(event, "number")] = (_day(event, "on"), str(event.facts["outcome"]))


def _destroyed(state: _Replay, _event: Event) -> None:
    state.destroyed = True


def _day(event: Event, name: str) -> date:
    return date.fromisoformat(str(event.facts[name]))


def _number(event: Event, name: str) -> int:
    return int(str(event.facts[name]))


_STEPS: dict[EventKind, Callable[[_Replay, Event], None]] = {
    EventKind.REQUEST_RECEIVED: _received,
    EventKind.IDENTITY_ASKED: _change_leg(
        lambda leg, e: replace(leg, identity_asked=(*leg.identity_asked, _day(e, "asked_on")))
    ),
    EventKind.IDENTITY_SHOWN: _change_leg(
        lambda leg, e: replace(leg, identity_got=(*leg.identity_got, _day(e, "got_on")))
    ),
    EventKind.IDENTITY_JUDGED: _change_leg(lambda leg, _e: replace(leg, is_identity_judged=True)),
    EventKind.AUTHORITY_ASKED: _change_leg(
        lambda leg, e: replace(leg, authority_asked=(*leg.authority_asked, _day(e, "asked_on")))
    ),
    EventKind.AUTHORITY_SHOWN: _change_leg(_authority_shown),
    EventKind.EVIDENCE_SEEN: _change_leg(
        lambda leg, e: replace(leg, evidence=(*leg.evidence, (str(e.facts["evidence"]), _day(e, "got_on"))))
    ),
    EventKind.CONFLICT_RECORDED: _change_leg(_stopped),
    EventKind.CONFLICT_RESOLVED: _change_leg(_lifted),
    EventKind.CONTACT_CHANGED: _contact_changed,
    EventKind.CONTACT_CONFIRMED: _change_leg(lambda leg, _e: replace(leg, contact_waits=False)),
    EventKind.LEG_ADDED: _leg_added,
    EventKind.PATHWAY_CHOSEN: _change_leg(_pathway_chosen),
    EventKind.PATHWAY_DECIDED: _change_leg(
        lambda leg, e: replace(leg, decided_on=_day(e, "on"), outcome=str(e.facts["outcome"]))
    ),
    EventKind.INFORMATION_REQUEST_LOGGED: _information_logged,
    EventKind.INFORMATION_REQUEST_ANSWERED: _information_answered,
    EventKind.CLARIFICATION_ASKED: _on_day("asked_on", lambda state: state.questions),
    EventKind.CLARIFICATION_ANSWERED: _on_day("answered_on", lambda state: state.answers),
    EventKind.EXTENSION_NOTIFIED: _on_day("notified_on", lambda state: state.extensions),
    EventKind.GATHERING_STARTED: _gathering_started,
    EventKind.GATHERING_CANCELLED: _gathering_cancelled,
    EventKind.GATHERING_COMPLETED: _gathering_completed,
    EventKind.PROPOSALS_MADE: _change_leg(lambda leg, e: replace(leg, reviewed_round=_number(e, "round"))),
    EventKind.SIGNED_OFF: _change_leg(
        lambda leg, e: replace(leg, signed_off_round=_number(e, "round"), is_blocked=False)
    ),
    EventKind.SIGN_OFF_RETURNED: _change_leg(
        lambda leg, _e: replace(leg, signed_off_round=leg.released_round, is_blocked=False)
    ),
    EventKind.RELEASE_BLOCKED: _change_leg(lambda leg, _e: replace(leg, is_blocked=True)),
    EventKind.PACK_RELEASED: _change_leg(
        lambda leg, e: replace(leg, released_round=_number(e, "round"), is_blocked=False)
    ),
    EventKind.PACK_DELIVERED: _change_leg(
        lambda leg, e: replace(leg, delivered_round=_number(e, "round"), collected_at=None)
    ),
    EventKind.PACK_COLLECTED: _change_leg(lambda leg, e: replace(leg, collected_at=e.at)),
    EventKind.DESTROYED: _destroyed,
}
