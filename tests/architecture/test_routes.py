"""Every route, with every kind of visitor: who may enter is written down, and nothing else is open."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from sar.db.tables import metadata
from sar.domain.parties import StaffRole
from sar.web.access import ANY_STAFF, EVERYONE, FAMILY, entry_of
from tests.fakes import web

LISTED: dict[str, list[str]] = tomllib.loads(
    (Path(__file__).with_name("route_entries.toml")).read_text(encoding="utf-8")
)
READING = frozenset({"GET", "HEAD", "OPTIONS"})
VISITORS = ("nobody", FAMILY, *(role.value for role in StaffRole))
ARGUMENTS = {"reference": str(web.REFERENCE), "name": "contact", "complaint": "c0ffee000001",
             "correction": "c0ffee000002", "kind": "correction-outcome", "store": "papers",
             "consultation": "c0ffee000003"}  # fmt: skip
READS = {
    "queue", "case_page", "review_list", "people", "family_page", "complaints_desk", "complaint", "correction",
    "routes", "exemptions", "usual_sayings", "sayings", "glossary", "register", "view", "readiness", "plan", "pdf",
    "html", "data", "dated_entries", "state",
    "sent", "read", "draft", "consultees", "known_contacts",
    "page", "questions", "mine", "of_case", "rows", "original", "law_applied", "require_openable",
    "near", "subjects", "alike", "progress", "search_log", "next_attempts",
    "found", "waiting", "cases", "shown", "one_moment",
}  # fmt: skip
"""Calls that change nothing. A GET that makes any other call writes."""


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory):
    parts = web.make_parts(tmp_path_factory.mktemp("routes"))
    yield parts
    parts.engine.dispose()


@pytest.fixture(scope="module")
def app(parts: web.Parts) -> Flask:
    return web.make_app(parts)


@pytest.fixture(scope="module")
def visitors(parts: web.Parts, app: Flask) -> dict[str, FlaskClient]:
    """A browser for each kind of visitor."""
    browsers = {}
    for visitor in VISITORS:
        client = app.test_client()
        client.environ_base |= {"wsgi.url_scheme": "https", "HTTP_HOST": "localhost"}
        browsers[visitor] = client
    web.grant(parts, 1, 2, 3)
    web.sign_in_family(parts, browsers[FAMILY])
    for role in StaffRole:
        secret = web.add_staff(parts, role, username=role.value)
        assert web.sign_in_staff(parts, browsers[role.value], secret, role.value).status_code == 303
    return browsers


def routes(app: Flask) -> list[tuple[str, Rule]]:
    """Each method of each rule, the files of the site apart."""
    return [
        (method, rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def address(app: Flask, rule: Rule) -> str:
    values = {name: ARGUMENTS.get(name, 1) for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def listed_for(route: str) -> frozenset[str]:
    return frozenset(who for who, routes_of in LISTED.items() if route in routes_of)


def test_the_list_and_the_site_name_the_same_routes(app: Flask) -> None:
    there = {f"{method} {rule.rule}" for method, rule in routes(app)}
    listed = {route for routes_of in LISTED.values() for route in routes_of}
    assert there - listed == set(), "write who may enter into route_entries.toml"
    assert listed - there == set(), "these are gone from the site"


def test_each_view_says_what_the_list_says(app: Flask) -> None:
    for method, rule in routes(app):
        said = {
            entry.value if isinstance(entry, StaffRole) else entry
            for entry in entry_of(app.view_functions[rule.endpoint])
        }
        assert said == listed_for(f"{method} {rule.rule}"), f"{method} {rule.rule}"


def test_no_page_is_open_that_does_not_have_to_be() -> None:
    """The short open list: starting, asking, signing in, leaving. A new one is thought about here."""
    beginnings = (
        "/ask",
        "/sign-in",
        "/staff/sign-in",
        "/sign-out",
        "/leave",
        "/glossary",
        "/accessibility",
        "/health",
    )
    for route in LISTED[EVERYONE]:
        path = route.split(" ")[1]
        assert path == "/" or path.startswith(beginnings), route


def may_enter(visitor: str, who: frozenset[str]) -> bool:
    if EVERYONE in who or visitor in who:
        return True
    return ANY_STAFF in who and visitor not in {"nobody", FAMILY}


@pytest.mark.parametrize("visitor", VISITORS)
def test_matrix(app: Flask, parts: web.Parts, visitors: dict[str, FlaskClient], visitor: str) -> None:
    client = visitors[visitor]
    for method, rule in routes(app):
        if rule.endpoint in {"sign_in.out", "family.leave"}:
            continue  # They end the session the other routes are tried with.
        answer = client.open(
            address(app, rule), method=method, data={"csrf": web.mark_of(client)} if method != "GET" else None
        )
        refused = answer.status_code in {401, 403} or (
            answer.status_code == 303 and "sign-in" in answer.headers["Location"] and method == "GET"
        )
        who = listed_for(f"{method} {rule.rule}")
        assert refused is not may_enter(visitor, who), f"{visitor}: {method} {rule.rule} {answer.status_code}"


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_changing_route_needs_the_form_mark(
    app: Flask, visitors: dict[str, FlaskClient], visitor: str
) -> None:
    changing = [(method, rule) for method, rule in routes(app) if method not in READING]
    assert changing
    for method, rule in changing:
        for marks in ({}, {"csrf": "0" * 64}):
            answer = visitors[visitor].open(address(app, rule), method=method, data=marks)
            assert answer.status_code == 400, f"{method} {rule.rule}"


def rows(parts: web.Parts) -> dict[str, list[tuple[object, ...]]]:
    """Every row there is, but for the note of when a session was last seen."""
    with parts.engine.connect() as connection:
        return {
            table.name: sorted(
                map(tuple, connection.execute(select(*(c for c in table.c if c.name != "seen_at")))), key=repr
            )
            for table in metadata.sorted_tables
        }


@pytest.mark.parametrize("visitor", VISITORS)
def test_looking_never_writes(
    app: Flask, parts: web.Parts, visitors: dict[str, FlaskClient], visitor: str
) -> None:
    services = [*vars(parts.services).values(), parts.jobs]
    before, letters = rows(parts), len(parts.post.letters)
    for service in services:
        service.calls.clear()
    for method, rule in routes(app):
        if method == "GET" and rule.endpoint != "family.leave":
            visitors[visitor].get(address(app, rule))
    assert {name for service in services for name, _, _ in service.calls} - READS == set()
    assert rows(parts) == before
    assert len(parts.post.letters) == letters
