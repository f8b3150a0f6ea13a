"""Whatever comes in: folding loses no line and no place, and neither the order nor a second folding changes it."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sar.domain.duplicates import fold, joined, trace_of
from sar.domain.quoted import blocks_of, squeezed, unmarked, unquoted
from sar.domain.references import RecordKey, StoreName
from tests.fakes.mails import STYLES, mail, reply

WRITERS = ("Jane Doe <jane@x.example>", "Ben Okafor <ben@x.example>", "Ann Lee <ann@x.example>")
LINES = (
    "Thanks.", "I agree.", "Leanne was seen at home today. She was well.", "-- \nJane\nTel 01632 960123",
    "Please call me\non Friday.", "On 3 March I saw her.", "> an old mark", "From: the ward\nTo: the school",
    "The family was told about the plan and they were content with all of it.", "Sent from my iPhone",
)  # fmt: skip


@st.composite
def mailboxes(draw):
    found = []
    for number in range(draw(st.integers(1, 7))):
        text = "\n\n".join(draw(st.lists(st.sampled_from(LINES), min_size=0, max_size=3)))
        more = {
            "by": draw(st.sampled_from(WRITERS)),
            "on": date(2024, 3, 4) + timedelta(days=draw(st.integers(0, 2))),
            "attached": draw(st.sampled_from(((), (), ("scan.pdf",)))),
            "about": draw(st.sampled_from((("leanne",), ("leanne", "callum")))),
            "cc": draw(st.sampled_from(("", "Nurse <nurse@x.example>"))),
        }
        if found and draw(st.booleans()):
            answered = draw(st.sampled_from(found))
            found.append(reply(str(number), text, answered, style=draw(st.sampled_from(STYLES)), **more))
        else:
            found.append(mail(str(number), text, **more))
    copies = draw(st.lists(st.sampled_from(found), max_size=4))
    return [
        *found,
        *(_copy(r, f"c{i}", draw(st.sampled_from(("mailbox", "other")))) for i, r in enumerate(copies)),
    ]


def _copy(record, native, store):
    place = replace(record.provenance, store=StoreName(store), native_id=native)
    return replace(record, key=RecordKey(StoreName(store), native), provenance=place)


def kept(records):
    found, by_key = fold(trace_of(r) for r in records), {r.key: r for r in records}
    inner = dict(found.groups)
    gone = {key for keys in inner.values() for key in keys}
    assert len(gone) == sum(map(len, inner.values()))
    return [joined(r, [by_key[k] for k in inner.get(r.key, ())]) for r in records if r.key not in gone]


def lines_of(record):
    return {
        squeezed(unquoted(line)[1]) for p in record.passages for line in p.text.split("\n")
    } - {""}  # fmt: skip


def _said(text):
    for block in blocks_of(text):
        yield from (block.text, block.announced, *block.footers)
    yield unmarked(text)


def says(record, line):
    texts = [t for p in record.passages for t in (*_said(p.text), squeezed(p.text))]
    return any(f" {line} " in f" {text} " for text in texts)


@settings(deadline=None)
@given(mailboxes())
def test_every_line_and_every_place_is_in_some_kept_record(records):
    left = kept(records)
    for record in records:
        for line in lines_of(record):
            assert any(says(one, line) for one in left), line
    places = {(p.store, p.native_id) for r in left for p in (r.provenance, *r.copies)}
    assert places == {(r.key.store, r.key.native_id) for r in records}
    assert {s for r in left for s in r.about} == {s for r in records for s in r.about}


@settings(deadline=None)
@given(mailboxes(), st.randoms(use_true_random=False))
def test_the_order_in_which_they_come_changes_nothing(records, chance):
    mixed = list(records)
    chance.shuffle(mixed)
    assert fold(map(trace_of, mixed)) == fold(map(trace_of, records))


@settings(deadline=None)
@given(mailboxes())
def test_what_was_folded_does_not_fold_again(records):
    again = fold(map(trace_of, kept(records)))
    assert (again.exact, again.contained) == ((), ())
