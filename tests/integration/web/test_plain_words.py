"""Families' pages read easily: no page is harder than eight years of school."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from tests.fakes import web
from tests.fakes.plain_words import HARDEST, grade_of

HERE = f"/requests/{web.REFERENCE}"
OPEN = ("/", "/glossary", "/accessibility", "/sign-in", "/sign-in/code", "/ask/contact")
SIGNED_IN = ("", "/pack/1", "/complain", "/challenge", "/correct", "/complaints/c0ffee000001",
             "/corrections/c0ffee000002")  # fmt: skip
ENDS = {"p", "li", "h1", "h2", "h3", "label", "legend", "button", "dt", "dd", "summary", "div", "span"}


class Words(HTMLParser):
    """The sentences of the main part: what a heading or a list says ends where it ends."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.text = False, ""

    def handle_starttag(self, tag, attrs) -> None:
        self.inside = self.inside or tag == "main"

    def handle_endtag(self, tag) -> None:
        self.inside = self.inside and tag != "main"
        if tag in ENDS:
            self.text += " . "

    def handle_data(self, data) -> None:
        if self.inside:
            self.text += data


def grade(page: str) -> float:
    """Of the main part of a page."""
    reader = Words()
    reader.feed(page)
    return grade_of(reader.text)


def test_the_measure_tells_easy_from_hard() -> None:
    assert grade("<main><p>We look for it. You get it soon.</p></main>") < 3
    hard = (
        "Notwithstanding organisational considerations regarding confidentiality obligations, the controller"
    )
    assert (
        grade(f"<main><p>{hard} reserves discretionary authority concerning dissemination.</p></main>") > 15
    )


@pytest.mark.parametrize("path", OPEN)
def test_open_pages(client, path) -> None:
    assert grade(client.get(path).get_data(as_text=True)) <= HARDEST


def test_the_pages_of_asking(client) -> None:
    contact = {"email": "a@example.org"}
    you = {"name": "A B", "born-day": "1", "born-month": "1", "born-year": "1990"}
    child = {f"child_{key}": text for key, text in {**you, "born-year": "2022"}.items()}
    answers = (("contact", contact), ("about", {"who": "both"}), ("you", you), ("child", child),
               ("proof", {"proof": "birth", "shown": "post"}), ("wording", {"wording": "All of it."}))  # fmt: skip
    for name, values in answers:
        assert grade(client.get(f"/ask/{name}").get_data(as_text=True)) <= HARDEST, name
        assert web.send(client, f"/ask/{name}", **values).status_code == 303
    assert grade(client.get("/ask/check").get_data(as_text=True)) <= HARDEST
    web.send(client, "/ask/check")
    assert grade(client.get("/ask/sent").get_data(as_text=True)) <= HARDEST


@pytest.mark.parametrize("path", SIGNED_IN)
def test_pages_of_a_request(as_family, path) -> None:
    assert grade(as_family(1, 2, 3).get(HERE + path).get_data(as_text=True)) <= HARDEST


def test_the_first_page_is_light(client) -> None:
    import gzip  # noqa: PLC0415 - only this test weighs pages

    parts = [client.get("/").data]
    for file in (
        "vendor/govuk-frontend.min.css",
        "vendor/govuk-frontend.min.js",
        "site.css",
        "site.js",
        "supported.js",
    ):
        with client.get(f"/static/{file}") as answer:
            parts.append(answer.data)
    assert sum(len(gzip.compress(part)) for part in parts) <= 40_000
