"""One leg's review as the second person finds it: what is wrong with it, and how its grounds are lettered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from sar.domain.alerts import listed
from sar.domain.disclosure import Ground, Needles, WithheldWhole
from sar.domain.errors import (
    SARError,
)
from sar.domain.exemptions import Saying
from sar.domain.matching import Proposal, Verdict
from sar.domain.naming import shared_names
from sar.domain.needles import words_left
from sar.domain.records import Record, RecordKind
from sar.domain.rectification import Place, only_seen
from sar.domain.redaction import (
    Decision,
    GroundKey,
    Outcome,
    RecordDecision,
    effective,
    undecided,
)
from sar.domain.references import ExemptionCode
from sar.domain.showing import is_visible
from sar.domain.statutes import Law
from sar.domain.trail import EventKind
from sar.domain.wording import ORDINARY_WORDS, words_of
from sar.domain.written import alert_pages
from sar.ports.casework import (
    answers_of,
    corrections_of,
    decisions_of,
    every_record,
    leg_of,
    leg_records,
    legs_of_same_reader,
    proposals_of,
    reader_of,
    record_decisions_of,
    register_of,
    request_of,
    state_of,
)
from sar.ports.keeping import CaseFile
from sar.ports.matching import outdated_places, undecided_matches

PUBLIC_AS = {"INFORMANT": "3RD-PARTY"}
"""That there was an informant at all is protected: to the family it is another person's information."""


_ABOUT_OTHERS = ExemptionCode("3RD-PARTY")
_GATE = frozenset({EventKind.OPINION_GIVEN, EventKind.HEALTH_ALREADY_KNOWN})


class LegReview:
    """One leg's review, read once."""

    def __init__(self, file: CaseFile, leg: int, round_number: int | None = None) -> None:
        self.file = file
        self.leg = leg_of(file, leg)
        self.state = state_of(file)
        self.round = round_number or self.state.gathered_round
        self.records = leg_records(file, self.round, leg)
        self.proposals = proposals_of(file, self.round, leg)
        self.decisions = decisions_of(file, leg)
        self.outcomes = record_decisions_of(file, leg)
        self.register = register_of(file)
        self.subject = request_of(file).subject_of(self.leg)
        self._told: dict[int, tuple[Decision, ...]] = {}

    def outcome(self, record: Record) -> RecordDecision | None:
        """The standing decision on this version of a record."""
        made = self.outcomes.get(record.key)
        return made if made and made.version == record.version else None

    def going_out(self) -> tuple[Record, ...]:
        """Records decided to be disclosed."""
        return self._going_out

    @cached_property
    def _going_out(self) -> tuple[Record, ...]:
        return tuple(r for r in self.records if (d := self.outcome(r)) and d.outcome is Outcome.DISCLOSE)

    def standing(self) -> tuple[Decision, ...]:
        """Standing decisions on words of records that go out."""
        return self._standing

    @cached_property
    def _standing(self) -> tuple[Decision, ...]:
        versions = {(r.key, r.version) for r in self.going_out()}
        return tuple(d for d in effective(self.decisions) if (d.span.record, d.span.version) in versions)

    def told_here(self, other: int) -> tuple[Decision, ...]:
        """What another leg of the same reader withholds in a record, and this one shows."""
        if other not in self._told:
            self._told[other] = tuple(_told_here(self, other))
        return self._told[other]

    def gate_openers(self) -> set[str]:
        """Staff who recorded what opens or shuts the gate for health information in this leg."""
        records = {self.file.keyed_digest(str(r.key).encode()) for r in self.records}
        return {
            e.by
            for e in self.file.events()
            if (e.kind in _GATE and e.leg == self.leg.number)
            # A class is of the record itself, in whichever leg it was recorded.
            or (e.kind is EventKind.RECORD_CLASSED and e.facts["record"] in records)
        }

    def undecided(self) -> tuple[Proposal, ...]:
        """Proposals that wait, in records that go out."""
        keys = {r.key for r in self.going_out()}
        return undecided((p for p in self.proposals if p.span.record in keys), self.decisions)


