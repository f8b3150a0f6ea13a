"""Where the stores disagree about an alert, with each other or with themselves.

Each is a proposal to the officer who reads the records it rests on. The words go on a page that is reviewed like
any record, so they say what is written where, and never who is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from sar.domain.alerts import (
    EXPECTED,
    PARENT,
    AlertLife,
    Expected,
    Reader,
    SeenEntry,
    generated,
    listed,
    say,
    state_words,
    words_of,
)
from sar.domain.records import AlertStep, Finding, Passage, Record, RecordKind
from sar.domain.references import RecordKey, SubjectId

CLOSED_WITHOUT_CONCERN = frozenset({"RC8", "21", "no-concern"})
"""Census closure code RC8 (closed after assessment) and factor 21 (no factors identified)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two stores, or one store and the law, that do not agree."""

    code: str
    words: str
    rests_on: tuple[RecordKey, ...] = ()
    """The records it was found in, for the officer who checks it."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """All that one check may look at."""

    life: AlertLife
    records: Sequence[Record]
    reader: Reader
    expected: Expected
    on: date | None

    @property
    def name(self) -> str:
        return f"Alert {self.life.number}"

    @property
    def active(self) -> list[SeenEntry]:
        return [s for s in self.life.standing if s.entry.status == "active"]

    def closures(self) -> list[tuple[Finding, Record]]:
        found = [
            (f, r)
            for r in self.records
            for f in r.findings
            if f.code in CLOSED_WITHOUT_CONCERN and f.on >= self.life.raised_on
        ]
        return sorted(found, key=lambda pair: (pair[0].on, pair[1].provenance.store_label, pair[0].words))

    def that(self, code: str, words: str, *on: SeenEntry | Record) -> Contradiction:
        keys = [one.key if isinstance(one, Record) else one.record for one in on or self.life.seen]
        return Contradiction(
            code=code,
            words=f"{self.name}{words}",
            rests_on=tuple(dict.fromkeys(key for key in keys if key is not None)),
        )


def contradictions(
    alert_lives: Sequence[AlertLife],
    records: Sequence[Record],
    *,
    reader: Reader = PARENT,
    expected: Expected = EXPECTED,
    on: date | None = None,
) -> tuple[Contradiction, ...]:
    """Where the records disagree, in words for the officer and, if disclosed, the family.

    :param on: the day of the look; without it, what is still open is not held to be late.
    """
    found: list[Contradiction] = []
    for life in alert_lives:
        seen = _Seen(life=life, records=records, reader=reader, expected=expected, on=on)
        for check in _CHECKS:
            found.extend(check(seen))
    return tuple(found)


def _active_after_closure(seen: _Seen) -> Iterator[Contradiction]:
    if seen.active and (closed := seen.closures()):
        finding, record = closed[0]
        labels = _labels(seen.active)
        yield seen.that(
            "active-after-closure",
            f": {record.provenance.store_label} says on {say(finding.on)}: {finding.words}. "
            f"{listed(labels)} {_still(labels)} the alert as active.",
            record, *seen.active,
        )  # fmt: skip


def _active_after_error(seen: _Seen) -> Iterator[Contradiction]:
    labels = _labels(seen.active)
    if not labels:
        return
    if marked := seen.life.of(AlertStep.ENTERED_IN_ERROR):
        first = marked[0]
        said = f"{first.store_label} says on {say(first.entry.on)} that it was entered in error."
    elif wrong := [s for s in seen.life.of(AlertStep.STATUS) if s.entry.status == "entered-in-error"]:
        first = wrong[0]
        said = f"{first.store_label} says that it was entered in error."
    else:
        return
    yield seen.that(
        "active-after-error", f": {said} {listed(labels)} {_still(labels)} the alert as active.", first, *seen.active
    )  # fmt: skip


def _states_differ(seen: _Seen) -> Iterator[Contradiction]:
    states = seen.life.states
    if len({state for _, state in states}) > 1:
        where = "different places" if len({label for label, _ in states}) > 1 else "one place"
        said = "; ".join(f"{label}: {state_words(state)}" for label, state in states)
        yield seen.that(
            "states-differ", f" has different states in {where}. {said}.", *seen.life.of(AlertStep.STATUS)
        )


def _changes_of_category(seen: _Seen) -> tuple[str, list[SeenEntry]]:
    first = next((s.entry.category for s in seen.life.of(AlertStep.RAISED) if s.entry.category), "")
    changes = [
        s
        for s in seen.life.of(AlertStep.RELABELLED)
        if first and s.entry.category and s.entry.category != first
    ]
    return first, changes


def _relabelled(seen: _Seen) -> Iterator[Contradiction]:
    first, changes = _changes_of_category(seen)
    if changes:
        step = changes[0]
        yield seen.that(
            "category-changed",
            f" was first recorded as \u201c{first}\u201d. On {say(step.entry.on)} it was "
            f"changed to \u201c{step.entry.category}\u201d. "
            "Giving it another name did not change its legal status.",
            *seen.life.of(AlertStep.RAISED), step,
        )  # fmt: skip


def _relabelled_after_complaint(seen: _Seen) -> Iterator[Contradiction]:
    _, changes = _changes_of_category(seen)
    complaints = sorted(
        (r for r in seen.records if r.kind is RecordKind.COMPLAINT), key=lambda r: (r.dated_on, str(r.key))
    )
    for change in changes:
        before = [c for c in complaints if seen.life.raised_on <= c.dated_on <= change.entry.on]
        if before:
            yield seen.that(
                "category-changed-after-complaint",
                f": a complaint is on record of {say(before[-1].dated_on)}. The category was changed after it, on "
                f"{say(change.entry.on)}, to \u201c{change.entry.category}\u201d.",
                before[-1], change,
            )  # fmt: skip
            return


def _category_differs(seen: _Seen) -> Iterator[Contradiction]:
    said = {
        s.store_label: s for s in seen.life.of(AlertStep.RAISED) if s.entry.category
    }  # fmt: skip
    if len({s.entry.category.casefold() for s in said.values()}) > 1:
        told = "; ".join(f"{label}: \u201c{s.entry.category}\u201d" for label, s in sorted(said.items()))
        yield seen.that(
            "category-differs", f" was raised under different names. {told}.", *said.values()
        )  # fmt: skip


def _not_told(seen: _Seen) -> Iterator[Contradiction]:
    life, reader = seen.life, seen.reader
    if not life.told and not life.reasons_not_told:
        yield seen.that(
            "no-reason-not-told",
            f": no alert entry says that {reader.told(life.raised_on)} told when it was raised, "
            "and none gives a reason.",
        )


def _told_differs(seen: _Seen) -> Iterator[Contradiction]:
    said = [s for s in seen.life.seen if s.entry.parents_told is not None]
    yes = _labels(s for s in said if s.entry.parents_told)
    no = _labels(s for s in said if not s.entry.parents_told)
    no = [label for label in no if label not in yes]
    if yes and no:
        told = seen.reader.told(seen.life.raised_on)
        yield seen.that(
            "told-differs",
            f": {listed(yes)} {_say(yes)} that {told} told. {listed(no)} {_say(no)} that {told} not told.",
            *said,
        )


def _recipients_incomplete(seen: _Seen) -> Iterator[Contradiction]:
    """The list of whoever raised it, against what other stores record."""
    raised_in = {s.store for s in seen.life.of(AlertStep.RAISED)}
    if not raised_in:
        return
    named = [s for s in seen.life.seen if s.entry.recipient]
    own = [words_of(s.entry.recipient) for s in named if s.store in raised_in]
    missing = [
        s
        for s in named
        if s.store not in raised_in
        and not any(w <= words_of(s.entry.recipient) or words_of(s.entry.recipient) <= w for w in own)
    ]
    if missing:
        names = list(dict.fromkeys(f"{s.entry.recipient} ({say(s.entry.on)})" for s in missing))
        where = _labels(s for s in seen.life.of(AlertStep.RAISED))
        labels = _labels(missing)
        yield seen.that(
            "recipients-incomplete",
            f": {listed(labels)} {_say(labels)} that it was also sent to: {'; '.join(names)}. "
            f"The list in {listed(_low(where))} does not name them.",
            *seen.life.of(AlertStep.RAISED), *missing,
        )  # fmt: skip


def _reviewed_late(seen: _Seen) -> Iterator[Contradiction]:
    months = seen.expected.review_months
    ended = [s.entry.on for s in (*seen.life.of(AlertStep.CLOSED), *seen.life.of(AlertStep.ENTERED_IN_ERROR))]
    looked = [s for s in seen.life.seen if s.entry.step in {AlertStep.RAISED, AlertStep.REVIEWED}]
    if not months or not looked:
        return
    end = min(ended) if ended else (seen.on if seen.active else None)
    days = [s.entry.on for s in looked] + ([end] if end else [])
    for before, after in pairwise(sorted(days)):
        if after > _months_on(before, months):
            if after in ended:
                until = f"It was ended on {say(after)}"
            elif any(s.entry.on == after for s in looked):
                until = f"The next look was on {say(after)}"
            else:
                until = "No entry says that anybody has looked since"
            yield seen.that(
                "reviewed-late",
                f" was not looked at again within {months} months of {say(before)}. {until}. "
                f"{seen.expected.said}",
                *looked,
            )
            return


def _months_on(on: date, months: int) -> date:
    year, month = divmod(on.month - 1 + months, 12)
    return date(on.year + year, month + 1, min(on.day, 28))


_DONE_TO_IT = {
    AlertStep.COPIED: "told to others",
    AlertStep.RELABELLED: "given another name",
    AlertStep.REVIEWED: "looked at again",
    AlertStep.CLOSED: "closed",
    AlertStep.ENTERED_IN_ERROR: "marked as entered in error",
}


def _order_of_dates(seen: _Seen) -> Iterator[Contradiction]:
    raised = seen.life.of(AlertStep.RAISED)
    wrong = seen.life.of(AlertStep.ENTERED_IN_ERROR)
    for step in seen.life.seen:
        done, on = _DONE_TO_IT.get(step.entry.step), step.entry.on
        if done and raised and on < raised[0].entry.on:
            said = f"{say(on)}. It was raised after that, on {say(raised[0].entry.on)}"
            other = raised[0]
        elif done and wrong and step.entry.step not in _MAY_FOLLOW_ERROR and on > wrong[0].entry.on:
            said = f"{say(on)}. It was marked as entered in error before that, on {say(wrong[0].entry.on)}"
            other = wrong[0]
        else:
            continue
        yield seen.that(
            "date-order", f": {step.store_label} says that it was {done} on {said}.", step, other
        )  # fmt: skip


_MAY_FOLLOW_ERROR = frozenset({AlertStep.ENTERED_IN_ERROR, AlertStep.CLOSED, AlertStep.COPIED})
"""Others may be told of the error after it was marked, and the entry closed."""


def _without_event(seen: _Seen) -> Iterator[Contradiction]:
    """An alert raised about somebody else that stands on this person's record too."""
    if seen.life.of(AlertStep.RAISED):
        return
    labels = _labels(seen.life.seen)
    yield seen.that(
        "flag-on-relative",
        f" stands in {listed(_low(labels))}. No entry that we found says that it was raised about this person. "
        "It may have come from the record of a relative.",
    )


