"""The second person. Here, and only here, a record becomes something that may leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import partial

from sar.domain.authority import Capacity
from sar.domain.disclosure import DisclosedRecord, Ground, WithheldWhole
from sar.domain.errors import (
    DecisionNotSupported,
    InvalidInput,
    NotAllowed,
    OutOfOrder,
    SARError,
    SecondPersonNeeded,
    UndecidedProposals,
)
from sar.domain.exemptions import DeciderRole, Saying, check_decision_supported, check_health_release
from sar.domain.matching import Proposal, Span, Verdict
from sar.domain.parties import Actor, StaffRole
from sar.domain.records import Record
from sar.domain.redaction import (
    Decision,
    GroundKey,
    Outcome,
    RecordDecision,
    effective,
    needles_of,
    redact,
    undecided,
)
from sar.domain.references import CaseId
from sar.domain.statutes import Law
from sar.domain.trail import EventKind
from sar.ports.casework import (
    SignedOff,
    decisions_of,
    leg_of,
    leg_records,
    proposals_of,
    record_decisions_of,
    register_of,
    request_of,
    state_of,
)
from sar.ports.keeping import Archive, CaseFile, Collection
from sar.ports.pages import Readiness

ADULT = 18
HEALTH_HARM = "HEALTH-HARM"
PUBLIC_AS = {"INFORMANT": "3RD-PARTY"}
"""That there was an informant at all is protected: to the family it is another person's information."""


class _Leg:
    """One leg's review, read once."""

    def __init__(self, file: CaseFile, leg: int) -> None:
        self.file = file
        self.leg = leg_of(file, leg)
        self.state = state_of(file)
        self.round = self.state.gathered_round
        self.records = leg_records(file, self.round, leg)
        self.proposals = proposals_of(file, self.round, leg)
        self.decisions = decisions_of(file, leg)
        self.outcomes = record_decisions_of(file, leg)
        self.register = register_of(file)
        self.subject = request_of(file).subject_of(self.leg)

    def outcome(self, record: Record) -> RecordDecision | None:
        """The standing decision on this version of a record."""
        made = self.outcomes.get(record.key)
        return made if made and made.version == record.version else None

    def going_out(self) -> tuple[Record, ...]:
        """Records decided to be disclosed."""
        return tuple(r for r in self.records if (d := self.outcome(r)) and d.outcome is Outcome.DISCLOSE)

    def standing(self) -> tuple[Decision, ...]:
        """Standing decisions on words of records that go out."""
        versions = {(r.key, r.version) for r in self.going_out()}
        return tuple(d for d in effective(self.decisions) if (d.span.record, d.span.version) in versions)

    def undecided(self) -> tuple[Proposal, ...]:
        """Proposals that wait, in records that go out."""
        keys = {r.key for r in self.going_out()}
        return undecided((p for p in self.proposals if p.span.record in keys), self.decisions)


