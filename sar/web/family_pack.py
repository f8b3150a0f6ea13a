"""The released pack: read on screen, downloaded, or taken as data. Only delivered packs, only to their leg."""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from html import escape

from flask import Blueprint, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from sar.domain.errors import AlreadyDone, NotAllowed
from sar.ports.pages import LegPage
from sar.ports.standing import NEUTRAL
from sar.web.access import FAMILY, FAMILY_ACTOR, not_here, open_to
from sar.web.context import site
from sar.web.family import FamilyCase, family_case

blueprint = Blueprint("family_pack", __name__, url_prefix="/requests/<reference>/pack/<int:leg>")

_STYLE = re.compile(rb"<style[^>]*>(.*?)</style>", re.DOTALL)
_OPENING = re.compile(rb"<body[^>]*>(\s*<a class=\"skip\"[^>]*>[^<]*</a>)?")


@blueprint.get("")
@open_to(FAMILY)
def about(reference: str, leg: int) -> str:
    """What the pack is, how to read it and how to check that it is whole."""
    case, mine = _delivered(reference, leg)
    return render_template("family/pack.html", case=case.page, leg=mine, place=leg, pack=mine.pack)


@blueprint.post("/read")
@open_to(FAMILY)
def read(reference: str, leg: int) -> Response:
    """Note that it was collected, then show it."""
    case, mine = _delivered(reference, leg)
    _collected(case, mine)
    return redirect(url_for("family_pack.screen", reference=reference, leg=leg), code=303)


@blueprint.get("/screen")
@open_to(FAMILY)
def screen(reference: str, leg: int) -> Response:
    """The pack's own accessible page, with a way back put before it. Opened only after that was noted."""
    case, mine = _delivered(reference, leg)
    if mine.pack is not None and mine.pack.collected_at is None:
        # Looking must leave a receipt, and a link that is only followed writes nothing: the button does.
        return redirect(url_for("family_pack.about", reference=reference, leg=leg), code=303)
    content = site().services.packing.html(case.page.id, leg=mine.number, round_number=_round(mine))
    answer = current_app.response_class(_with_way_back(content, reference, leg), mimetype="text/html")
    answer.headers["Content-Security-Policy"] = pack_policy(content)
    return answer


@blueprint.post("/pdf")
@open_to(FAMILY)
def pdf(reference: str, leg: int) -> Response:
    """The signed PDF, byte for byte as it was released."""
    case, mine = _delivered(reference, leg)
    content = site().services.packing.pdf(case.page.id, leg=mine.number, round_number=_round(mine))
    _collected(case, mine)
    return _file(content, "application/pdf", f"{reference}-pack-{leg}.pdf")


@blueprint.post("/data")
@open_to(FAMILY)
def data(reference: str, leg: int) -> Response:
    """The same content as data."""
    case, mine = _delivered(reference, leg)
    content = site().services.packing.data(case.page.id, leg=mine.number, round_number=_round(mine))
    _collected(case, mine)
    return _file(content, "application/json", f"{reference}-pack-{leg}.json")


def _delivered(reference: str, leg: int) -> tuple[FamilyCase, LegPage]:
    """A leg whose pack was delivered: released is not enough, a conflict may still hold it."""
    case = family_case(reference)
    mine = case.leg(leg)
    if mine.pack is None or not mine.pack.delivered:
        raise not_here()
    if mine.conflicts or mine.address_waits:
        # Said without a reason: whoever reads it may be the reason.
        raise NotAllowed(NEUTRAL[0], next_step=NEUTRAL[1])
    site().services.delivery.require_openable(case.page.id, leg=mine.number)
    return case, mine


def _round(leg: LegPage) -> int | None:
    """The round that was handed over: a newer pack may be released and held back."""
    return leg.pack.round if leg.pack is not None else None


def _collected(case: FamilyCase, leg: LegPage) -> None:
    if leg.pack is not None and leg.pack.collected_at is None:
        here = site()
        try:
            here.services.delivery.collected(case.page.id, leg=leg.number, at=here.clock(), by=FAMILY_ACTOR)
        except AlreadyDone:
            return  # Collected in another window a moment ago: the first time stands.


def _file(content: bytes, kind: str, name: str) -> Response:
    answer = current_app.response_class(content, mimetype=kind)
    # The reference and the place among this account's legs only: a file name is seen by whoever looks at the downloads.
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def pack_policy(content: bytes) -> str:
    """The pack is one file with its styles inside; allow exactly those, by digest, and no script."""
    digests = {base64.b64encode(sha256(style).digest()).decode() for style in _STYLE.findall(content)}
    styles = " ".join(f"'sha256-{digest}'" for digest in sorted(digests)) or "'none'"
    return (
        f"default-src 'none'; style-src {styles}; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _with_way_back(content: bytes, reference: str, leg: int) -> bytes:
    back = escape(url_for("family_pack.about", reference=reference, leg=leg))
    away = escape(url_for("family.leave"))
    links = (
        f'<a href="{back}">Back to your request</a> | <a href="{away}" rel="noreferrer">Leave this page</a>'
    )
    bar = f'<nav aria-label="This site">{links}</nav>'.encode()
    return with_bar(content, bar)


def with_bar(content: bytes, bar: bytes) -> bytes:
    """The pack's page with a bar of the site's own, behind its skip link, which has to stay the first link."""
    return _OPENING.sub(lambda found: found.group(0) + bar, content, count=1)