def _subjects_differ(seen: _Seen) -> Iterator[Contradiction]:
    raised = {s.record for s in seen.life.of(AlertStep.RAISED)}
    holders = [r for r in seen.records if r.key in raised]
    if len({r.about for r in holders}) > 1:
        labels = sorted({r.provenance.store_label for r in holders})
        yield seen.that(
            "subject-differs",
            f" has one number, but not the same people. The entries in {listed(_low(labels))} do not agree "
            "on whom it is about.",
            *holders,
        )


def _end_is_missing(seen: _Seen) -> Iterator[Contradiction]:
    closed = seen.life.of(AlertStep.CLOSED)
    labels = [label for label in _labels(seen.active) if label not in _labels(closed)]
    if closed and labels:
        first = closed[0]
        yield seen.that(
            "end-missing",
            f": {first.store_label} says that it was closed on {say(first.entry.on)}. "
            f"{listed(labels)} {'gives' if len(labels) == 1 else 'give'} no end.",
            first, *seen.active,
        )  # fmt: skip
    ended = closed or seen.life.of(AlertStep.ENTERED_IN_ERROR) or seen.life.states
    if not ended and (enquiries := seen.closures()):
        finding, record = enquiries[0]
        yield seen.that(
            "end-missing",
            f": {record.provenance.store_label} says on {say(finding.on)}: {finding.words}. "
            "No entry that we found says when the alert ended.",
            record, *seen.life.seen,
        )  # fmt: skip


