"""Disclosed records become a pack; it is re-opened and searched; only then is it sealed and released."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sar.domain import guidance
from sar.domain.calendar import uk_day
from sar.domain.clock import replay
from sar.domain.disclosure import (
    Contact,
    DisclosedRecord,
    GlossaryWord,
    Leak,
    Needles,
    Pack,
    Statement,
    fold,
    has_word,
)
from sar.domain.errors import OutOfOrder, SealBroken, WithheldTextFound
from sar.domain.gaps import SUPPLEMENT, gaps_of, said_of
from sar.domain.needles import dates_of, needles_of
from sar.domain.parties import PROGRAM, DataSubject, Leg
from sar.domain.records import RecordKind
from sar.domain.references import CaseId
from sar.domain.statutes import Law
from sar.domain.trail import EventKind
from sar.ports.casework import (
    SignedOff,
    clock_facts,
    decisions_of,
    leg_of,
    leg_records,
    record_decisions_of,
    register_of,
    request_of,
    require_whole_route,
    state_of,
)
from sar.ports.disclosing import Inspector, PackSigner, RenderedPack, Renderer
from sar.ports.gaps import open_gaps, places_covered, places_shown, unsettled_places
from sar.ports.keeping import Archive, CaseFile, Collection
from sar.ports.readiness import ReleasedPack
from sar.ports.releasing import LawfulToday, require_unchanged
from sar.ports.standing import require_clear


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    pack: Pack
    needles: Needles
    leg: Leg


class Packing:
    """Builds, inspects, signs, seals and releases one leg's pack."""

    def __init__(
        self, *, archive: Archive, law: Law, renderer: Renderer, inspector: Inspector, signer: PackSigner,
        controllers: Sequence[Contact], lawful: LawfulToday,
    ) -> None:  # fmt: skip
        """``lawful`` asks the law's own tests again: an opinion may have grown old since the sign-off."""
        self._archive = archive
        self._law = law
        self._renderer = renderer
        self._inspector = inspector
        self._signer = signer
        self._controllers = tuple(controllers)
        self._lawful = lawful

    def build(self, case: CaseId, *, leg: int, at: datetime) -> ReleasedPack:
        """From sign-off to a released pack. Done again after a crash it gives the pack already released.

        :raises WithheldTextFound: the gate found withheld words; nothing was released.
        """
        with self._archive.reading(case) as file:
            require_whole_route(state_of(file), leg)
            state = state_of(file).leg(leg)
            if not state.signed_off_round:
                raise OutOfOrder("This leg is not signed off.", next_step="Ask an approver to sign it off.")
            self._require_clear(file, leg, at)
            if state.released_round >= state.signed_off_round:
                return file.latest(Collection.PACK, f"{state.released_round}/{leg}", ReleasedPack)
            require_unchanged(file, leg)
            self._lawful(file, leg=leg, round_number=state.signed_off_round, on=uk_day(at))
            ready = self._prepare(file, leg, uk_day(at))
        # First each record's own words, against everything withheld; then the finished files, where a phrase is no
        # hit in the midst of the fixed wording of every pack ("a neighbour"), and is one anywhere else.
        self._refuse(case, leg, ready.pack.round, _in_records(ready.pack, ready.needles), at)
        rendered = self._renderer.render(ready.pack)
        needles = ready.needles.without_those_in(_dates(ready.pack)).beside(_fixed_words(ready.pack))
        self._refuse(case, leg, ready.pack.round, self._inspect(rendered, needles), at)
        signed = self._signer.sign(rendered.pdf, at=at)
        return self._release(case, ready, rendered, signed, at)

    def _require_clear(self, file: CaseFile, leg: int, at: datetime) -> None:
        """Proof may have turned out to be missing, or a stop been recorded, since the sign-off."""
        require_clear(file, leg, on=uk_day(at), presumption=self._law.age_presumption)

    def _inspect(self, rendered: RenderedPack, needles: Needles) -> tuple[Leak, ...]:
        return (
            *self._inspector.inspect_pdf(rendered.pdf, needles),
            *self._inspector.inspect_text(rendered.html.decode(), needles, place="web copy"),
            *self._inspector.inspect_text(rendered.data.decode(), needles, place="data copy"),
        )

    def _refuse(self, case: CaseId, leg: int, round_number: int, leaks: Sequence[Leak], at: datetime) -> None:
        if not leaks:
            return
        with self._archive.writing(case) as file:
            file.keep(Collection.NOTE, f"blocked/{leg}", tuple(dict.fromkeys(leak.place for leak in leaks)))
            file.record(
                EventKind.RELEASE_BLOCKED, at=at, by=PROGRAM, leg=leg, round=round_number, places=len(leaks)
            )
        places = ", ".join(dict.fromkeys(leak.place for leak in leaks[:5]))
        raise WithheldTextFound(
            f"The release was stopped: withheld words were found in {len(leaks)} places ({places}).",
            next_step="Return the leg to review, withhold the words wherever they stand, and sign off again.",
        )

    def _release(
        self, case: CaseId, ready: _Prepared, rendered: RenderedPack, signed: bytes, at: datetime
    ) -> ReleasedPack:
        leg, number = ready.leg, ready.pack.round
        released = ReleasedPack(
            leg=leg.number, leg_name=leg.name, round=number, pages=rendered.pages,
            digest=hashlib.sha256(signed).hexdigest(), fingerprint=self._signer.fingerprint,
            dated_on=ready.pack.dated_on,
        )  # fmt: skip
        with self._archive.writing(case) as file:
            state = state_of(file).leg(leg.number)
            if state.released_round >= number:
                return file.latest(Collection.PACK, f"{number}/{leg.number}", ReleasedPack)
            # Layout takes seconds: what was signed off when it began must be what is signed off now.
            self._require_clear(file, leg.number, at)
            if state.signed_off_round != number:
                raise OutOfOrder(
                    "The sign-off was taken back while the pack was made.",
                    next_step="Open the case: sign the leg off again when what was found is decided.",
                )
            require_unchanged(file, leg.number)
            name = f"pack-{number}-{leg.number}"
            file.keep_blob(f"{name}.pdf", signed)
            file.keep_blob(f"{name}.html", rendered.html)
            file.keep_blob(f"{name}.json", rendered.data)
            file.keep(Collection.PACK, f"{number}/{leg.number}", released)
            # The pack holds disclosed content only, so its digest may stand in the trail as it is.
            file.record(
                EventKind.PACK_BUILT, at=at, by=PROGRAM, leg=leg.number, round=number, pages=rendered.pages,
                digest=released.digest,
            )  # fmt: skip
            file.record(
                EventKind.PACK_RELEASED, at=at, by=PROGRAM, leg=leg.number, round=number,
                digest=released.digest, fingerprint=released.fingerprint, needles=len(ready.needles),
            )  # fmt: skip
            _close_gaps(file, leg.number, number, at=at)
        return released

    def pdf(self, case: CaseId, *, leg: int, round_number: int | None = None) -> bytes:
        """The signed PDF of the newest, or a given, released round."""
        return self._blob(case, leg, round_number, "pdf")

    def html(self, case: CaseId, *, leg: int, round_number: int | None = None) -> bytes:
        """The web copy."""
        return self._blob(case, leg, round_number, "html")

    def data(self, case: CaseId, *, leg: int, round_number: int | None = None) -> bytes:
        """The data copy."""
        return self._blob(case, leg, round_number, "json")

    def _blob(self, case: CaseId, leg: int, round_number: int | None, kind: str) -> bytes:
        with self._archive.reading(case) as file:
            released = state_of(file).leg(leg).released_round
            number = round_number or released
            if not released or number > released:
                raise OutOfOrder("The pack is not released yet.", next_step="Look again after its release.")
            content = file.blob(f"pack-{number}-{leg}.{kind}")
            released_pack = file.latest(Collection.PACK, f"{number}/{leg}", ReleasedPack)
            if kind == "pdf" and hashlib.sha256(content).hexdigest() != released_pack.digest:
                raise SealBroken(
                    "The kept pack is not the one that was released.",
                    next_step="Stop, keep the data as they are, and look at who could write there.",
                )
            return content

    def _prepare(self, file: CaseFile, leg: int, on: date) -> _Prepared:
        mine, state = leg_of(file, leg), state_of(file)
        number = state.leg(leg).signed_off_round
        signed = file.latest(Collection.SIGNED_OFF, f"{number}/{leg}", SignedOff)
        records = leg_records(file, number, leg)
        needles = needles_of(
            records,
            decisions=decisions_of(file, leg),
            people=register_of(file).for_leg(mine.subject),
            recipient=mine.recipient,
            outcomes=record_decisions_of(file, leg),
        )
        subject = request_of(file).subject_of(mine)
        pack = self._pack(file, mine, subject, signed, on)
        return _Prepared(pack=pack, needles=needles, leg=mine)

    def _pack(self, file: CaseFile, mine: Leg, subject: DataSubject, signed: SignedOff, on: date) -> Pack:
        state, law = state_of(file), self._law
        facts = clock_facts(state, mine.number)
        deadline = replay(facts, calendar=law.calendar, counting=law.clarification_counting, refuse=False)
        return Pack(
            reference=str(file.reference),
            leg=mine.name,
            round=signed.round,
            dated_on=on,
            received_on=state.received_for(mine.number),
            due_on=deadline.not_before,
            recipient=mine.recipient.name,
            subject=subject.name,
            is_own_data=mine.recipient.subject == subject.id,
            controllers=self._controllers,
            letter=_letter(file, mine, subject, signed),
            clock_steps=tuple(s.text_for_family for s in deadline.steps),
            gaps=_gaps(file, mine.number, signed.round),
            records=signed.records,
            grounds=signed.grounds,
            withheld_whole=signed.withheld_whole,
            rights=guidance.rights(
                law, on=on, whose=_whose(mine, subject), kinds={r.kind for r in signed.records}
            ),
            next_steps=guidance.next_steps(law, on=on),
            glossary=_glossary(law, signed),
            trail_head=signed.trail_head,
            search=_only(signed, RecordKind.SEARCH_LOG),
            people=_only(signed, RecordKind.PEOPLE_KEPT),
            alert_lives=_all(signed, RecordKind.ALERT_LIFE),
            parents_told=_all(signed, RecordKind.PARENTS_TOLD),
            recipients=_all(signed, RecordKind.RECIPIENTS),
            contradictions=_all(signed, RecordKind.CONTRADICTIONS),
            complaint_trail=_all(signed, RecordKind.COMPLAINT_TRAIL),
        )