class SignOff:
    """Checks that a leg is ready, and signs it off for a second person."""

    def __init__(self, *, archive: Archive, law: Law) -> None:
        self._archive = archive
        self._law = law

    def readiness(self, case: CaseId, *, leg: int, on: date) -> Readiness:
        """What stands in the way, in words."""
        with self._archive.reading(case) as file:
            return self._readiness(_Leg(file, leg), on)

    def sign_off(self, case: CaseId, *, leg: int, at: datetime, by: Actor) -> None:
        """Redact every record and keep what may leave.

        :raises SecondPersonNeeded: the approver decided something in this leg.
        :raises UndecidedProposals: something waits for a person.
        :raises DecisionNotSupported: a decision lacks what the law asks for.
        """
        if not by.has(StaffRole.APPROVER):
            raise NotAllowed("Only an approver may sign off.", next_step="Ask an approver.")
        with self._archive.writing(case) as file:
            mine = _Leg(file, leg)
            if not mine.round or mine.state.leg(leg).reviewed_round < mine.round:
                raise OutOfOrder(
                    "The newest gathering is not reviewed yet.", next_step="Make the proposals first."
                )
            if mine.state.leg(leg).signed_off_round >= mine.round:
                raise OutOfOrder(
                    "This leg is signed off already.", next_step="Release it, or return it to review."
                )
            self._refuse_deciders(mine, by)
            self._refuse_unready(mine, at.date())
            signed = self._signed(mine, leg)
            file.keep(Collection.SIGNED_OFF, f"{mine.round}/{leg}", signed)
            file.record(
                EventKind.SIGNED_OFF, at=at, by=by, leg=leg, round=mine.round, records=len(signed.records),
                withheld_whole=len(signed.withheld_whole), content=file.keyed_digest(repr(signed).encode()),
            )  # fmt: skip

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
            file.keep(Collection.NOTE, f"returned-{leg}-{len(file.events())}", (reason.strip(),))
            file.record(EventKind.SIGN_OFF_RETURNED, at=at, by=by, leg=leg, round=state.signed_off_round)

    def _readiness(self, mine: _Leg, on: date) -> Readiness:
        open_records = [r for r in mine.records if mine.outcome(r) is None]
        count = Counter(d.outcome for r in mine.records if (d := mine.outcome(r)))
        needles = needles_of(
            mine.going_out(), decisions=mine.decisions, people=mine.register.for_leg(mine.leg.subject)
        )
        return Readiness(
            records=len(mine.records),
            undecided_records=len(open_records),
            undecided_proposals=len(mine.undecided()),
            disclosed=count[Outcome.DISCLOSE],
            withheld=count[Outcome.WITHHOLD],
            out_of_scope=count[Outcome.OUT_OF_SCOPE],
            blockers=tuple(dict.fromkeys(self._blockers(mine, on))),
            warnings=tuple(_inconsistent(mine)),
            short_strings=needles.short,
            to_confirm=self._to_confirm(mine),
            deciders=tuple(
                sorted(
                    {d.decider_role for d in mine.standing()}
                    | {d.decider_role for d in mine.outcomes.values()}
                )
            ),
        )

    def _to_confirm(self, mine: _Leg) -> tuple[tuple[str, str], ...]:
        by_span = {p.span: p for p in mine.proposals if self._is_protected(p)}
        waiting = [d for d in mine.standing() if d.verdict is Verdict.DISCLOSE and d.approved_by is None]
        return tuple((str(d.span.record), by_span[d.span].id) for d in waiting if d.span in by_span)

    def _is_protected(self, proposal: Proposal) -> bool:
        return proposal.is_source or self._law.exemption(str(proposal.exemption)).second_person_to_disclose

    def _refuse_deciders(self, mine: _Leg, by: Actor) -> None:
        deciders = {d.decided_by for d in mine.decisions} | {d.decided_by for d in mine.outcomes.values()}
        if by.id in deciders:
            raise SecondPersonNeeded(
                "You decided on parts of this yourself.", next_step="Ask another approver to sign it off."
            )

    def _refuse_unready(self, mine: _Leg, on: date) -> None:
        open_records = sum(mine.outcome(r) is None for r in mine.records)
        if open_records or mine.undecided():
            raise UndecidedProposals(
                f"{open_records} records and {len(mine.undecided())} proposals wait for a person.",
                next_step="Decide each of them in the review.",
            )
        if blockers := list(self._blockers(mine, on)):
            raise DecisionNotSupported(blockers[0], next_step="Open the review and put it right.")

    def _blockers(self, mine: _Leg, on: date) -> Iterable[str]:
        if not mine.records:
            yield "There is nothing to sign off."
        for record in mine.records:
            made = mine.outcome(record)
            if made and made.outcome is Outcome.WITHHOLD and made.exemption is None:
                yield "A record is withheld without an exemption."
            if record.kind.is_generated and made and made.outcome is not Outcome.DISCLOSE:
                yield f"The page \u201c{record.kind.value}\u201d has to go out, with words withheld where needed."
            if made and made.outcome is Outcome.WITHHOLD and made.exemption is not None:
                yield from _words(partial(self._check_record, mine, made, on))
        at_span: dict[Span, list[Proposal]] = {}
        for made_on in mine.proposals:
            at_span.setdefault(made_on.span, []).append(made_on)
        for decision in mine.standing():
            met: list[Proposal | None] = [*at_span.get(decision.span, ())]
            for proposal in met or [None]:
                yield from _words(partial(self._check, mine, decision, proposal, on))

    def _check(self, mine: _Leg, decision: Decision, proposal: Proposal | None, on: date) -> None:
        disclose = decision.verdict is Verdict.DISCLOSE
        code = proposal.exemption if proposal and disclose else decision.exemption
        if code is None:
            raise DecisionNotSupported("Words are withheld without an exemption.", next_step="Decide again.")
        check_decision_supported(
            self._law.exemption(str(code), on),
            decided_by_role=DeciderRole(decision.decider_role),
            reason=decision.reason,
            subject_is_adult=mine.subject.age_on(on) >= ADULT,
            own_request=Capacity(mine.leg.capacity).is_own_request,
            relied_on=on,
            disclose=disclose,
            # What may be said of a withholding is confirmed by the sign-off itself, a second person's act.
            approver=decision.approved_by if disclose else "signing off",
            opinion_on=decision.opinion_on,
            saying=None if disclose else decision.saying,
        )
        if proposal and disclose and proposal.is_source and decision.approved_by is None:
            raise DecisionNotSupported(
                "Words about a protected source are marked to be disclosed, and no approver has agreed.",
                next_step="Ask an approver to agree, or withhold them.",
            )
        if proposal and disclose:
            _check_asked(decision, proposal)
        if proposal and disclose and str(proposal.exemption) == HEALTH_HARM:
            check_health_release(
                controller_is_health_professional=False,
                relied_on=on,
                opinion_not_met_on=decision.opinion_on,
            )

    def _check_record(self, mine: _Leg, made: RecordDecision, on: date) -> None:
        check_decision_supported(
            self._law.exemption(str(made.exemption), on),
            decided_by_role=DeciderRole(made.decider_role),
            reason=made.reason,
            subject_is_adult=mine.subject.age_on(on) >= ADULT,
            own_request=Capacity(mine.leg.capacity).is_own_request,
            relied_on=on,
            approver="signing off",
            opinion_on=made.opinion_on,
            saying=made.saying,
        )

    def _signed(self, mine: _Leg, leg: int) -> SignedOff:
        letters = _letters(mine, self._law)
        out = [(r, self._redacted(mine, r, letters)) for r in mine.going_out()]
        events = mine.file.events()
        return SignedOff(
            leg=leg,
            round=mine.round,
            records=tuple(d for r, d in out if not r.kind.is_generated),
            generated=tuple(d for r, d in out if r.kind.is_generated),
            grounds=tuple({g.letter: g for g in letters.values()}.values()),
            withheld_whole=_withheld_whole(mine, letters),
            trail_head=events[-1].digest,
        )

    @staticmethod
    def _redacted(mine: _Leg, record: Record, letters: dict[GroundKey, Ground]) -> DisclosedRecord:
        return redact(
            record,
            decision=mine.outcome(record),
            proposals=mine.proposals,
            decisions=mine.decisions,
            letters=letters,
        )


