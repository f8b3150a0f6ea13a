"""What is kept comes back exactly, whatever it holds; what must not be kept is refused."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sar.db.conversion import from_bytes, to_bytes
from sar.domain.alerts import AlertLife
from sar.domain.complaints import Complaint
from sar.domain.disclosure import DisclosedRecord, Hidden, Needles, Pack, ReviewView, Shown
from sar.domain.duplicates import Folding, fold, trace_of
from sar.domain.errors import InvalidInput, SealBroken
from sar.domain.matching import Proposal
from sar.domain.parties import AccessRequest, PeopleRegister
from sar.domain.records import Record, StoreAnswer
from sar.domain.rectification import Correction
from sar.domain.redaction import Decision, RecordDecision
from sar.domain.references import CaseReference
from sar.domain.traces import Trace
from sar.domain.trail import Event
from sar.ports.casework import SignedOff
from tests.fakes.mails import mail, reply

KEPT = (
    Record, StoreAnswer, Decision, RecordDecision, PeopleRegister, DisclosedRecord, Pack, Event, Proposal,
    AccessRequest, SignedOff, Correction, Complaint, AlertLife, Trace,
)  # fmt: skip


DAY_IN_PARIS = datetime(2026, 3, 1, 10, 30, tzinfo=timezone(timedelta(hours=1)))


def short(kind: type) -> st.SearchStrategy[tuple[object, ...]]:
    """Tuples of a few: the shape matters here, not the size."""
    return st.lists(st.from_type(get_args(kind)[0]), max_size=2).map(tuple)


facts = st.dictionaries(st.text(max_size=5), st.one_of(st.none(), st.booleans(), st.integers(), st.text()))

st.register_type_strategy(tuple, short)
st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)).map(lambda d: d.replace(fold=0)))
st.register_type_strategy(date, st.dates())
st.register_type_strategy(str, st.text(alphabet=st.characters(exclude_categories=["Cs"])))
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(
    CaseReference, st.builds(lambda n: CaseReference(f"SA-2026-{n:04d}"), st.integers(1, 99999))
)


st.register_type_strategy(Event, st.builds(Event, facts=facts))


def shape(value: object) -> object:
    """The types of a value and of everything inside: True equals 1, and a list of one a tuple of one."""
    if is_dataclass(value):
        return type(value), [shape(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, tuple):
        return tuple, [shape(one) for one in value]
    if isinstance(value, dict):
        return dict, [(key, shape(one)) for key, one in sorted(value.items())]
    return type(value)


@pytest.mark.parametrize("kind", KEPT, ids=lambda kind: kind.__name__)
@settings(max_examples=30)
@given(data=st.data())
def test_a_value_comes_back_exactly(kind: type, data: st.DataObject) -> None:
    value = data.draw(st.from_type(kind))
    again = from_bytes(to_bytes(value), kind)
    assert again == value
    assert shape(again) == shape(value), "equal, but of other types inside"


@given(st.lists(st.from_type(Proposal), max_size=3).map(tuple))
def test_a_tuple_of_values_comes_back(values: tuple[Proposal, ...]) -> None:
    assert from_bytes(to_bytes(values), tuple[Proposal, ...]) == values


@settings(max_examples=50)
@given(st.lists(st.from_type(Record), min_size=1, max_size=3).map(tuple))
def test_a_page_of_records_is_written_as_each_of_them_is_by_itself(records: tuple[Record, ...]) -> None:
    by_themselves = ",".join(to_bytes(record).decode() for record in records)
    assert to_bytes(records).decode() == f"[{by_themselves}]"
    assert from_bytes(to_bytes(records), tuple[Record, ...]) == records


def test_a_record_that_holds_something_else_than_it_says_is_written_as_before() -> None:
    record = mail("1", "Both parents were there.")
    odd = replace(record, provenance=replace(record.provenance, store_label=7, changed_at=DAY_IN_PARIS))  # type: ignore[arg-type]
    assert to_bytes((odd,)).decode() == f"[{to_bytes(odd).decode()}]"
    moved = replace(record, provenance=replace(record.provenance, changed_at=DAY_IN_PARIS))
    same = replace(record, provenance=replace(record.provenance, changed_at=DAY_IN_PARIS.astimezone(UTC)))
    assert to_bytes((same, moved)).decode() == f"[{to_bytes(same).decode()},{to_bytes(moved).decode()}]"


def test_shown_and_hidden_are_told_apart_even_when_empty() -> None:
    record = DisclosedRecord(
        kind="visit", dated_on=date(2025, 5, 3), origin="o", controller="c", found_by="f",
        retrieved_on=date(2026, 11, 1), also_held_in=(),
        passages=(),
    )  # fmt: skip
    pieces = (Shown(text=""), Hidden(ground=""), Shown(text="[withheld]"))
    assert from_bytes(to_bytes(pieces), tuple[Shown | Hidden, ...]) == pieces
    assert from_bytes(to_bytes(record), DisclosedRecord) == record


@dataclass(frozen=True, slots=True, kw_only=True)
class Smuggler:
    inside: object


VIEW = ReviewView(
    record="a/b", kind="visit", dated_on=date(2025, 5, 3), origin="o", controller="c", also_held_in=(),
    passages=(), outcome="", outcome_reason="", undecided=0,
)  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [Needles(["Orla Quill"]), (Needles(["Orla Quill"]),), Smuggler(inside=Needles(["Orla Quill"])), VIEW, (VIEW,),
     Smuggler(inside=VIEW), object(), Smuggler(inside={1, 2})],
    ids=["needles", "in a tuple", "in a value", "view", "view in a tuple", "view in a value", "anything", "a set"],
)  # fmt: skip
def test_what_must_not_be_kept_is_refused_without_being_quoted(value: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        to_bytes(value)
    assert "Quill" not in str(refused.value)
    assert "Quill" not in str(refused.value.__cause__)


def test_a_value_of_another_kind_is_refused_without_being_quoted() -> None:
    kept = to_bytes(Shown(text="Orla Quill rang"))
    with pytest.raises(SealBroken) as refused:
        from_bytes(kept, Record)
    assert "Quill" not in f"{refused.value}{refused.value.__cause__}"
    assert refused.value.__suppress_context__


def test_a_folding_comes_back():
    first, wrong = (
        mail("1", "Both parents were there. The flat was warm."),
        mail("1", "Both parents were there."),
    )
    answer, copy = reply("2", "Thank you.", wrong, by="Ben <ben@x.example>"), mail("3", "A note. " * 20)
    found = fold(trace_of(r) for r in (first, answer, copy, mail("4", "A note. " * 19)))
    assert found.near
    assert from_bytes(to_bytes(found), Folding) == found
