"""Our own words in a pack: every right has its date, and dates come from the law, not from the text."""

import re
from datetime import date
from functools import cache

import pytest

from sar.domain.guidance import gaps, letter, next_steps, rights
from sar.domain.records import RecordKind
from sar.law import load
from tests.fakes.plain_words import HARDEST, grade_of

ON = date(2026, 11, 20)


@cache
def law():
    return load("england")


def words(statements):
    return " ".join(p for s in statements for p in (s.heading, *s.paragraphs))


def test_every_next_step_has_its_own_date_and_statute():
    steps = {s.heading: s for s in next_steps(law(), on=ON)}
    assert all(s.citation for s in steps.values())
    # Our own dates are said in the text: beside the heading they would read as the family's.
    for heading, ours in (("Ask for something wrong to be put right", "we must answer by 21 December 2026."),
                          ("Complain to us", "we must say by 21 December 2026 that we have")):  # fmt: skip
        assert steps[heading].by_on is None
        assert "You can" in steps[heading].paragraphs[0]
        assert f"on 20 November 2026, the date of this pack, {ours}" in words([steps[heading]])
    assert "164A" in steps["Complain to us"].citation
    assert steps["Go to court"].by_on is None
    regulator = next(s for h, s in steps.items() if law().regulator_on(ON).name in h)
    assert regulator.by_on == law().due("ico.lodge", ON)
    assert law().regulator_on(ON).telephone in words([regulator])


def test_the_dates_move_with_the_day_of_the_pack():
    earlier, later = ({s.heading: s for s in next_steps(law(), on=d)} for d in (ON, date(2026, 12, 7)))
    dated = [h for h, s in earlier.items() if s.by_on]
    assert len(dated) == 2
    assert all(earlier[h].by_on < later[h].by_on for h in dated)
    said = [h for h, s in earlier.items() if s.paragraphs != later[h].paragraphs]
    assert len(said) == 4


def test_no_brace_is_left_unfilled():
    assert not re.search(r"[{}]", words([*next_steps(law(), on=ON), *rights(law(), on=ON)]))


def test_a_childs_pack_speaks_of_the_child_by_name():
    said = {s.heading: s.paragraphs[0] for s in rights(law(), on=ON, whose="Isla")}
    assert "wrote about Isla" in said["What kinds of information are held"]
    assert "told about Isla" in said["Who has been told"]
    assert "wrote about you" in words(rights(law(), on=ON))


def test_a_challenge_complaint_correction_and_appeal_are_all_named():
    said = words(next_steps(law(), on=ON))
    for word in ("look again", "put right", "complain", "ombudsman", "court"):
        assert word in said


def test_the_rights_are_those_of_article_15_with_retention():
    found = rights(law(), on=ON, kinds=("alert", "police notification"))
    assert len(found) == len(law().article15_on(ON)) + 1
    assert found[-1].heading == "How long records are usually kept"
    assert all(s.citation for s in found)
    told = words([found[-1]])
    assert "Police information" in told
    for frightening in ("adoption", "children in care", "designated officer", "court"):
        assert frightening not in told.lower()
    assert len(rights(law(), on=ON)) == len(law().article15_on(ON))


def test_a_machines_choice_is_denied_only_as_far_as_we_know():
    said = {s.heading: s.paragraphs[0] for s in rights(law(), on=ON)}
    assert said["Decisions made by machine alone"].startswith("In the systems we searched, we know of no")


def test_the_list_of_recipients_claims_no_more_than_it_holds():
    said = {s.heading: s.paragraphs[0] for s in rights(law(), on=ON)}["Who has been told"]
    assert "from the alerts" in said
    assert "may name others" in said


@pytest.mark.parametrize(("records", "said"), [(0, "0 records"), (1, "1 record,"), (12, "12 records")])
def test_the_letter_counts_what_is_in_the_pack(records, said):
    first = letter(whose="you", records=records, has_withheld=False, asked_as_foi=False)[0]
    assert "everything we hold about you" in first
    assert said in first if records else "where we looked" in first
    assert ("what we may give you" in first) is bool(records)


@pytest.mark.parametrize("withheld", [True, False])
@pytest.mark.parametrize("foi", [True, False])
def test_the_letter_speaks_of_cuts_and_of_foi_only_where_there_are_any(withheld, foi):
    said = " ".join(letter(whose="you", records=3, has_withheld=withheld, asked_as_foi=foi))
    assert ("Some words are covered" in said) is withheld
    assert ("Freedom of Information" in said) is foi


@pytest.mark.parametrize(("count", "said"), [(1, "One place did not"), (3, "3 places did not")])
def test_a_gap_is_declared_without_naming_the_place(count, said):
    [gap] = gaps(count)
    assert gap.paragraphs[0].startswith(said)
    assert gaps(0) == ()


def test_sar_is_spelled_out_for_families():
    said = words([*next_steps(law(), on=ON), *rights(law(), on=ON)])
    said += " ".join(letter(whose="you", records=3, has_withheld=True, asked_as_foi=True))
    assert not re.search(r"\bSARs?\b", said)


@pytest.mark.parametrize(
    ("nation", "body", "by_on"),
    [
        ("scotland", "Scottish Public Services Ombudsman (SPSO)", date(2027, 11, 19)),
        ("wales", "Public Services Ombudsman for Wales (PSOW)", date(2027, 11, 19)),
        ("northern-ireland", "Northern Ireland Public Services Ombudsman (NIPSO)", None),
    ],
)
def test_complaints_about_care_name_the_ombudsman_of_the_nation(nation, body, by_on):
    found = {s.heading: s for s in next_steps(load(nation), on=date(2026, 11, 20))}
    care = found["Complain about care or about social work"]
    assert body in " ".join(care.paragraphs)
    assert care.by_on == by_on
    assert grade_of(" ".join(care.paragraphs)) <= HARDEST


@pytest.mark.parametrize("nation", ["scotland", "wales", "northern-ireland"])
def test_the_times_of_england_are_not_told_elsewhere(nation):
    kinds = [kind.value for kind in RecordKind]
    told = words(rights(load(nation), on=ON, kinds=kinds))
    assert "NHS Records Management Code" not in told
    assert "25th birthday" not in told
    assert "keeps a list of its own times" in told
    assert all(entry.uncertain for entry in load(nation).retention)
