from dataclasses import replace
from datetime import date

import pytest

from sar.domain.errors import DecisionNotSupported
from sar.domain.opinions import (
    AlreadyKnown,
    Classified,
    HealthView,
    Opinion,
    OpinionAsked,
    OpinionResult,
    Professional,
    RecordOpinion,
    check_health_release,
)
from sar.domain.records import DataClass
from tests.fakes.ports import record

RELIED = date(2026, 11, 20)
HEALTH = record("1", "Seen on the ward.", data_class=DataClass.HEALTH)
OTHER = record("2", "The boiler was mended.")


def opinion(result, on=RELIED, of=HEALTH, **more):
    return Opinion(
        id=f"o-{on}-{result.name}", leg=1, asked="", given_on=on, professional=Professional.RESPONSIBLE,
        role="consultant", name="Dr Invented", words="I read it.",
        records=(RecordOpinion(record=of.key, version=of.version, result=result),), **more,
    )  # fmt: skip


def view(*opinions, **more):
    return HealthView(opinions=opinions, **more)


def said(*classes):
    return {
        r.key: Classified(
            record=r.key, version=r.version, over=r.data_class, data_class=kind, reason="Read.", on=RELIED
        )
        for r, kind in classes
    }


def is_open(seen, of=HEALTH, *, part=False):
    may = seen.may_go_out(of, RELIED, part_withheld=part)
    if may:
        check_health_release(seen, of, on=RELIED, part_withheld=part)
    else:
        with pytest.raises(DecisionNotSupported) as refusal:
            check_health_release(seen, of, on=RELIED, part_withheld=part)
        assert refusal.value.field == "opinion_on"
        assert refusal.value.next_step
    return may


NOT_MET, IN_PART, MET = OpinionResult.NOT_MET, OpinionResult.MET_IN_PART, OpinionResult.MET


def test_health_information_stays_in_until_somebody_says_that_it_does_no_serious_harm():
    assert not is_open(view())
    assert is_open(view(opinion(NOT_MET)))
    assert is_open(view(), OTHER)
    assert is_open(view(controller_is_health_professional=True))


@pytest.mark.parametrize(("on", "opens"), [(date(2026, 5, 20), False), (date(2026, 5, 21), True)])
def test_an_opinion_opens_the_gate_for_six_months_to_the_day(on, opens):
    assert is_open(view(opinion(NOT_MET, on))) is opens


def test_an_opinion_from_after_the_day_it_is_relied_on_is_none():
    assert not is_open(view(opinion(NOT_MET, date(2026, 11, 21))))


def test_the_newest_opinion_counts_even_when_it_was_entered_first():
    june, july = opinion(NOT_MET, date(2026, 6, 1)), opinion(MET, date(2026, 7, 1))
    for order in ((june, july), (july, june)):
        assert not is_open(view(*order))
        assert view(*order).met_on(HEALTH, RELIED) == date(2026, 7, 1)


def test_what_an_opinion_said_of_one_text_says_nothing_of_a_later_one():
    changed = replace(HEALTH, dated_on=date(2024, 3, 5))
    assert changed.key == HEALTH.key
    assert not is_open(view(opinion(NOT_MET)), changed)


def test_an_opinion_that_has_to_be_asked_again_is_not_relied_on():
    assert not is_open(view(opinion(NOT_MET, ask_again="She is on the ward again.")))


def test_part_of_a_record_goes_out_only_with_the_harmful_words_withheld():
    seen = view(opinion(IN_PART))
    assert not is_open(seen)
    assert is_open(seen, part=True)
    assert not is_open(view(opinion(MET)), part=True)
    assert seen.waiting([HEALTH, OTHER], RELIED) == ()
    assert view(opinion(MET)).waiting([HEALTH, OTHER], RELIED) == (HEALTH,)


def test_what_the_family_already_knows_needs_no_opinion_but_does_not_beat_one():
    known = AlreadyKnown(leg=1, record=HEALTH.key, version=HEALTH.version, reason="Sent in May.", on=RELIED)
    assert is_open(view(known=(known,)))
    assert not is_open(view(opinion(MET), known=(known,)))
    assert not is_open(view(known=(replace(known, version="another"),)))


def test_withholding_may_rest_only_on_an_opinion_that_the_test_is_met():
    assert view(opinion(NOT_MET)).met_on(HEALTH, RELIED) is None
    assert view(opinion(IN_PART)).met_on(HEALTH, RELIED) == RELIED
    assert view().met_on(HEALTH, RELIED) is None


def test_a_persons_class_wins_over_the_stores_and_nobodys_is_listed():
    unknown = record("3", "A sheet.", data_class=DataClass.UNKNOWN)
    assert view().unclassed([HEALTH, OTHER, unknown]) == (unknown,)
    told = view(classes=said((unknown, DataClass.HEALTH), (HEALTH, DataClass.SOCIAL_WORK)))
    assert told.unclassed([unknown]) == ()
    assert not is_open(told, unknown)
    assert is_open(told, HEALTH)


def test_a_persons_class_holds_for_the_text_they_read_and_what_its_store_said_then():
    sheet = record("3", "A list of names.", data_class=DataClass.UNKNOWN)
    told = view(classes=said((sheet, DataClass.OTHER)))
    assert told.is_classed(sheet)
    changed = record("3", "Her test was positive.", data_class=DataClass.UNKNOWN)
    healthy = record("3", "A list of names.", data_class=DataClass.HEALTH)
    for other, kind in ((changed, DataClass.UNKNOWN), (healthy, DataClass.HEALTH)):
        assert not told.is_classed(other)
        assert told.class_of(other) is kind


def test_a_question_covers_the_text_it_was_asked_about():
    changed = replace(HEALTH, dated_on=date(2024, 3, 5))
    asked = OpinionAsked(
        id="q", leg=1, asked_on=RELIED, asked_of="consultant", records=(OTHER.key, HEALTH.key),
        versions=(OTHER.version, HEALTH.version),
    )  # fmt: skip
    assert asked.covers(HEALTH)
    assert not asked.covers(changed)
    assert not asked.covers(record("8", "Another."))
    assert replace(asked, versions=()).covers(changed), "an older question kept no text"


def test_a_copy_in_a_health_store_makes_the_record_health_information():
    copied = OTHER.with_copy(HEALTH.provenance)
    assert copied.data_class is DataClass.HEALTH
