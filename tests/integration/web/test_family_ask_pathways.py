"""Asking for somebody who has died, for an adult one acts for, without responsibility, and for policies."""

from __future__ import annotations

from datetime import date

import pytest

from tests.fakes import web
from tests.integration.web.test_family_ask import CHILD, CONTACT, PROOF, YOU
from tests.integration.web.test_plain_words import HARDEST, grade

DIED = {
    "died_name": "Noah Hartley", "died_born-day": "8", "died_born-month": "2", "died_born-year": "2022",
    "died_on-day": "3", "died_on-month": "9", "died_on-year": "2026",
}  # fmt: skip
RIGHT = {
    "died_files": ["health", "council"], "died_relation": "Mother", "died_right": "neither", "died_own": "yes",
}  # fmt: skip
TEEN = CHILD | {"child_born-year": "2012"}
NAME = {"name": "Leanne Hartley"}
WORDING = {"wording": "Everything.", "info": ""}
POLICIES = "How many alerts were raised by mistake?"


def walk(client, *pages):
    for name, values in (("contact", CONTACT), *pages):
        shown = client.get(f"/ask/{name}")
        assert shown.status_code == 200, name
        assert grade(shown.get_data(as_text=True)) <= HARDEST, name
        answer = web.send(client, f"/ask/{name}", **values)
        assert answer.status_code == 303, (name, answer.get_data(as_text=True))
    check = client.get("/ask/check")
    assert check.status_code == 200, check.headers.get("Location")
    assert grade(check.get_data(as_text=True)) <= HARDEST
    return check.get_data(as_text=True)


def sent(site_parts, client):
    assert web.send(client, "/ask/check").headers["Location"] == "/ask/sent"
    return site_parts.services.intake.named("receive"), site_parts.services.intake.calls[0][1][0]


def test_both_files_of_a_dead_child_and_the_mothers_own_records(site_parts, client) -> None:
    check = walk(client, ("about", {"who": "died"}), ("died", DIED), ("died_right", RIGHT), ("you", YOU),
                 ("wording", WORDING))  # fmt: skip
    for words in ("Noah Hartley", "3 September 2026", "Health records. The council’s file", "Mother"):
        assert words in check
    _, new = sent(site_parts, client)
    own, health, council = new.legs
    assert (own.capacity, own.recipient.subject) == ("self", own.subject.id)
    assert [(leg.capacity, leg.records) for leg in (health, council)] == [
        ("bereaved-relative", "health"), ("bereaved-relative", "council"),
    ]  # fmt: skip
    assert health.subject == council.subject
    assert health.subject.died_on == date(2026, 9, 3)
    assert len({leg.name for leg in new.legs}) == 3
    assert "Mother" in new.wording


def test_for_the_dead_alone_nothing_more_is_asked_of_the_living(site_parts, client) -> None:
    walk(client, ("about", {"who": "died"}), ("died", DIED),
         ("died_right", RIGHT | {"died_own": "no", "died_right": "representative", "died_files": ["health"]}),
         ("you", NAME), ("wording", WORDING))  # fmt: skip
    (leg,) = sent(site_parts, client)[1].legs
    assert leg.capacity == "personal-representative"
    assert leg.recipient.subject is None


@pytest.mark.parametrize(
    ("page", "values", "says"),
    [
        ("died", DIED | {"died_on-year": "2027"}, "must be today or in the past"),
        ("died", DIED | {"died_on-year": "2021"}, "lies before their date of birth"),
        ("died_right", RIGHT | {"died_files": []}, "Choose which records"),
        ("died_right", RIGHT | {"died_right": "owner"}, "Choose one."),
    ],
)
def test_a_wrong_answer_about_the_dead_is_named(client, page, values, says) -> None:
    web.send(client, "/ask/contact", **CONTACT)
    web.send(client, "/ask/about", who="died")
    if page == "died_right":
        web.send(client, "/ask/died", **DIED)
    answer = web.send(client, f"/ask/{page}", **values)
    assert answer.status_code == 422
    assert says in answer.get_data(as_text=True)


def test_without_responsibility_kind_words_come_and_the_own_part_can_be_added(site_parts, client) -> None:
    pages = [("about", {"who": "child"}), ("you", NAME), ("child", CHILD), ("proof", {"proof": "none"})]
    for name, values in (("contact", CONTACT), *pages):
        answer = web.send(client, f"/ask/{name}", **values)
    assert answer.headers["Location"] == "/ask/no_right"
    kind = client.get("/ask/no_right").get_data(as_text=True)
    assert "You have done nothing wrong" in kind
    assert grade(kind) <= HARDEST
    # Their own records need a little more about them: that page is asked again, with what was typed kept.
    assert web.send(client, "/ask/no_right", no_right_own="yes").headers["Location"] == "/ask/you"
    assert 'value="Leanne Hartley"' in client.get("/ask/you").get_data(as_text=True)
    web.send(client, "/ask/you", **YOU)
    web.send(client, "/ask/wording", **WORDING)
    own, child = sent(site_parts, client)[1].legs
    assert own.capacity == "self"
    assert (child.capacity, child.has_responsibility) == ("parental-responsibility", False)


