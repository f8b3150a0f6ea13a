"""The explanation of a date is read by families under strain: short words, short sentences, the whole story."""

from datetime import date, timedelta

import pytest
from hypothesis import given

from sar.domain.clock import (
    AskedAndGot,
    ClockFacts,
    DateCorrection,
    DatedFact,
    ExtensionNotice,
    Right,
    replay,
)
from sar.law import load
from tests.properties.test_clock import facts
from tests.unit.law.test_law_files import grade

NOV_20 = date(2026, 11, 20)
CALENDAR = load("england").calendar
HARDEST = 8


def got(asked, received=None):
    return AskedAndGot(
        asked_on=NOV_20 + timedelta(days=asked), got_on=received and NOV_20 + timedelta(days=received)
    )


STORIES = {
    "plain": ClockFacts(received_on=NOV_20),
    "identity": ClockFacts(received_on=NOV_20, identity=(got(5, 14),)),
    "waiting": ClockFacts(received_on=NOV_20, identity=(got(0),), authority=(got(0),), clarifications=(got(4),)),
    "questions": ClockFacts(received_on=NOV_20, clarifications=(got(4, 7), got(6, 19))),
    "extended": ClockFacts(
        received_on=NOV_20, extension=ExtensionNotice(given_on=date(2026, 12, 10), reasons="Many.")
    ),
    "too late": ClockFacts(
        received_on=NOV_20, fee=(got(60, 61),), clarifications=(got(70),),
        extension=ExtensionNotice(given_on=date(2027, 1, 10), reasons="Many."),
    ),
    "put right": ClockFacts(
        received_on=NOV_20,
        corrections=(
            DateCorrection(what=DatedFact.RECEIVED, was=date(2026, 12, 1), now=NOV_20, made_on=date(2026, 12, 4)),
            DateCorrection(what=DatedFact.AUTHORITY_GOT, was=NOV_20, now=None, made_on=date(2026, 12, 5)),
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("right", [Right.ACCESS, Right.RECTIFICATION])
def test_every_story_is_in_plain_english(story, right):
    steps = replay(STORIES[story], calendar=CALENDAR, right=right, refuse=False).steps
    assert grade(" ".join(step.text_for_family for step in steps)) <= HARDEST


def test_the_story_of_the_brief():
    """Received, asked, got, and from when the month runs: the sentences a parent was promised."""
    said = [step.text_for_family for step in replay(STORIES["identity"], calendar=CALENDAR).steps]
    assert said == [
        "We received your request on Friday 20 November 2026.",
        "We asked for proof of who you are on Wednesday 25 November 2026 and received it on Friday 4 December 2026. "
        "So the month runs from then.",
        "One month from Friday 4 December 2026 ends on Monday 4 January 2027.",
        "You should have our answer by Monday 4 January 2027.",
    ]


@given(facts())
def test_every_step_has_its_law_and_no_jargon(given_facts):
    for step in replay(given_facts, calendar=CALENDAR, refuse=False).steps:
        assert step.statute
        assert step.text_for_family.endswith(".")
        for word in ("Article", "s.", "controller", "data subject", "statut", "SAR"):
            assert word not in step.text_for_family
