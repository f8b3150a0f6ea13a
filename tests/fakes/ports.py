"""Parts of other rooms in memory: each keeps its port's promises, none has a rule of the field in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, datetime

from sar.domain.disclosure import Leak, Needles, Pack
from sar.domain.errors import SARError
from sar.domain.parties import Person
from sar.domain.records import (
    AlertEntry,
    AnswerKind,
    DataClass,
    Finding,
    HeldBack,
    Passage,
    Provenance,
    Record,
    RecordKind,
    StoreAnswer,
    SubjectQuery,
)
from sar.domain.references import RecordKey, StoreName, SubjectId
from sar.ports.disclosing import Letter, RenderedPack
from sar.ports.gathering import Estimate, StoreDescription


def record(
    native: str,
    *words: str,
    store: str = "ward",
    about: Iterable[str] = ("leanne",),
    kind: RecordKind = RecordKind.CASE_NOTE,
    on: date = date(2024, 3, 4),
    label: str = "",
    controller: str = "Fenwater Trust",
    at: datetime | None = None,
    data_class: DataClass = DataClass.OTHER,
    alert: Sequence[AlertEntry] = (),
    findings: Sequence[Finding] = (),
    people: Sequence[Person] = (),
) -> Record:
    """One invented record, a passage for each text."""
    return Record(
        key=RecordKey(StoreName(store), native),
        kind=kind,
        dated_on=on,
        passages=tuple(Passage(label="Note", text=w) for w in words),
        provenance=Provenance(
            store=StoreName(store),
            store_label=label or f"The {store}",
            controller=controller,
            native_id=native,
            found_by="NHS number",
            retrieved_at=at or datetime.fromisoformat("2026-11-02T09:00:00+00:00"),
            data_class=data_class,
        ),
        about=frozenset(SubjectId(a) for a in about),
        alert=tuple(alert),
        findings=tuple(findings),
        people=tuple(people),
    )


@dataclass
class HeldStore:
    """A store in memory. What it holds may change between two questions; a fault is raised while it is set."""

    name: str
    held: list[Record] = field(default_factory=list)
    people: tuple[Person, ...] = ()
    held_back: tuple[HeldBack, ...] = ()
    controller: str = "Fenwater Trust"
    nothing: AnswerKind = AnswerKind.NOTHING_HELD
    fault: SARError | None = None
    asked: list[SubjectQuery] = field(default_factory=list)

    @property
    def description(self) -> StoreDescription:
        return StoreDescription(
            name=StoreName(self.name), label=f"The {self.name}", controller=self.controller
        )

    def answer(self, query: SubjectQuery, *, at: datetime, into: object = None) -> StoreAnswer:
        self.asked.append(query)
        if self.fault is not None:
            raise self.fault
        mine = tuple(
            replace(r, about=frozenset({query.subject.id})) for r in self.held if query.subject.id in r.about
        )
        told = self.description
        return StoreAnswer(
            store=told.name,
            store_label=told.label,
            controller=told.controller,
            subject=query.subject.id,
            kind=AnswerKind.FOUND if mine else self.nothing,
            asked_at=at,
            searched_by=("NHS number",),
            records=mine,
            people=self.people,
            held_back=self.held_back,
        )

    def estimate(self, query: SubjectQuery, *, at: datetime) -> Estimate:
        answer = self.answer(query, at=at)
        return Estimate(kind=answer.kind, records=answer.found, is_exact=True)

    def check(self) -> str:
        if self.fault is not None:
            raise self.fault
        return f"{self.description.label}: it answers."


def all_words(value: object) -> Iterator[str]:
    """Every string inside a value, however deep."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for f in fields(value):
            yield from all_words(getattr(value, f.name))
        text = getattr(value, "text", None)
        if isinstance(text, str):
            yield text
    elif isinstance(value, tuple | list | frozenset):
        for item in value:
            yield from all_words(item)


@dataclass
class PlainRenderer:
    """Lays a pack out as lines of text. Keeps what it was given, so a test can read the pack itself."""

    packs: list[Pack] = field(default_factory=list)

    def render(self, pack: Pack) -> RenderedPack:
        self.packs.append(pack)
        text = "\n".join(all_words(pack)).encode()
        return RenderedPack(pdf=text, html=text, data=text, pages=len(pack.records) + 1, manifest=b"{}")


class PlainInspector:
    """Searches text as it stands."""

    def inspect_pdf(self, content: bytes, needles: Needles) -> tuple[Leak, ...]:
        return self.inspect_text(content.decode(), needles, place="pack")

    def inspect_text(self, content: str, needles: Needles, *, place: str) -> tuple[Leak, ...]:
        return tuple(Leak(place=place, needle=n) for n in needles.found_in(content))


class PlainSigner:
    """Adds a line."""

    fingerprint = "ab" * 32

    def sign(self, pdf: bytes, *, at: datetime) -> bytes:
        return pdf + f"\nsigned {at.isoformat()}".encode()


@dataclass
class Post:
    """An outbox in memory."""

    letters: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter, *, at: datetime) -> str:
        self.letters.append(letter)
        return f"receipt-{len(self.letters)}"