def _letter(file: CaseFile, mine: Leg, subject: DataSubject, signed: SignedOff) -> tuple[str, ...]:
    return guidance.letter(
        whose=_whose(mine, subject),
        records=len(signed.records),
        has_withheld=bool(signed.grounds),
        asked_as_foi=request_of(file).asked_as_foi,
    )


ALWAYS_EXPLAINED = frozenset(
    {"Safeguarding", "Child protection", "Subject access request", "Third party", "Exemption"}
)


def _glossary(law: Law, signed: SignedOff) -> tuple[GlossaryWord, ...]:
    """The words that stand in this pack, and the few every reader needs. Others would only frighten."""
    records = (*signed.records, *signed.generated)
    out = fold("\n".join(f"{r.kind}\n" + "\n".join(p.text for p in r.passages) for r in records))
    return tuple(
        GlossaryWord(term=g.term, meaning=g.meaning)
        for g in law.glossary
        if g.term in ALWAYS_EXPLAINED or any(has_word(fold(word), out) for word in (g.term, *g.also))
    )


def _whose(mine: Leg, subject: DataSubject) -> str:
    return "you" if mine.recipient.subject == subject.id else subject.name


def _gaps(file: CaseFile, leg: int, round_number: int) -> tuple[Statement, ...]:
    """The places missing from this pack, each with what was declared of it at the sign-off."""
    missing = unsettled_places(file, round_number, leg)
    declared = {g.store: g for g in gaps_of(file.events(), leg) if g.round == round_number}
    shown = places_shown(file, leg, round_number)
    named = [
        said_of(m.label, answer=gap.answer, doing=gap.doing, follows_on=gap.follows_on)
        for m in missing
        if m.label in shown and (gap := declared.get(m.store))
    ]
    return guidance.gaps(len(missing), named=named)