def test_for_both_the_own_part_is_kept_without_asking(site_parts, client) -> None:
    walk(client, ("about", {"who": "both"}), ("you", YOU), ("child", CHILD), ("proof", {"proof": "none"}),
         ("no_right", {}), ("wording", WORDING))  # fmt: skip
    assert [leg.capacity for leg in sent(site_parts, client)[1].legs] == ["self", "parental-responsibility"]


@pytest.mark.parametrize(
    ("proof", "capacity"), [("none", "competent-child-authority"), ("birth", "parental-responsibility")]
)
def test_a_child_old_enough_is_asked_about_and_can_let_the_parent_ask(
    site_parts, client, proof, capacity
) -> None:
    shown = (
        [("proof", PROOF)]
        if proof == "birth"
        else [("proof", {"proof": "none"}), ("no_right", {"no_right_own": "no"})]
    )
    walk(client, ("about", {"who": "child"}), ("you", NAME), ("child", TEEN),
         ("child_knows", {"child_knows": "agrees"}), *shown, ("wording", WORDING))  # fmt: skip
    new = sent(site_parts, client)[1]
    assert (new.legs[0].capacity, new.legs[0].has_responsibility) == (capacity, True)
    assert "Yes, and they agree" in new.wording


def test_a_young_child_is_not_asked_about(client) -> None:
    for name, values in (("contact", CONTACT), ("about", {"who": "child"}), ("you", NAME)):
        web.send(client, f"/ask/{name}", **values)
    assert web.send(client, "/ask/child", **CHILD).headers["Location"] == "/ask/proof"
    assert client.get("/ask/child_knows").headers["Location"] == "/ask/proof"


@pytest.mark.parametrize(
    ("acting", "born", "capacity"),
    [("agent", "1950", "agent"), ("attorney", "1950", "attorney"), ("deputy", "1950", "deputy"),
     ("agent", "2012", "competent-child-authority")],
)  # fmt: skip
def test_somebody_one_acts_for(site_parts, client, acting, born, capacity) -> None:
    other = {
        "other_name": "Joan Pryce",
        "other_born-day": "1",
        "other_born-month": "5",
        "other_born-year": born,
    }
    walk(client, ("about", {"who": "other"}), ("you", NAME), ("other", other),
         ("acting", {"acting": acting, "shown": "post"}), ("wording", WORDING))  # fmt: skip
    (leg,) = sent(site_parts, client)[1].legs
    assert (leg.capacity, leg.subject.name) == (capacity, "Joan Pryce")
    assert leg.recipient.subject is None


def test_policies_alone_are_asked_for_without_any_date_of_birth(site_parts, client) -> None:
    check = walk(client, ("about", {"who": "information"}), ("you", NAME), ("wording", {"info": POLICIES}))
    assert POLICIES in check
    new = sent(site_parts, client)[1]
    assert (new.legs, new.information, new.asked_as_foi) == ((), POLICIES, False)
    assert new.requester.name == "Leanne Hartley"


def test_an_empty_information_part_is_named(client) -> None:
    for name, values in (("contact", CONTACT), ("about", {"who": "information"}), ("you", NAME)):
        web.send(client, f"/ask/{name}", **values)
    answer = web.send(client, "/ask/wording", info=" ")
    assert answer.status_code == 422
    assert "Write which policies or numbers" in answer.get_data(as_text=True)


def test_a_mixed_request_and_the_past_go_along(site_parts, client) -> None:
    walk(client, ("about", {"who": "self"}), ("you", YOU | {"past": ["care", "adopted"]}),
         ("wording", {"wording": "All.", "foi": "yes", "info": POLICIES}))  # fmt: skip
    new = sent(site_parts, client)[1]
    assert (new.legs[0].was_in_care, new.legs[0].was_adopted, new.asked_as_foi) == (True, True, True)
    assert new.information == POLICIES


def test_a_change_of_mind_asks_again_what_is_now_needed_and_nothing_is_lost(client) -> None:
    walk(client, ("about", {"who": "information"}), ("you", NAME), ("wording", {"info": POLICIES}))
    assert web.send(client, "/ask/about", who="self").headers["Location"] == "/ask/you"
    assert "date of birth" in client.get("/ask/you").get_data(as_text=True)
    assert web.send(client, "/ask/you", **YOU).headers["Location"] == "/ask/wording"
    assert POLICIES in client.get("/ask/wording").get_data(as_text=True)