_CHECKS: tuple[Callable[[_Seen], Iterator[Contradiction]], ...] = (
    _active_after_closure, _active_after_error, _states_differ, _end_is_missing, _relabelled,
    _relabelled_after_complaint, _category_differs, _not_told, _told_differs, _recipients_incomplete,
    _reviewed_late, _order_of_dates, _without_event, _subjects_differ,
)  # fmt: skip


def _labels(seen: Iterable[SeenEntry]) -> list[str]:
    return sorted({s.store_label for s in seen})


def _low(labels: Sequence[str]) -> list[str]:
    """Labels inside a sentence."""
    return [label[:1].lower() + label[1:] if label.startswith("The ") else label for label in labels]


def _still(labels: Sequence[str]) -> str:
    return "still shows" if len(labels) == 1 else "still show"


def _say(labels: Sequence[str]) -> str:
    return "says" if len(labels) == 1 else "say"


def contradictions_record(
    found: Sequence[Contradiction], *, subject: SubjectId, on: date, at: datetime
) -> Record:
    """The disagreements as a page to be reviewed."""
    return generated(
        subject=subject,
        name="contradictions",
        kind=RecordKind.CONTRADICTIONS,
        on=on,
        at=at,
        passages=[Passage(label=f"Disagreement {i}", text=c.words) for i, c in enumerate(found, start=1)],
    )