def _check_asked(decision: Decision, proposal: Proposal) -> None:
    """What only a lawyer or a clinician can weigh was weighed by one, or on the opinion of one."""
    needed = proposal.who_decides
    if needed not in _ASK_FIRST or decision.decider_role == needed:
        return
    if decision.opinion_role != needed or decision.opinion_on is None:
        raise DecisionNotSupported(
            f"Words that a {needed} has to weigh are marked to be disclosed without asking one.",
            next_step=f"Ask a {needed}, and record the opinion and its date.",
        )


_ASK_FIRST = frozenset({DeciderRole.LAWYER.value, DeciderRole.HEALTH_PROFESSIONAL.value})


def _words(check: Callable[[], None]) -> Iterable[str]:
    """The words of a check's refusal, if it refuses."""
    try:
        check()
    except SARError as fault:
        yield fault.message


def _letters(mine: _Leg, law: Law) -> dict[GroundKey, Ground]:
    """A letter for each thing the family may be told, so that two grounds with one wording share one."""
    used = [(d.exemption, d.saying) for d in mine.standing() if d.verdict is Verdict.WITHHOLD and d.exemption]
    whole = [mine.outcome(r) for r in mine.records]
    used += [
        (d.exemption, d.saying)
        for d in whole
        if d and d.outcome is Outcome.WITHHOLD and d.exemption and d.saying is not Saying.NOTHING
    ]
    letters: dict[GroundKey, Ground] = {}
    by_words: dict[tuple[str, str], str] = {}
    for exemption, saying in sorted(set(used), key=lambda u: (u[0], u[1].value)):
        public = PUBLIC_AS.get(str(exemption))
        rule = law.exemption(public or str(exemption))
        # Words cut out of a record leave a mark, so the least that can be said of them is the general reason.
        said: Saying = Saying.GENERAL if saying is Saying.NOTHING else saying
        if public and said is Saying.GENERAL:
            # A letter that only ever meant an informant would tell that there is one.
            said = rule.saying
        words, statute = rule.words(said), rule.statute if said is Saying.FULL else ""
        letter = by_words.setdefault((words, statute), chr(ord("A") + len(by_words)))
        letters[GroundKey(exemption=exemption, saying=saying)] = Ground(
            letter=letter, words=words, statute=statute
        )
    return letters


