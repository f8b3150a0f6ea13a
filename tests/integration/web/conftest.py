"""A site with real accounts and invented services."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sar.domain.parties import StaffRole
from tests.fakes import web


@pytest.fixture
def site_parts(tmp_path: Path):
    parts = web.make_parts(tmp_path)
    yield parts
    parts.engine.dispose()


@pytest.fixture
def app(site_parts: web.Parts) -> Flask:
    return web.make_app(site_parts)


@pytest.fixture
def new_client(app: Flask) -> Callable[[], FlaskClient]:
    """Another browser. The cookie's prefix asks for https, so that is what tests speak."""

    def make() -> FlaskClient:
        client = app.test_client()
        client.environ_base |= {"wsgi.url_scheme": "https", "HTTP_HOST": "localhost"}
        return client

    return make


@pytest.fixture
def client(new_client: Callable[[], FlaskClient]) -> FlaskClient:
    return new_client()


@pytest.fixture
def as_family(site_parts: web.Parts, new_client):
    """A browser signed in to some legs of the sample request."""

    def make(*legs: int, email: str = web.FAMILY_EMAIL) -> FlaskClient:
        web.grant(site_parts, *(legs or (1, 2, 3)), email=email)
        client = new_client()
        assert web.sign_in_family(site_parts, client, email).status_code == 303
        return client

    return make


@pytest.fixture
def as_staff(site_parts: web.Parts, new_client):
    """A browser signed in as a member of staff."""

    def make(*roles: StaffRole) -> FlaskClient:
        username = "-".join(role.name.lower() for role in roles)
        secret = web.add_staff(site_parts, *roles, username=username)
        client = new_client()
        assert web.sign_in_staff(site_parts, client, secret, username).status_code == 303
        return client

    return make