def _close_gaps(file: CaseFile, leg: int, round_number: int, *, at: datetime) -> None:
    """A pack that covers a place closes the gap that an earlier one left there."""
    covered = places_covered(file, round_number, leg)
    for gap in open_gaps(file, leg):
        if gap.round < round_number and gap.store in covered:
            file.record(
                EventKind.GAP_CLOSED, at=at, by=PROGRAM, leg=leg, store=gap.store, round=round_number,
                how=SUPPLEMENT,
            )  # fmt: skip


def _only(signed: SignedOff, kind: RecordKind) -> DisclosedRecord:
    found = _all(signed, kind)
    if not found:
        raise OutOfOrder(
            f"The page \u201c{kind.value}\u201d is missing.",
            next_step="Make the proposals again and review the page.",
        )
    return found[0]


def _all(signed: SignedOff, kind: RecordKind) -> tuple[DisclosedRecord, ...]:
    return tuple(r for r in signed.generated if r.kind == kind.value)


def _in_records(pack: Pack, needles: Needles) -> tuple[Leak, ...]:
    numbered = [(f"record {i}", r) for i, r in enumerate(pack.records, start=1)]
    pages = [(f"the page \u201c{r.kind}\u201d", r) for r in pack.generated]
    return tuple(
        Leak(place=where, needle=needle)
        for place, record in (*numbered, *pages)
        for number, passage in enumerate(record.passages, start=1)
        # A label is said by its place: its own words may be the name.
        for where, text in ((place, passage.text), (f"the label of part {number} of {place}", passage.label))
        for needle in needles.found_in(text)
    )


def _fixed_words(pack: Pack) -> tuple[str, ...]:
    """What stands in every pack whatever the case: our own words and the law's, as they stand together."""
    statements = (*pack.rights, *pack.next_steps, *pack.gaps)
    # The data copy has the name of the field between a word and its meaning.
    between = ("", "meaning")
    return (
        " ".join(pack.letter),
        *pack.letter,
        *(g.words for g in pack.grounds),
        *(f"{s.heading} {' '.join(s.paragraphs)} {s.citation}" for s in statements),
        *(p for s in statements for p in s.paragraphs),
        *(f"{g.term} {word} {g.meaning}" for g in pack.glossary for word in between),
        " ".join(f"{g.term} {g.meaning}" for g in pack.glossary),
    )


def _dates(pack: Pack) -> tuple[str, ...]:
    """The dates a finished file says of its records and steps: somebody may be born on one of them."""
    records = (*pack.records, *pack.generated)
    days = {pack.dated_on, pack.received_on, pack.due_on, *(r.dated_on for r in records)}
    days |= {r.retrieved_on for r in records} | {s.by_on for s in (*pack.rights, *pack.next_steps) if s.by_on}
    return tuple(form for day in sorted(days) for form in dates_of(day))
