"""What stands beside a record on its page: copies, folded messages, near copies, altered quotes."""

from dataclasses import replace
from datetime import date

import pytest

from sar.config import shipped
from sar.detection.reading import load_detector
from sar.domain.duplicates import fold, joined, trace_of
from sar.domain.parties import StaffRole
from sar.domain.records import AlertEntry, AlertStep
from sar.domain.references import RecordKey, StoreName
from sar.law import load
from sar.ports.casework import folding_name
from sar.ports.keeping import Collection
from tests.fakes.mails import mail, reply
from tests.fakes.ports import record
from tests.integration.web.staff_site import make_desk, page

BEN = "Ben Okafor <ben@x.example>"
LONG = "The family was seen at home on Tuesday. Both parents were there and the flat was warm and tidy."
FIRST = mail("first", LONG, store="ward", on=date(2024, 3, 1))
COPY = replace(
    FIRST, key=RecordKey(StoreName("desk"), "d-7"),
    provenance=replace(FIRST.provenance, store=StoreName("desk"), store_label="The front desk", native_id="d-7"),
)  # fmt: skip
WHOLE = reply("whole", "Thank you, I have read this with care.", FIRST, by=BEN, store="ward")
WRONG = reply("wrong", "See below.", mail("first", LONG.replace("warm", "cold")), by=BEN, store="ward")
NOTE, SAME = (replace(record(n, f"{LONG} {LONG} {n}"), kind=FIRST.kind) for n in ("note", "again"))
ALERT = AlertEntry(alert_number="AL-1", step=AlertStep.RAISED, on=date(2024, 3, 4), category="risk")
FLAG = record("flag", "A flag.", alert=(ALERT,))


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    every = (FIRST, COPY, WHOLE, WRONG, NOTE, SAME, FLAG)
    found, by_key = fold(map(trace_of, every)), {r.key: r for r in every}
    inner = dict(found.groups)
    gone = {k for keys in inner.values() for k in keys}
    kept = [joined(r, [by_key[k] for k in inner.get(r.key, ())]) for r in every if r.key not in gone]
    made = make_desk(
        tmp_path_factory.mktemp("alike"),
        *kept,
        law=load("england"),
        detector=load_detector(shipped("redaction_rules")),
    )
    with made.office.archive.writing(made.case) as file:
        file.keep(Collection.FOLDING, folding_name(1, 1), found)
    yield made
    made.parts.engine.dispose()


@pytest.fixture(scope="module")
def officer(desk):
    return desk.staff(StaffRole.OFFICER)


def shown(desk, officer, native):
    return page(officer, f"{desk.leg}/records/{desk.number_of(native)}")


def test_a_folded_message_and_every_copy_are_listed_with_who_was_told(desk, officer):
    text = shown(desk, officer, "whole")
    assert "1 earlier message is wholly inside this one" in text
    assert "Also in The front desk, 1 March 2024" in text
    assert "To: Ben Okafor" in text
    assert "3 places hold it, or a part of it" in text
    assert "d-7" in text


def test_an_altered_quote_is_flagged_on_both_pages_with_the_difference(desk, officer):
    quoting, original = shown(desk, officer, "wrong"), shown(desk, officer, "whole")
    for text in (quoting, original):
        assert "Altered quote" in text
        assert "the flat was cold and tidy" in text
    assert f"/records/{desk.number_of('whole')}" in quoting
    assert "A message quotes this one in other words than it has" in original


def test_a_near_copy_is_linked(desk, officer):
    text = shown(desk, officer, "note")
    assert "Nearly the same as" in text
    assert f"/records/{desk.number_of('again')}" in text


def test_the_page_of_disagreements_says_what_each_rests_on(desk, officer):
    rows = desk.office.enquiries.review_list(desk.case, leg=1)
    number = 1 + [row.kind for row in rows].index("where the records disagree")
    text = page(officer, f"{desk.leg}/records/{number}")
    assert "Disagreement 1 rests on" in text
    assert f"/records/{desk.number_of('flag')}" in text


def test_a_record_with_nothing_beside_it_says_nothing(desk, officer):
    assert "Beside this record" not in shown(desk, officer, "flag")
