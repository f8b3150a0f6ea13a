"""The family's way in: what can be asked for, my requests, and one request followed to its end."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from sar.ports.access import Grant
from sar.ports.pages import FamilyPage, LegPage
from sar.services.correspondence import SentRow
from sar.web.access import EVERYONE, FAMILY, family_grants, not_here, open_to
from sar.web.context import site
from sar.web.security import COOKIE

blueprint = Blueprint("family", __name__)

HTMX_STOP = 286
"""The status that ends htmx polling."""
_MOVING = frozenset({"received", "gathering", "signed-off", "released"})
"""Stages that may change while a person looks on; the others wait for somebody."""
STAGES = {
    "received": "We have your request",
    "waiting-for-family": "We are waiting for you",
    "gathering": "We are looking for records",
    "review": "People are checking the pages",
    "signed-off": "We are making your pack",
    "blocked": "We are checking your pack again",
    "released": "Your pack is nearly ready",
    "delivered": "Your pack is ready",
    "decision": "A person is looking at this",
    "answered": "We have answered this",
}
"""What a family reads for each stage; the officers' words are about their own work."""
WAITS = {
    "proof of identity": "something that shows who you are",
    "proof of authority": "proof that you may ask for this person",
}
"""What we wait for, in a family's words."""


def waits(for_what: str) -> str:
    """The words of a clock that waits, as a family reads them."""
    return ", ".join(WAITS.get(words, words) for words in for_what.split(", "))


def places(page: FamilyPage) -> dict[int, LegPage]:
    """This account's legs by their place among them: 1, 2, ...

    Addresses, forms and file names hold these. The numbers of the case itself would tell, by the one that
    is missing, that somebody else asked too.
    """
    return dict(enumerate(sorted(page.legs, key=lambda leg: leg.number), start=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyCase:
    """One request as this account sees it."""

    grants: tuple[Grant, ...]
    page: FamilyPage

    def leg(self, place: int) -> LegPage:
        """One of this account's legs, by its place among them."""
        legs = places(self.page)
        if place not in legs:
            raise not_here()
        return legs[place]


def family_case(reference: str) -> FamilyCase:
    """The request, cut to this account's legs. Anything else is not found."""
    grants = family_grants(reference)
    legs = frozenset(grant.leg for grant in grants)
    page = site().services.enquiries.family_page(grants[0].reference, legs=legs, on=site().today())
    # Belt and braces: whatever the enquiry answers, no leg outside the grants is ever drawn.
    if any(leg.number not in legs for leg in page.legs):
        raise not_here()
    return FamilyCase(grants=grants, page=page)


@blueprint.get("/")
@open_to(EVERYONE)
def home() -> str:
    """What you can ask for and what will happen."""
    return render_template("family/home.html")


@blueprint.get("/leave")
@open_to(EVERYONE)
def leave() -> Response:
    """Go to a page that tells nothing, and take the way back in along.

    No server-side session is changed (this is a link): the browser forgets its cookie and copies.
    """
    answer = redirect(site().config.leave_to, code=303)
    answer.headers["Clear-Site-Data"] = '"cookies", "storage"'
    answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Lax", path="/")
    return answer


@blueprint.get("/glossary")
@open_to(EVERYONE)
def glossary() -> str:
    """What the words in records mean."""
    words = sorted(site().config.glossary, key=lambda word: word.term.casefold())
    return render_template("family/glossary.html", words=words)


@blueprint.get("/accessibility")
@open_to(EVERYONE)
def accessibility() -> str:
    """How this site works for everybody, and what to do when it does not."""
    return render_template("family/accessibility.html")


@blueprint.get("/health")
@open_to(EVERYONE)
def health() -> Response:
    """For whoever watches the machine; tells nothing else."""
    return current_app.response_class("ok\n", mimetype="text/plain")


@blueprint.get("/requests")
@open_to(FAMILY)
def requests() -> str | Response:
    """Every request this account may follow."""
    granted = site().accounts.grants(g.sar_session.holder)
    references = list(dict.fromkeys(str(grant.reference) for grant in granted))
    if len(references) == 1:
        return redirect(url_for("family.follow", reference=references[0]), code=303)
    cases = [family_case(reference).page for reference in references]
    return render_template("family/requests.html", cases=cases, stages=STAGES)


@blueprint.get("/requests/<reference>")
@open_to(FAMILY)
def follow(reference: str) -> str:
    """Where one request stands, by when it is due and why, and what we wait for."""
    page, here = family_case(reference).page, site()
    # Several complaints of one kind look alike by their titles; the family's own few words tell them apart.
    about = {
        row.id: here.services.enquiries.complaint(page.id, row.id, on=here.today()).about
        for row in page.complaints
    }
    return render_template(
        "family/follow.html", case=page, moving=is_moving(page), stages=STAGES, waits=waits, about=about,
        places=places(page), letters=letters_to(page),
    )  # fmt: skip


def letters_to(page: FamilyPage) -> dict[int, SentRow]:
    """The letters this account was sent, by their place in its list; of its own legs and nobody else's."""
    legs = frozenset(leg.number for leg in page.legs)
    return dict(enumerate(site().services.correspondence.sent(page.id, legs=legs), start=1))


@blueprint.get("/requests/<reference>/letters/<int:number>")
@open_to(FAMILY)
def letter(reference: str, number: int) -> str:
    """One letter again, as it was sent."""
    page = family_case(reference).page
    mine = letters_to(page)
    if number not in mine:
        raise not_here()
    legs = frozenset(leg.number for leg in page.legs)
    found = site().services.correspondence.read(page.id, mine[number].number, legs=legs)
    return render_template("family/letter.html", case=page, letter=found, title=mine[number].title)


@blueprint.get("/requests/<reference>/progress")
@open_to(FAMILY)
def progress(reference: str) -> tuple[str, int]:
    """The steps alone, for the page that asks again by itself."""
    case = family_case(reference)
    moving = is_moving(case.page)
    page = render_template(
        "family/progress.html", case=case.page, moving=moving, stages=STAGES, waits=waits,
        places=places(case.page),
    )  # fmt: skip
    return page, 200 if moving else HTMX_STOP


def is_moving(page: FamilyPage) -> bool:
    """Whether a step may end while the family looks on."""
    return any(leg.stage in _MOVING and not leg.waiting_for for leg in page.legs)
