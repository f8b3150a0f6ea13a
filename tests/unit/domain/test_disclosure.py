"""What the gate searches with, and what the outward types show."""

import copy
import json
import pickle  # noqa: TID251 - the proof is that it cannot be done

import pytest

from sar.domain.disclosure import PLACEHOLDER, DisclosedPassage, Hidden, Needles, Shown, fold


def hits(needles, text):
    return len(list(needles.found_in(text)))


@pytest.mark.parametrize(
    "text",
    [
        "KERRY LOMAX", "kerry\u00a0 lomax", "Kerry\nLomax", "Ker\u00adry Lo\u200bmax", "\uff2berry Lomax",
        "said kerry lomax.", "x\tKerry\tLomax",
    ],
)  # fmt: skip
def test_spelling_case_and_white_space_hide_nothing(text):
    assert hits(Needles(["Kerry Lomax"], whole_words=True), text) == 1


def test_whole_words_do_not_start_or_end_inside_others():
    needles = Needles(["Rose", "07700"], whole_words=True)
    assert hits(needles, "It arose. Roses. 077001.") == 0
    assert hits(needles, "Rose's coat, (07700)") == 2
    assert hits(Needles(["Rose"]), "It arose.") == 1


def test_a_later_place_counts_when_the_first_is_inside_a_word():
    assert hits(Needles(["rose"], whole_words=True), "arose Rose") == 1


def test_long_needles_are_found_with_their_spaces_removed_and_short_ones_not():
    assert hits(Needles(["01632 960 144"], whole_words=True), "ring 01632960144 now") == 1
    assert hits(Needles(["01632960144"], whole_words=True), "ring 01632 960 144 now") == 1
    assert hits(Needles(["Al Ward"], whole_words=True), "the al ward") == 1
    assert hits(Needles(["nota"], whole_words=True), "not a") == 0


def test_short_strings_are_counted_not_searched():
    needles = Needles(["Jo", "Ann", "Anne", " jo ", ""], whole_words=True)
    assert (len(needles), needles.short) == (1, 2)
    assert hits(needles, "Jo and Ann") == 0


def test_needles_are_never_printed_pickled_or_copied():
    needles = Needles(["Kerry Lomax"])
    for said in (repr(needles), str(needles), f"{needles}", f"{needles!r}"):
        assert "erry" not in said
        assert "omax" not in said
    with pytest.raises(TypeError):
        pickle.dumps(needles)
    with pytest.raises(TypeError):
        copy.copy(needles)
    with pytest.raises(TypeError):
        json.dumps(needles)
    assert not hasattr(needles, "__dict__")


def test_disclosed_words_free_exactly_themselves():
    needles = Needles(["Kerry Lomax", "Lomax"], whole_words=True)
    assert len(needles.without_those_in(["Kerry Lomax"])) == 0
    assert len(needles.without_those_in(["LOMAX"])) == 1
    assert len(needles.without_those_in([])) == 2


def test_a_longer_word_does_not_free_a_shorter_one():
    needles = Needles(["Dean"], whole_words=True)
    assert hits(needles.without_those_in(["Deane Marlow"]), "Dean rang.") == 1


def test_folding_is_steady():
    once = fold("  A\u2019b\u2011C\n d ")
    assert once == "a'b-c d"
    assert fold(once) == once


def test_a_passage_reads_with_its_placeholders_in_place():
    pieces = (Shown(text="Then "), Hidden(ground="A"), Shown(text=" rang."))
    assert DisclosedPassage(label="Note", pieces=pieces).text == f"Then {PLACEHOLDER} rang."
