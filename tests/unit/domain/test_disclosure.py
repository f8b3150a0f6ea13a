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


@pytest.mark.parametrize(
    ("needle", "text"),
    [
        ("Zo\u00eb Marsh", "zoe marsh"),
        ("Tully", "Tul\u0301ly"),
        ("O'Brien", "O\u2018Brien and O\u02bcBrien and O`Brien"),
        ("Smith-Jones", "Smith\u2013Jones"),
        ("next door", "next-door"),
        ("next door", "next_door"),
        ("half-brother", "her half brother"),
        ("01632 960144", "+44 (0)1632-960 144"),
        ("+44 1632 960144", "01632.960.144"),
        ("999 204 4330", "999-204-4330"),
        ("Maureen Tully", "maureen.tully@example.com"),
        ("Maureen Tully", "M A U R E E N T U L L Y"),
        ("Tully", "T U L L Y"),
        ("Tully", "\u1d1b\u1d1c\u029f\u029f\u028f"),
    ],
)
def test_other_ways_to_write_the_same_are_found(needle, text):
    assert hits(Needles([needle], whole_words=True), text) == 1


@pytest.mark.parametrize(
    ("needle", "text"),
    [
        ("Tia Doyle", "Celestia Doyle"),
        ("2/11/93", "12/11/93"),
        ("number 16", '{"number":16}'),
        ("One letter.", "If one letter in it is changed"),
        ("9992044330", "39992044330"),
        ("\u00a350", "50 people"),
    ],
)
def test_what_only_looks_alike_is_no_hit(needle, text):
    assert hits(Needles([needle], whole_words=True), text) == 0


def test_two_letters_of_a_name_are_enough_where_a_person_reads():
    needles = Needles([], names=["Tia", "Jo"], whole_words=True)
    assert hits(needles, "Then tia and Jo came.") == 2
    assert hits(needles, "A jo is no name, nor is Joan.") == 0
    assert list(needles.found_in("Tia Jo", prose=False)) == []


@pytest.mark.parametrize("text", ["I met Will there.", "she says Will's coat", "with Will Turner"])
def test_a_name_that_is_a_word_is_found_with_its_capital(text):
    assert hits(Needles([], names=["Will"], whole_words=True), text) == 1


@pytest.mark.parametrize(
    "text", ["I will ring.", "She left. Will she ring?", "Will she ring?", "\nWill she?"]
)
def test_a_name_that_is_a_word_is_not_found_as_the_word(text):
    assert hits(Needles([], names=["Will"], whole_words=True), text) == 0


def test_a_month_is_no_name_in_a_date():
    needles = Needles([], names=["May"], whole_words=True)
    assert hits(needles, "On 3 May and in May 2024 you may ring.") == 0
    assert hits(needles, "I saw May at the door.") == 1


FIXED = "A relative or a neighbour who tells in trust is kept private by the law of the land."


def test_our_own_sentence_is_no_hit_and_the_same_words_elsewhere_are():
    needles = Needles(["a neighbour"], whole_words=True).beside([FIXED])
    assert hits(needles, f"Before. {FIXED} After.") == 0
    assert hits(needles, FIXED.replace(" ", "\n")) == 0
    assert hits(needles, f"{FIXED} It was a neighbour at number four.") == 1
    assert hits(needles, "It was a neighbour.") == 1


def test_a_heading_of_one_word_explains_nothing():
    assert hits(Needles(["Mark"], whole_words=True).beside(["Mark"]), "Then Mark came.") == 1


def test_two_disclosed_texts_free_no_string_that_only_reaches_over_both():
    needles = Needles(["Kerry Lomax"], whole_words=True)

    assert len(needles.without_those_in(["for Kerry", "Lomax is"])) == 1
    assert len(needles.without_those_in(["for Kerry Lomax is"])) == 0


def test_a_label_is_judged_by_its_own_words_each_time_it_is_asked_about():
    needles = Needles(["Kerry Lomax"], whole_words=True)

    assert [needles.stand_in_label(label) for label in ("Told by Kerry Lomax", "Told by") * 2] == [
        True,
        False,
    ] * 2
