"""Asking for records, page by page."""

from __future__ import annotations

from datetime import date

import pytest

from sar.domain.errors import InvalidInput
from tests.fakes import web

CONTACT = {"email": "leanne@example.org", "phone": "", "post": "", "do_not": "No post.\nNo calls after four."}
YOU = {"name": " Leanne  Hartley ", "former": "Leanne Doyle, Lee Doyle", "born-day": "3", "born-month": "march",
       "born-year": "1991", "nhs": "943 476 5919"}  # fmt: skip
CHILD = {
    "child_name": "Isla Hartley",
    "child_born-day": "14",
    "child_born-month": "6",
    "child_born-year": "2022",
}
PROOF = {"proof": "birth", "shown": "post", "proof_note": "We share care."}
WORDING = {"wording": "Everything about the alert.\nWho was told?", "foi": "yes"}


def answer_all(client, who: str = "both", **contact: str) -> None:
    pages = [("contact", CONTACT | contact), ("about", {"who": who}), ("you", YOU)]
    if who != "self":
        pages += [("child", CHILD), ("proof", PROOF)]
    for name, values in [*pages, ("wording", WORDING)]:
        assert web.send(client, f"/ask/{name}", **values).status_code == 303, name


def test_a_whole_request_for_mother_and_child(site_parts, client) -> None:
    answer_all(client)
    check = client.get("/ask/check").get_data(as_text=True)
    for words in (
        "Leanne Doyle",
        "No calls after four.",
        "Isla Hartley",
        "I will post a copy",
        "Who was told?",
    ):
        assert words in check
    assert web.send(client, "/ask/check").headers["Location"] == "/ask/sent"
    new = site_parts.services.intake.calls[0][1][0]
    assert (new.channel, new.received_on, new.asked_as_foi) == ("web", date(2026, 11, 20), True)
    mother, child = new.legs
    assert (mother.name, mother.capacity, mother.subject.name) == ("leanne", "self", "Leanne Hartley")
    assert mother.subject.former_names == ("Leanne Doyle", "Lee Doyle")
    assert mother.subject.born_on == date(1991, 3, 3)
    assert [i.value for i in mother.subject.identifiers] == ["9434765919"]
    assert (child.name, child.capacity) == ("isla", "parental-responsibility")
    assert child.recipient == mother.recipient
    contact = child.recipient.contact
    assert contact.email == ""  # Not proved yet, so nothing can be sent there.
    assert contact.do_not.startswith(CONTACT["do_not"])
    assert "leanne@example.org was given and is not proved" in contact.do_not
    assert child.subject.id != mother.subject.id == mother.recipient.subject
    assert "We share care." in new.wording
    sent = client.get("/ask/sent").get_data(as_text=True)
    assert str(web.REFERENCE) in sent
    assert "Friday 20 November 2026" in sent


def test_for_a_child_alone_nothing_of_the_parent_is_looked_up(site_parts, client) -> None:
    web.send(client, "/ask/contact", **CONTACT)
    web.send(client, "/ask/about", who="child")
    assert "date of birth" not in client.get("/ask/you").get_data(as_text=True)
    for name, values in (
        ("you", {"name": "Leanne"}),
        ("child", CHILD),
        ("proof", PROOF),
        ("wording", WORDING),
    ):
        web.send(client, f"/ask/{name}", **values)
    web.send(client, "/ask/check")
    (leg,) = site_parts.services.intake.calls[0][1][0].legs
    assert leg.subject.name == "Isla Hartley"
    assert leg.recipient.subject is None


def test_sending_twice_is_one_request(site_parts, client) -> None:
    answer_all(client, "self")
    web.send(client, "/ask/check")
    assert web.send(client, "/ask/check").headers["Location"] == "/ask/sent"
    assert len(site_parts.services.intake.calls) == 1