def _withheld_whole(mine: _Leg, letters: dict[GroundKey, Ground]) -> tuple[WithheldWhole, ...]:
    said: list[WithheldWhole] = []
    for record in mine.records:
        made = mine.outcome(record)
        if not made or made.outcome is not Outcome.WITHHOLD or made.exemption is None:
            continue
        if made.saying is Saying.NOTHING:
            continue
        ground = letters[GroundKey(exemption=made.exemption, saying=made.saying)]
        kind = record.kind.value if made.saying is Saying.FULL else "record"
        said.append(WithheldWhole(kind=kind, ground=ground.letter))
    return tuple(said)


def _inconsistent(mine: _Leg) -> Iterable[str]:
    """The same words, or the same person, decided in two ways."""
    by_id = {p.id: p for p in mine.proposals}
    texts = {(r.key, r.version): r for r in mine.going_out()}
    verdicts: dict[str, set[Verdict]] = {}
    people: dict[str, set[Verdict]] = {}
    for d in mine.standing():
        record = texts[d.span.record, d.span.version]
        words = record.passages[d.span.passage].text[d.span.start : d.span.end].casefold()
        verdicts.setdefault(words, set()).add(d.verdict)
        proposal = by_id.get(d.proposal)
        if proposal and proposal.person:
            people.setdefault(str(proposal.person), set()).add(d.verdict)
    if any(d.saying is Saying.NOTHING for d in mine.outcomes.values() if d.outcome is Outcome.WITHHOLD):
        yield (
            "A record is withheld without a mention. Read the pages on the search, the people named and the alerts "
            "again: nothing in them may point to it."
        )
    mixed = sum(len(v) > 1 for v in verdicts.values())
    if mixed:
        yield f"{mixed} pieces of text are withheld in one place and disclosed in another."
    both = sum(len(v) > 1 for v in people.values())
    if both:
        yield f"{both} people are withheld in one place and disclosed in another."
