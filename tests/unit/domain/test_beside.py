"""A record beside what it was: one new entry among many alike is one difference, not many."""

from sar.domain.beside import side_by_side
from tests.fakes.ports import record

STEPS = ("5 March, raised.", "6 March, copied to the surgery.", "18 September, re-labelled.")


def test_an_entry_put_among_others_shifts_none_of_them():
    added = (STEPS[0], "5 March, told the parents.", *STEPS[1:])
    sides = side_by_side(record("a", *STEPS), record("a", *added))
    assert [(s.before, s.after[0].text) for s in sides if s.is_changed] == [
        ((), "5 March, told the parents.")
    ]
    assert len(sides) == 5


def test_words_that_differ_in_one_entry_stand_beside_each_other():
    edited = (STEPS[0], "6 March, copied to the school.", STEPS[2])
    [side] = [s for s in side_by_side(record("a", *STEPS), record("a", *edited)) if s.is_changed]
    assert [r.text for r in side.before if r.is_changed] == ["surgery."]
    assert [r.text for r in side.after if r.is_changed] == ["school."]