NOTHING = [
    ("contact", {}, 1), ("about", {}, 1), ("you", {}, 2), ("child", {}, 2), ("proof", {}, 2), ("wording", {}, 1),
]  # fmt: skip
WRONG = [
    ("contact", {"email": "leanne", "phone": "12", "post": "x" * 401, "do_not": "y" * 501}, 4),
    ("about", {"who": "everyone"}, 1),
    ("you", {"name": "n" * 201, "former": "f" * 401, "born-day": "31", "born-month": "2", "born-year": "1991",
             "nhs": "943 476 5918"}, 4),
    ("child", {"child_name": "n" * 201, "child_born-day": "1", "child_born-month": "1", "child_born-year": "2000",
               "child_nhs": "12"}, 3),
    ("proof", {"proof": "x", "shown": "y", "proof_note": "z" * 1001}, 3),
    ("wording", {"wording": "w" * 5001}, 1),
]  # fmt: skip


@pytest.mark.parametrize(("name", "values", "messages"), NOTHING + WRONG)
def test_a_bad_page_says_one_thing_for_each_field_and_keeps_what_was_typed(
    client, name, values, messages
) -> None:
    answer_all(client)
    # Sending nothing at all leaves the fields out; their earlier values must not stand in for them.
    answer = web.send(client, f"/ask/{name}", **values)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "<title>Error: " in page
    assert page.count('<li><a href="#') == messages
    assert page.count("govuk-error-message") == messages
    for href in {part.split('"')[0] for part in page.split('<li><a href="#')[1:]}:
        assert f'id="{href}"' in page
    for value in values.values():
        assert value in page or value in {
            "everyone",
            "x",
            "y",
        }  # A choice that is not offered cannot be shown.


@pytest.mark.parametrize(
    ("born", "message"),
    [
        (("", "3", "1991"), "must include a day"),
        (("3", "", ""), "must include a month and a year"),
        (("30", "2", "1991"), "must be a real date"),
        (("3", "3", "91"), "must be a real date"),
        (("3", "3", "2027"), "must be today or in the past"),
        (("3", "3", "1850"), "must be in 1900 or later"),
        (("٣", "x", "1991"), "must be a real date"),
    ],
)
def test_dates(client, born, message) -> None:
    web.send(client, "/ask/contact", **CONTACT)
    web.send(client, "/ask/about", who="self")
    values = {**YOU, **dict(zip(("born-day", "born-month", "born-year"), born, strict=True))}
    assert message in web.send(client, "/ask/you", **values).get_data(as_text=True)


def test_a_later_page_sends_back_to_the_first_open_one(client) -> None:
    assert client.get("/ask/wording").headers["Location"] == "/ask/contact"
    web.send(client, "/ask/contact", **CONTACT)
    assert client.get("/ask/check").headers["Location"] == "/ask/about"
    assert client.get("/ask").headers["Location"] == "/ask/about"


def test_a_change_of_mind_opens_the_pages_it_needs(client) -> None:
    answer_all(client, "self")
    assert web.send(client, "/ask/about", who="both").headers["Location"] == "/ask/child"


def test_another_browser_sees_no_draft_and_no_receipt(client, new_client) -> None:
    answer_all(client, "self")
    web.send(client, "/ask/check")
    assert new_client().get("/ask/sent").headers["Location"] == "/ask"


def test_what_intake_refuses_is_said_on_the_page_and_nothing_is_lost(site_parts, client) -> None:
    answer_all(client, "self")
    refusal = InvalidInput("That cannot be.", next_step="Write it differently.")
    site_parts.services.intake.refusals["receive"] = refusal
    answer = web.send(client, "/ask/check")
    assert answer.status_code == 422
    assert "That cannot be. Write it differently." in answer.get_data(as_text=True)
    assert "Leanne Doyle" in client.get("/ask/check").get_data(as_text=True)


def test_markup_typed_by_a_person_stays_text(client) -> None:
    web.send(client, "/ask/contact", **{**CONTACT, "do_not": "<script>alert(1)</script>"})
    page = client.get("/ask/contact").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_draft_left_for_half_an_hour_is_gone(site_parts, client) -> None:
    web.send(client, "/ask/contact", **CONTACT)
    site_parts.later(minutes=31)
    assert CONTACT["email"] not in client.get("/ask/contact").get_data(as_text=True)
    assert client.get("/ask/about").headers["Location"] == "/ask/contact"
