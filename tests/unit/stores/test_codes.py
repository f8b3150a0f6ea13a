"""Codes in every shape in which systems keep them: none is lost, none is made up."""

import pytest

from sar.stores.codes import codes_in, in_words, truth

CODED = {
    "3A": "domestic abuse",
    "3B": "of a parent",
    "4A": "mental health",
    "16A": "neglect",
    "NEG": "neglect",
}


@pytest.mark.parametrize(
    ("kept", "codes"),
    [
        (["3A ", " 16A", "1b"], ["3A", "16A", "1b"]),
        ("3A, 16A", ["3A", "16A"]),
        ("3a;16A;3A", ["3A", "16A"]),
        ("3A 16A", ["3A", "16A"]),
        ("3A, 77Z", ["3A", "77Z"]),
        ({"": "3A, neg"}, ["3A", "NEG"]),
        ({"SingleAssessmentFactors": ["3B", "77Z"], "note": "rang twice"}, ["3B", "77Z"]),
        ({"factors": {"list": [{"3A": "Yes"}]}}, ["3A"]),
        ({"4A": "T", "3a": "Seen by the nurse", "3B": "F", "16A": None, "NEG": "Unknown"}, ["4A", "3A"]),
        ({"3A": 1, "3B": 0, "4A": 1.0, "16A": False}, ["3A", "4A"]),
        ("", []),
        (None, []),
    ],
)
def test_codes_are_found_in_every_shape(kept, codes):
    assert list(codes_in(kept, CODED)) == codes


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (" 3a", "domestic abuse (code 3A)"),
        ("neg ", "neglect"),
        ("3A, 16A", "domestic abuse (code 3A); neglect (code 16A)"),
        ("3A, 77Z", "domestic abuse (code 3A); 77Z"),
        ("3A, but see the letter", "3A, but see the letter"),
        ("77Z", "77Z"),
        ("3A " * 500, "3A " * 500),
    ],
)
def test_codes_are_words_and_other_words_stay_as_they_are(kept, words):
    assert in_words(kept, CODED) == words


def test_a_field_without_a_list_of_codes_is_left_alone():
    assert in_words(" 3A, 16A ", {}) == " 3A, 16A "


@pytest.mark.parametrize(
    ("text", "said"), [("T", True), (" yes", True), ("f", False), ("0", False), ("x", None)]
)
def test_yes_and_no_are_told_from_what_is_not_recorded(text, said):
    assert truth(text) is said
