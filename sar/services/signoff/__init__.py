"""The second person. Here, and only here, a record becomes something that may leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from sar.domain.calendar import uk_day
from sar.domain.disclosure import DisclosedRecord, Ground, Needles
from sar.domain.disclosure import WithheldWhole as WithheldWhole
from sar.domain.disclosure import fold as fold
from sar.domain.errors import (
    DecisionNotSupported,
    InvalidInput,
    NotAllowed,
    OutOfOrder,
    SecondPersonNeeded,
    UndecidedProposals,
)
from sar.domain.errors import (
    SARError as SARError,
)
from sar.domain.exemptions import Saying as Saying
from sar.domain.matching import Proposal, Verdict
from sar.domain.needles import needles_of, with_safe_labels
from sar.domain.parties import Actor, StaffRole
from sar.domain.records import Record, RecordKind
from sar.domain.redaction import (
    Decision,
    GroundKey,
    Outcome,
    only_named,
    redact,
)
from sar.domain.redaction import (
    effective as effective,
)
from sar.domain.redaction import (
    undecided as undecided,
)
from sar.domain.references import CaseId, RecordKey
from sar.domain.statutes import Law
from sar.domain.trail import EventKind
from sar.ports.casework import (
    SignedOff,
    state_of,
)
from sar.ports.casework import (
    decisions_of as decisions_of,
)
from sar.ports.casework import (
    leg_of as leg_of,
)
from sar.ports.casework import (
    leg_records as leg_records,
)
from sar.ports.casework import (
    proposals_of as proposals_of,
)
from sar.ports.casework import (
    record_decisions_of as record_decisions_of,
)
from sar.ports.casework import (
    register_of as register_of,
)
from sar.ports.casework import (
    request_of as request_of,
)
from sar.ports.casework import (
    require_whole_route as require_whole_route,
)
from sar.ports.deciding import WhoDecides
from sar.ports.gaps import Declared
from sar.ports.gathering import StoreDescription
from sar.ports.keeping import Archive, Collection
from sar.ports.keeping import CaseFile as CaseFile
from sar.ports.readiness import Readiness
from sar.ports.standing import hindrances
from sar.services.signoff.changed import across_legs, changed_after, changed_and_not_seen
from sar.services.signoff.consulted import refused_and_not_weighed, still_open
from sar.services.signoff.declared import declare, to_declare
from sar.services.signoff.law_checks import LawChecks
from sar.services.signoff.leg_review import (
    LegReview,
    controllers_of,
    inconsistent,
    letters,
    not_compared,
    readers_own_words,
    rests_on_hidden,
    to_ask_again,
    withheld_from_same_reader,
    withheld_whole,
)
from sar.services.signoff.since import come_since
from sar.services.signoff.unasked import never_asked


class SignOff:
    """Checks that a leg is ready, and signs it off for a second person."""

    def __init__(
        self, *, archive: Archive, law: Law, who: WhoDecides, is_health_professional: bool = False,
        readable: Callable[[date], Iterable[StoreDescription]] = lambda _on: (),
    ) -> None:  # fmt: skip
        """With ``is_health_professional`` the controller itself counts as one, and needs no other's opinion.

        :param who: whose approvers sign for whose records.
        :param readable: the stores that may be asked on a day: none of them may be passed over.
        """
        self._who = who
        self._readable = readable
        self._archive = archive
        self._law = law
        self._is_health_professional = is_health_professional

    def readiness(self, case: CaseId, *, leg: int, on: date) -> Readiness:
        """What stands in the way, in words."""
        with self._archive.reading(case) as file:
            return self._readiness(LegReview(file, leg), on)

    def sign_off(
        self, case: CaseId, *, leg: int, at: datetime, by: Actor, gaps: Sequence[Declared] = ()
    ) -> None:
        """Redact every record and keep what may leave.

        :param gaps: what the approver says of each place that has no final answer.
        :raises InvalidInput: a place is missing and nothing is said of it; the field names the place.
        :raises SecondPersonNeeded: the approver decided something in this leg.
        :raises UndecidedProposals: something waits for a person.
        :raises NotAllowed: not an approver, or of a body none of whose records go out here.
        :raises DecisionNotSupported: a decision lacks what the law asks for.
        """
        if not by.has(StaffRole.APPROVER):
            raise NotAllowed("Only an approver may sign off.", next_step="Ask an approver.")
        with self._archive.writing(case) as file:
            mine = LegReview(file, leg)
            require_whole_route(mine.state, leg)
            if not mine.round or mine.state.leg(leg).reviewed_round < mine.round:
                raise OutOfOrder(
                    "The newest gathering is not reviewed yet.", next_step="Make the proposals first."
                )
            if mine.state.leg(leg).signed_off_round >= mine.round:
                raise OutOfOrder(
                    "This leg is signed off already.", next_step="Release it, or return it to review."
                )
            self._require_theirs(mine, by, uk_day(at))
            self._refuse_deciders(mine, by)
            self._refuse_unready(mine, uk_day(at))
            declare(mine, gaps, at=at, by=by)
            signed = self._signed(mine, leg)
            file.keep(Collection.SIGNED_OFF, f"{mine.round}/{leg}", signed)
            file.record(
                EventKind.SIGNED_OFF, at=at, by=by, leg=leg, round=mine.round, records=len(signed.records),
                withheld_whole=len(signed.withheld_whole), content=file.keyed_digest(repr(signed).encode()),
            )  # fmt: skip

    def require_lawful(self, file: CaseFile, *, leg: int, round_number: int, on: date) -> None:
        """Ask the law's own tests once more, on the day the signed-off round is released or handed over.

        :raises DecisionNotSupported: an opinion has grown old, or the law does not allow something any more.
        :raises OutOfOrder: something was gathered, added or confirmed since that the pack would leave out.
        """
        signed = LegReview(file, leg, round_number)
        if since := list(come_since(signed)):
            raise OutOfOrder(
                since[0], next_step="Decide on what is new and sign it off again: a new pack is made."
            )
        if refusals := list(self._unlawful(signed, on)):
            raise DecisionNotSupported(
                refusals[0], next_step="Put it right in the review, and sign it off again."
            )

    def return_to_review(self, case: CaseId, *, leg: int, reason: str, at: datetime, by: Actor) -> None:
        """Take a sign-off back before release; decisions stand and can be made again."""
        if not by.has(StaffRole.APPROVER):
            raise NotAllowed("Only an approver may return a leg.", next_step="Ask an approver.")
        if not reason.strip():
            raise InvalidInput("A reason is missing.", next_step="Write why it goes back.", field="reason")
        with self._archive.writing(case) as file:
            state = state_of(file).leg(leg)
            if state.signed_off_round <= state.released_round:
                raise OutOfOrder("There is no sign-off to take back.", next_step="Open the case again.")
            self._require_theirs(LegReview(file, leg, state.signed_off_round), by, uk_day(at))
            file.keep(Collection.NOTE, f"returned-{leg}-{len(file.events())}", (reason.strip(),))
            file.record(EventKind.SIGN_OFF_RETURNED, at=at, by=by, leg=leg, round=state.signed_off_round)

    def _readiness(self, mine: LegReview, on: date) -> Readiness:
        open_records = [r for r in mine.records if mine.outcome(r) is None]
        count = Counter(d.outcome for r in mine.records if (d := mine.outcome(r)))
        return Readiness(
            records=len(mine.records),
            undecided_records=len(open_records),
            undecided_proposals=len(mine.undecided()),
            disclosed=count[Outcome.DISCLOSE],
            withheld=count[Outcome.WITHHOLD],
            out_of_scope=count[Outcome.OUT_OF_SCOPE],
            blockers=tuple(dict.fromkeys((*self._blockers(mine, on), *_since_sign_off(mine)))),
            warnings=(
                *still_open(mine),
                *not_compared(mine),
                *changed_after(mine),
                *readers_own_words(mine),
                *inconsistent(mine),
                *across_legs(mine),
            ),
            short_strings=_needles(mine).short,
            missing=to_declare(mine),
            controllers=controllers_of(mine),
            to_confirm=self._to_confirm(mine),
            deciders=tuple(
                sorted(
                    {d.decider_role for d in mine.standing()}
                    | {d.decider_role for d in mine.outcomes.values()}
                )
            ),
        )

    def _to_confirm(self, mine: LegReview) -> tuple[tuple[str, str], ...]:
        protected = {p.id for p in mine.proposals if self._is_protected(p)}
        waiting = [d for d in mine.standing() if d.verdict is Verdict.DISCLOSE and d.approved_by is None]
        return tuple((str(d.span.record), d.proposal) for d in waiting if d.proposal in protected)

    def _is_protected(self, proposal: Proposal) -> bool:
        return proposal.is_source or self._law.exemption(str(proposal.exemption)).second_person_to_disclose

    def _require_theirs(self, mine: LegReview, by: Actor, on: date) -> None:
        holders = {r.provenance.controller for r in mine.records if not r.kind.is_generated}
        self._who.require_for(by, holders, on=on, what="What was found for this part")

    def _refuse_deciders(self, mine: LegReview, by: Actor) -> None:
        deciders = {d.decided_by for d in mine.decisions} | {d.decided_by for d in mine.outcomes.values()}
        if by.id in {str(d) for d in deciders} | mine.gate_openers():
            raise SecondPersonNeeded(
                "You decided on parts of this yourself.", next_step="Ask another approver to sign it off."
            )

    def _refuse_unready(self, mine: LegReview, on: date) -> None:
        open_records = sum(mine.outcome(r) is None for r in mine.records)
        if open_records or mine.undecided():
            raise UndecidedProposals(
                f"{open_records} records and {len(mine.undecided())} proposals wait for a person.",
                next_step="Decide each of them in the review.",
            )
        if blockers := list(self._blockers(mine, on)):
            raise DecisionNotSupported(blockers[0], next_step="Open the review and put it right.")

    def _blockers(self, mine: LegReview, on: date) -> Iterable[str]:
        presumption = self._law.age_presumption
        yield from (e.message for e in hindrances(mine.file, mine.leg.number, on=on, presumption=presumption))
        if not mine.state.leg(mine.leg.number).is_known:
            yield (
                "Nobody has recorded how they know who is asking. A name and a date of birth are known to a former "
                "partner too."
            )
        if not mine.records:
            yield "There is nothing to sign off."
        for record in mine.records:
            made = mine.outcome(record)
            if made and made.outcome is Outcome.WITHHOLD and made.exemption is None:
                yield "A record is withheld without an exemption."
            if record.kind.is_generated and made and made.outcome is not Outcome.DISCLOSE:
                yield f"The page \u201c{record.kind.value}\u201d has to go out, with words withheld where needed."
        yield from changed_and_not_seen(mine)
        yield from never_asked(mine, self._readable(on))
        yield from to_ask_again(mine)
        yield from rests_on_hidden(mine, self._law)
        yield from refused_and_not_weighed(mine)
        yield from self._unlawful(mine, on)

    def _unlawful(self, mine: LegReview, on: date) -> Iterable[str]:
        yield from withheld_from_same_reader(mine)
        law = LawChecks(mine, self._law, on, is_health_professional=self._is_health_professional)
        yield from law.refusals()

    def _signed(self, mine: LegReview, leg: int) -> SignedOff:
        lettered = letters(mine, self._law)
        needles = _needles(mine)
        redacted = _redacting(mine, lettered)
        out = [(r, with_safe_labels(redacted(r), needles)) for r in mine.going_out()]
        events = mine.file.events()
        said = [d for r, d in out if r.kind is not RecordKind.PEOPLE_KEPT]
        return SignedOff(
            leg=leg,
            round=mine.round,
            records=tuple(d for r, d in out if not r.kind.is_generated),
            generated=tuple(
                only_named(d, said) if r.kind is RecordKind.PEOPLE_KEPT else d
                for r, d in out
                if r.kind.is_generated
            ),
            grounds=tuple({g.letter: g for g in lettered.values()}.values()),
            withheld_whole=withheld_whole(mine, lettered),
            trail_head=events[-1].digest,
        )


def _redacting(mine: LegReview, letters: dict[GroundKey, Ground]) -> Callable[[Record], DisclosedRecord]:
    """How each record of a leg leaves; what was proposed and decided in it is found once for all of them."""
    proposals: dict[RecordKey, list[Proposal]] = {}
    decisions: dict[RecordKey, list[Decision]] = {}
    for proposal in mine.proposals:
        proposals.setdefault(proposal.span.record, []).append(proposal)
    for made in mine.decisions:
        decisions.setdefault(made.span.record, []).append(made)

    def redacted(record: Record) -> DisclosedRecord:
        return redact(
            record,
            decision=mine.outcome(record),
            proposals=proposals.get(record.key, ()),
            decisions=decisions.get(record.key, ()),
            letters=letters,
        )

    return redacted


def _since_sign_off(mine: LegReview) -> Iterable[str]:
    """What stands between a round that is signed off and its release or handing over."""
    state = mine.state.leg(mine.leg.number)
    if state.signed_off_round > state.delivered_round:
        yield from come_since(LegReview(mine.file, mine.leg.number, state.signed_off_round))


def _needles(mine: LegReview) -> Needles:
    return needles_of(
        mine.records,
        decisions=mine.decisions,
        people=mine.register.for_leg(mine.leg.subject),
        recipient=mine.leg.recipient,
        outcomes=mine.outcomes,
    )