def controllers_of(mine: LegReview) -> tuple[tuple[str, int], ...]:
    """Whose records go out, and how many of each; pages the program wrote are nobody's."""
    count = Counter(r.provenance.controller for r in mine.going_out() if not r.kind.is_generated)
    return tuple(sorted(count.items()))


def words(check: Callable[[], None]) -> Iterable[str]:
    """The words of a check's refusal, if it refuses."""
    try:
        check()
    except SARError as fault:
        yield fault.message


def letters(mine: LegReview, law: Law) -> dict[GroundKey, Ground]:
    """A letter for each thing the family may be told, so that two grounds with one wording share one."""
    used = [
        (d.exemption, d.saying)
        for d in mine.standing()
        if d.verdict is Verdict.WITHHOLD and d.exemption and d.saying is not Saying.NOTHING
    ]
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
        # A letter that only ever meant an informant would tell that there is one.
        said = rule.saying if public else saying
        words, statute = rule.words(said), rule.statute if said is Saying.FULL else ""
        letter = by_words.setdefault((words, statute), chr(ord("A") + len(by_words)))
        letters[GroundKey(exemption=exemption, saying=saying)] = Ground(
            letter=letter, words=words, statute=statute
        )
    return letters


def withheld_whole(mine: LegReview, letters: dict[GroundKey, Ground]) -> tuple[WithheldWhole, ...]:
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


def rests_on_hidden(mine: LegReview, law: Law) -> Iterable[str]:
    """A page about alerts that was written from a record which does not go out."""
    pages = [r for r in mine.records if r.kind in _ALERT_PAGES]
    out = [r for r in mine.going_out() if not r.kind.is_generated]
    for page in pages:
        reader = reader_of(request_of(mine.file), mine.leg)
        written = alert_pages(
            out, subject=mine.leg.subject, at=page.provenance.retrieved_at, reader=reader, expected=law.alert_review
        )  # fmt: skip
        if page.passages not in {p.passages for p in written}:
            yield (
                f"The page \u201c{page.kind.value}\u201d rests on a record that does not go out. "
                "Make the proposals again: the page is then written anew."
            )
    for text in (p.text for r in mine.records if r.kind is RecordKind.COMPLAINT_TRAIL for p in r.passages):
        if any(place.label in text for place in _hidden_places(mine, out)):
            yield "The page on corrections names a record that does not go out. Make the proposals again."


def _hidden_places(mine: LegReview, out: Sequence[Record]) -> tuple[Place, ...]:
    """Places of this leg's corrections that nothing which goes out speaks of."""
    asked = [c for c in corrections_of(mine.file) if c.leg == mine.leg.number]
    shown = {p.label for c in asked for p in only_seen(c, out).places}
    return tuple(p for c in asked for p in c.places if p.label not in shown)


_ALERT_PAGES = frozenset(
    {RecordKind.ALERT_LIFE, RecordKind.PARENTS_TOLD, RecordKind.RECIPIENTS, RecordKind.CONTRADICTIONS}
)


def withheld_from_same_reader(mine: LegReview) -> Iterable[str]:
    """A record, or words in one, withheld in another leg of the same recipient: two legs, one reader."""
    out = {r.key: r for r in mine.going_out()}
    for other in legs_of_same_reader(mine.file, mine.leg):
        outcomes = record_decisions_of(mine.file, other.number)
        if {key for key, made in outcomes.items() if made.outcome is Outcome.WITHHOLD} & out.keys():
            yield "A record that is withheld from the same reader in another leg would go out in this one."
        if any(not _may_be_readers_own(mine, d) for d in mine.told_here(other.number)):
            yield "Words that are withheld from the same reader in another leg would go out in this one."


def not_compared(mine: LegReview) -> Iterable[str]:
    """People of a store who could be the data subject, and whom nobody has told apart yet."""
    if open_ones := undecided_matches(mine.file, mine.leg.subject):
        one = open_ones == 1
        yield (
            f"{open_ones} {'person' if one else 'people'} with a nearly equal name {'is' if one else 'are'} not told "
            "apart yet. If it is the same person, records are missing."
        )


