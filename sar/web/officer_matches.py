"""People of a store who could be the data subject, each beside the data subject, and what is added to the subject."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sar.domain.comparing import Sameness
from sar.domain.errors import OutOfOrder
from sar.domain.parties import Identifier, IdentifierKind, StaffRole
from sar.ports.matching import NearMatch
from sar.ports.pages import CasePage
from sar.web.access import not_here, open_to, staff_actor
from sar.web.context import site
from sar.web.forms import LONGEST_TEXT, Form
from sar.web.paging import paged
from sar.web.staff_case import Option, may, open_case, refused_on

blueprint = Blueprint("officer_matches", __name__, url_prefix="/officer/cases/<reference>/matches")

COMPARERS = (StaffRole.OFFICER, StaffRole.APPROVER)
"""Who sees another person's details beside the data subject's: nobody who need not."""
ANSWERS = (
    Option(value=Sameness.SAME.value, text="The same person",
           hint="Their records are read at the next gathering. A number has to agree, or two facts, with no number "
                "against them; otherwise an approver decides after you."),
    Option(value=Sameness.OTHER.value, text="Somebody else", hint="They are left out from now on."),
    Option(value=Sameness.UNSURE.value, text="I cannot tell yet", hint="It stays open, and an approver sees it."),
)  # fmt: skip
WORDS = {option.value: option.text for option in ANSWERS}
FORMER_NAME = "former-name"
KINDS = (
    *(Option(value=kind.name, text=kind.value[:1].upper() + kind.value[1:]) for kind in IdentifierKind),
    Option(value=FORMER_NAME, text="Former name, or another name they use"),
)


@blueprint.get("")
@open_to(*COMPARERS)
def matches(reference: str) -> str:
    """Everybody with a near name, and whether somebody has compared them."""
    case = open_case(reference)
    found = site().services.matching.near(case.id)
    return render_template(
        "officer/matches.html", case=case, may=may(), words=WORDS,
        found=paged(found, "officer_matches.matches", reference=reference),
    )  # fmt: skip


@blueprint.get("/<int:number>")
@open_to(*COMPARERS)
def match(reference: str, number: int) -> str:
    """One person beside the data subject."""
    case = open_case(reference)
    return _form(case, _match(case, number), number).render()


@blueprint.post("/<int:number>")
@open_to(*COMPARERS)
def decide(reference: str, number: int) -> Response:
    """Keep who it is."""
    case, here = open_case(reference), site()
    found = _match(case, number)
    if request.form.get("person") != _name(found):
        raise OutOfOrder(
            "The list of people changed while you were reading. Nothing was decided.",
            next_step="Go back to the list and open the person again.",
        )
    form = _form(case, found, number)
    said = form.choice("sameness", [o.value for o in ANSWERS], empty="Choose who this is")
    reason = form.words("reason", empty="Write what you compared", longest=LONGEST_TEXT)
    form.check()
    with refused_on(form, fields={"reason": "reason"}, otherwise="sameness"):
        here.services.matching.decide(
            case.id, store=found.store, subject=found.subject.id, native_id=found.native_id,
            sameness=Sameness(said), reason=reason, at=here.clock(), by=staff_actor(),
        )  # fmt: skip
    return redirect(url_for("officer_matches.matches", reference=reference), code=303)


@blueprint.get("/details")
@open_to(*COMPARERS)
def details(reference: str) -> str:
    """The form that adds a number or a former name to a data subject."""
    return _details_form(open_case(reference)).render()


@blueprint.post("/details")
@open_to(*COMPARERS)
def add_details(reference: str) -> Response:
    """Add it; the next gathering asks by it."""
    case, here = open_case(reference), site()
    form = _details_form(case)
    numbers = [str(n) for n, _ in enumerate(here.services.matching.subjects(case.id), start=1)]
    subject = form.choice("subject", numbers, empty="Choose whose it is")
    kind = form.choice("kind", [o.value for o in KINDS], empty="Choose what it is")
    value = form.words("value", empty="Enter the number or the name")
    reason = form.words("reason", empty="Write where it was found", longest=LONGEST_TEXT)
    form.check()
    is_name = kind == FORMER_NAME
    with refused_on(form, fields={"value": "value", "reason": "reason"}, otherwise="value"):
        here.services.matching.add_details(
            case.id,
            subject=here.services.matching.subjects(case.id)[int(subject) - 1].id,
            identifier=None if is_name else Identifier(kind=IdentifierKind[kind], value=value),
            former_name=value if is_name else "",
            reason=reason,
            at=here.clock(),
            by=staff_actor(),
        )
    return redirect(url_for("officer_matches.matches", reference=reference), code=303)


def _match(case: CasePage, number: int) -> NearMatch:
    found = site().services.matching.near(case.id)
    if not 1 <= number <= len(found):
        raise not_here()
    return found[number - 1]


def _name(found: NearMatch) -> str:
    """Who is compared, and on what: a gathering meanwhile may have brought other facts."""
    return "/".join([found.store, found.subject.id, found.native_id, *found.shown])


def _form(case: CasePage, found: NearMatch, number: int) -> Form:
    return Form(
        "officer/match.html", case=case, match=found, number=number, name=_name(found), answers=ANSWERS,
        words=WORDS, may=may(),
    )  # fmt: skip


def _details_form(case: CasePage) -> Form:
    subjects = site().services.matching.subjects(case.id)
    people = tuple(Option(value=str(n), text=s.name) for n, s in enumerate(subjects, start=1))
    return Form("officer/subject_details.html", case=case, people=people, kinds=KINDS, may=may())
