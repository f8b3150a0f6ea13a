"""The review of a leg: its records in order, and one record with every proposal marked in its text."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sar.domain.disclosure import ReviewPart, ReviewPassage, ReviewView
from sar.domain.errors import OutOfOrder
from sar.domain.parties import StaffRole
from sar.ports.pages import CasePage, LegPage, ReviewRow
from sar.web.access import not_here, open_to, staff_actor
from sar.web.context import site
from sar.web.staff_case import READERS, Option, leg_in, may, open_case

blueprint = Blueprint("officer_review", __name__, url_prefix="/officer/cases/<reference>/legs/<int:leg>")

OUTCOMES = {"disclose": "Disclose", "withhold": "Withhold whole", "out_of_scope": "Not about this person"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Some words somebody decides on, with the number they have on the page."""

    number: int
    passage: int
    start: int
    end: int
    quote: str
    part: ReviewPart
    covered_by: int = 0
    """The number of wider words that are withheld: then these need no decision of their own."""

    @property
    def is_by_hand(self) -> bool:
        """Marked by an officer, where no rule proposed anything."""
        return not self.part.proposal

    @property
    def state(self) -> str:
        """``withhold``, ``disclose``, ``covered`` or ``open``."""
        return self.part.verdict or ("covered" if self.covered_by else "open")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of text that lies inside the same marks throughout."""

    text: str
    state: str
    begins: tuple[Mark, ...]
    """Marks that begin here: their numbers are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassagePage:
    """One passage as the page shows it."""

    index: int
    label: str
    text: str
    runs: tuple[Run, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPage:
    """One record in front of an officer, and its place among the others."""

    case: CasePage
    leg: LegPage
    rows: tuple[ReviewRow, ...]
    number: int
    """Its place in the list, from 1: what addresses hold instead of a record's own name."""
    view: ReviewView
    passages: tuple[PassagePage, ...]

    @property
    def row(self) -> ReviewRow:
        """This record's line in the list."""
        return self.rows[self.number - 1]

    @property
    def is_open(self) -> bool:
        """Whether decisions are taken now: proposals are made for the newest gathering, nobody signed off."""
        signed = self.leg.stage in {"signed-off", "blocked"}
        given_out = self.leg.pack is not None and self.leg.pack.round >= self.leg.round
        return bool(self.leg.records) and not signed and not given_out

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Everything marked, in the order of the text."""
        return tuple(m for p in self.passages for m in p.marks)

    @property
    def proposals(self) -> tuple[Mark, ...]:
        """What rules proposed."""
        return tuple(m for m in self.marks if not m.is_by_hand)

    @property
    def people(self) -> tuple[str, ...]:
        """Names in the register of those whom the proposals of this record are about."""
        return tuple(dict.fromkeys(m.part.person for m in self.proposals if m.part.person))

    def number_of(self, record: str) -> int:
        """Another record's place in the list; 0 when it is not there."""
        return next((n for n, row in enumerate(self.rows, start=1) if row.record == record), 0)

    @property
    def next_open(self) -> int | None:
        """The next record that waits, round the end of the list; none when nothing waits."""
        return next_waiting(self.rows, after=self.number)


def waits(row: ReviewRow) -> bool:
    """Whether a record still needs a person: words in what is not given out need no decision."""
    return not row.outcome or (row.outcome == "disclose" and row.undecided > 0)


def next_waiting(rows: tuple[ReviewRow, ...], *, after: int) -> int | None:
    """The number of the next record that waits, looking on from one and round the end."""
    order = [*range(after + 1, len(rows) + 1), *range(1, after)]
    return next((n for n in order if waits(rows[n - 1])), None)


@blueprint.post("/proposals")
@open_to(StaffRole.OFFICER)
def propose(reference: str, leg: int) -> Response:
    """Make the proposals, or make them again after a person was added; decisions stand."""
    case, here, by = open_case(reference), site(), staff_actor()
    mine = leg_in(case, leg)
    if case.gathering == "complete" and not any(other.records for other in case.legs):
        # The first proposals of a round: whoever the stores named in it joins the register now.
        here.services.people.build(case.id, round_number=case.round, at=here.clock(), by=by)
    here.services.review.propose(case.id, leg=mine.number, at=here.clock(), by=by)
    return redirect(url_for("officer_review.records", reference=reference, leg=leg), code=303)


@blueprint.get("/records")
@open_to(*READERS)
def records(reference: str, leg: int) -> str:
    """Every record of the leg, with what waits."""
    case = open_case(reference)
    mine = leg_in(case, leg)
    rows = site().services.enquiries.review_list(case.id, leg=mine.number) if mine.records else ()
    numbered = list(enumerate(rows, start=1))
    return render_template(
        "officer/records.html", case=case, leg=mine, may=may(), outcomes=OUTCOMES, waits=waits,
        groups=(("Pages we wrote for the pack", [r for r in numbered if r[1].generated]),
                ("Records, the oldest first", [r for r in numbered if not r[1].generated])),
        left=sum(waits(row) for row in rows), total=len(rows), next_open=next_waiting(rows, after=0),
    )  # fmt: skip


def open_record(reference: str, leg: int, number: int) -> RecordPage:
    """A record by its place in the list.

    :raises OutOfOrder: a form was made for another record: the list changed in between.
    """
    case = open_case(reference)
    mine = leg_in(case, leg)
    services = site().services
    rows = services.enquiries.review_list(case.id, leg=mine.number)
    if not 1 <= number <= len(rows):
        raise not_here()
    name = rows[number - 1].record
    if request.method == "POST" and request.form.get("record") != name:
        raise OutOfOrder(
            "The list of records changed while you were reading. Nothing was decided.",
            next_step="Go back to the list of records and open the record again.",
        )
    view = services.review.view(case.id, leg=mine.number, record=name, by=staff_actor())
    return RecordPage(case=case, leg=mine, rows=rows, number=number, view=view, passages=_passages(view))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """What may be chosen as the legal reason, what it asks in writing, and how much may be said of it."""

    exemptions: list[Option]
    sayings: list[Option]
    questions: dict[str, list[Option]]


def reasons() -> Reasons:
    """The reasons the law knows, and how much may be said of one."""
    told = site().services.enquiries
    return Reasons(
        exemptions=[Option(value=code, text=f"{title} ({code})") for code, title in told.exemptions()],
        sayings=[Option(value=code, text=words[:1].upper() + words[1:]) for code, words in told.sayings()],
        questions={
            code: [Option(value=question, text=text) for question, text in asked]
            for code, asked in told.questions().items()
        },
    )


def _passages(view: ReviewView) -> tuple[PassagePage, ...]:
    shown: list[PassagePage] = []
    for index, passage in enumerate(view.passages):
        first = 1 + sum(len(p.marks) for p in shown)
        text = "".join(part.text for part in passage.parts)
        marks = _marks(passage, index, text, first=first)
        shown.append(
            PassagePage(
                index=index, label=passage.label, text=text, marks=marks, runs=tuple(_runs(text, marks))
            )
        )
    return tuple(shown)


def _marks(passage: ReviewPassage, index: int, text: str, *, first: int) -> tuple[Mark, ...]:
    """Narrow marks lie where their text lies; wide ones say where they start."""
    places: list[tuple[int, int, ReviewPart]] = []
    at = 0
    for part in passage.parts:
        end = at + len(part.text)
        if part.proposal:
            # Two proposals on the same words: the second has no text of its own left.
            start = at if part.text else min(part.start, at)
            places.append((start, end, part))
        at = end
    places += [(p.start, p.start + len(p.text), p) for p in passage.wide]
    places.sort(key=lambda place: (place[0], -place[1]))
    made = [
        Mark(number=first + i, passage=index, start=start, end=end, quote=text[start:end], part=part)
        for i, (start, end, part) in enumerate(places)
    ]
    return tuple(_with_cover(mark, made) for mark in made)


def _with_cover(mark: Mark, marks: list[Mark]) -> Mark:
    wider = (
        m.number
        for m in marks
        if m is not mark and m.part.verdict == "withhold" and m.start <= mark.start and mark.end <= m.end
    )
    return Mark(
        number=mark.number, passage=mark.passage, start=mark.start, end=mark.end, quote=mark.quote,
        part=mark.part, covered_by=next(wider, 0),
    )  # fmt: skip


def _runs(text: str, marks: tuple[Mark, ...]) -> list[Run]:
    edges = sorted({0, len(text), *(m.start for m in marks), *(m.end for m in marks)})
    runs: list[Run] = []
    for start, end in pairwise(edges):
        over = [m for m in marks if m.start <= start and end <= m.end]
        states = {m.state for m in over}
        # As in the pack: words inside anything withheld stay out.
        state = next((s for s in ("withhold", "open", "disclose") if s in states), "")
        begins = tuple(m for m in marks if m.start == start)
        runs.append(Run(text=text[start:end], state=state, begins=begins))
    return runs