def to_ask_again(mine: LegReview) -> Iterable[str]:
    """Places that were asked before somebody was found to be the data subject, or before a number or name was known."""
    if places := outdated_places(mine.file, mine.round, mine.leg.subject):
        yield (
            f"{listed(places)} {'was' if len(places) == 1 else 'were'} asked before all that we know of the person was "
            "known: somebody was compared with them since, or a number or a name was added. Gather again, from every "
            "place."
        )


def readers_own_words(mine: LegReview) -> Iterable[str]:
    """Words another leg withholds as somebody else's, which stand in the reader's own records here."""
    others = legs_of_same_reader(mine.file, mine.leg)
    told = sum(_may_be_readers_own(mine, d) for other in others for d in mine.told_here(other.number))
    if told:
        yield (
            f"{told} pieces of text go out here and are withheld from the same reader in another leg, as information "
            "about somebody else. That is right only where they are about the reader: look at each of them."
        )


def _may_be_readers_own(mine: LegReview, decision: Decision) -> bool:
    """To a child's pack its mother is somebody else: what is about her stays in her own."""
    return mine.leg.recipient.subject == mine.leg.subject and decision.exemption == _ABOUT_OTHERS


def _told_here(mine: LegReview, other: int) -> Iterable[Decision]:
    """What the other leg withholds in a record, and this one shows."""
    outcomes = record_decisions_of(mine.file, other)
    out = {
        r.key: r
        for r in mine.going_out()
        if r.key not in outcomes or outcomes[r.key].outcome is not Outcome.OUT_OF_SCOPE
    }
    theirs = {(r.key, r.version): r for r in every_record(mine.file, other) if r.key in out}
    about = {p.id: p.person for p in proposals_of(mine.file, mine.round, other)}
    hidden = [
        d
        for d in effective(decisions_of(mine.file, other))
        if d.verdict is Verdict.WITHHOLD and (d.span.record, d.span.version) in theirs
    ]
    held_here = [d for d in mine.standing() if d.verdict is Verdict.WITHHOLD]
    for decision in hidden:
        # Whom this leg is about is another person over there, and is shown here.
        if str(about.get(decision.proposal)) == mine.leg.subject:
            continue
        span = decision.span
        source, here = theirs[span.record, span.version], out[span.record]
        if here.version == span.version and is_visible(here, span, [d.span for d in held_here]):
            yield decision
            continue
        words = words_of(source.passages[span.passage].text[span.start : span.end])
        if words in ORDINARY_WORDS or len(words) < Needles.SHORTEST:
            continue
        # Words that the other leg itself shows elsewhere in the record are withheld for their place.
        if f" {words} " in words_left(here, held_here) and f" {words} " not in words_left(source, hidden):
            yield decision


def inconsistent(mine: LegReview) -> Iterable[str]:
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
    if borne := shared_names(mine.register.people):
        yield f"{len(borne)} names in the register stand for two people each: read each place with care."
    held = sum(len(a.held_back) for a in answers_of(mine.file, mine.round) if a.subject == mine.leg.subject)
    if held:
        yield f"{held} items were held back by the gathering: somebody has to look at each of them."
    silent = [
        d for d in mine.outcomes.values() if d.outcome is Outcome.WITHHOLD and d.saying is Saying.NOTHING
    ]
    if silent or any(d.saying is Saying.NOTHING for d in mine.standing() if d.verdict is Verdict.WITHHOLD):
        yield (
            "Something is withheld without a mention. Read the pages on the search, the people named and the alerts "
            "again: nothing in them may point to it."
        )
    mixed = sum(len(v) > 1 for v in verdicts.values())
    if mixed:
        yield f"{mixed} pieces of text are withheld in one place and disclosed in another."
    both = sum(len(v) > 1 for v in people.values())
    if both:
        yield f"{both} people are withheld in one place and disclosed in another."
