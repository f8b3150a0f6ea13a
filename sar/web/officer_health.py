"""Health information in one leg: what each record is, opinions asked and given, and what still waits.

One screen and one sitting: an opinion covers every health record of the leg, with exceptions picked out.
"""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from sar.domain.opinions import OpinionResult, Professional
from sar.domain.parties import StaffRole
from sar.domain.records import DataClass
from sar.ports.health_pages import HealthPage
from sar.ports.pages import CasePage
from sar.web.access import open_to, staff, staff_actor
from sar.web.context import site
from sar.web.forms import LONGEST_TEXT, Form
from sar.web.staff_case import READERS, Option, leg_in, may, open_case, refused_on

blueprint = Blueprint(
    "officer_health", __name__, url_prefix="/officer/cases/<reference>/legs/<int:leg>/health"
)

RESULTS = tuple(
    Option(value=result.name.lower().replace("_", "-"), text=result.value[:1].upper() + result.value[1:])
    for result in OpinionResult
)
PROFESSIONALS = tuple(
    Option(value=who.name.lower().replace("_", "-"), text=who.value[:1].upper() + who.value[1:])
    for who in Professional
)
CLASSES = (
    Option(value=DataClass.HEALTH.value, text="Health"),
    Option(value=DataClass.SOCIAL_WORK.value, text="Social work"),
    Option(value=DataClass.EDUCATION.value, text="Education"),
    Option(value=DataClass.OTHER.value, text="None of these"),
)
_ALL = "all"


@blueprint.get("")
@open_to(*READERS)
def page(reference: str, leg: int) -> str:
    """What may go out, what waits for an opinion, and what was said."""
    case = open_case(reference)
    return _form(case, leg).render()


@blueprint.post("/opinion")
@open_to(StaffRole.OFFICER, StaffRole.HEALTH_PROFESSIONAL)
def give(reference: str, leg: int) -> Response:
    """Keep an opinion: one result for all health records, and another where one is picked."""
    case = open_case(reference)
    form, here = _form(case, leg), site()
    rows = _page_of(form).health
    rest = form.value("rest")
    if rest:
        form.choice("rest", [o.value for o in RESULTS], empty="Choose what the opinion says")
    known = {o.value for o in RESULTS}
    picked = {r.record: form.value(f"result-{r.number}") or rest for r in rows}
    results = {name: _result(code) for name, code in picked.items() if code in known}
    if not results:
        form.fail("rest", "Choose what the opinion says, for all health records or for some")
    who = form.choice(
        "professional", [o.value for o in PROFESSIONALS], empty="Choose who the professional is"
    )
    role = form.words("role", empty="Write the professional’s role")
    name = form.words("name", empty="Write who gave the opinion")
    on = form.day("given_on", what="date of the opinion", latest=here.today())
    words = form.words("words", empty="Write what the professional said", longest=LONGEST_TEXT)
    asked = form.value("asked")
    form.check()
    with refused_on(form, fields=_SAME, otherwise="rest"):
        here.services.opinions.give(
            case.id, leg=leg, results=results, professional=Professional[who.upper().replace("-", "_")],
            role=role, name=name, words=words, given_on=on, asked=asked, at=here.clock(), by=staff_actor(),
        )  # fmt: skip
    return _back(reference, leg)


@blueprint.post("/asked")
@open_to(StaffRole.OFFICER)
def ask(reference: str, leg: int) -> Response:
    """Record that a health professional was asked, on everything that waits."""
    case = open_case(reference)
    form, here = _form(case, leg), site()
    whom = form.words("asked_of", empty="Write the role of the professional you ask")
    on = form.day("asked_on", what="day you asked", latest=here.today())
    form.check()
    waiting = [r.record for r in _page_of(form).waiting]
    with refused_on(form, fields={"given_on": "asked_on"}, otherwise="asked_of"):
        here.services.opinions.ask(
            case.id, leg=leg, records=waiting, asked_of=whom, on=on, at=here.clock(), by=staff_actor()
        )
    return _back(reference, leg)


@blueprint.post("/known")
@open_to(StaffRole.OFFICER)
def known(reference: str, leg: int) -> Response:
    """Record why the family already knows some records."""
    case = open_case(reference)
    form, here = _form(case, leg), site()
    by_number = {str(r.number): r.record for r in _page_of(form).waiting}
    chosen = form.choices("known", by_number, empty="Choose the records that the family knows")
    reason = form.words("known_reason", empty="Write when and how they saw them", longest=LONGEST_TEXT)
    form.check()
    with refused_on(form, fields={"reason": "known_reason"}, otherwise="known"):
        here.services.opinions.already_known(
            case.id, leg=leg, records=[by_number[n] for n in chosen], reason=reason, at=here.clock(),
            by=staff_actor(),
        )  # fmt: skip
    return _back(reference, leg)


@blueprint.post("/class")
@open_to(StaffRole.OFFICER)
def classify(reference: str, leg: int) -> Response:
    """Record what one record, or every record that waits for it, is."""
    case = open_case(reference)
    form, here = _form(case, leg), site()
    found = _page_of(form)
    by_number = {str(r.number): [r.record] for r in found.rows}
    by_number[_ALL] = [r.record for r in found.unclassed]
    which = form.choice("which", by_number, empty="Choose the record")
    chosen = form.choice("data_class", [o.value for o in CLASSES], empty="Choose what it is")
    reason = form.words("class_reason", empty="Write how you know", longest=LONGEST_TEXT)
    form.check()
    with refused_on(form, fields={"reason": "class_reason"}, otherwise="which"):
        here.services.opinions.classify(
            case.id, leg=leg, classes=dict.fromkeys(by_number[which], DataClass(chosen)), reason=reason,
            at=here.clock(), by=staff_actor(),
        )  # fmt: skip
    return _back(reference, leg)


@blueprint.post("/again")
@open_to(StaffRole.OFFICER, StaffRole.HEALTH_PROFESSIONAL)
def ask_again(reference: str, leg: int) -> Response:
    """Record that something changed, so that an opinion is not relied on any more."""
    case = open_case(reference)
    form, here = _form(case, leg), site()
    standing = [o.id for o in _page_of(form).opinions if not o.ask_again]
    chosen = form.choice("opinion", standing, empty="Choose the opinion")
    reason = form.words("again_reason", empty="Write what changed since", longest=LONGEST_TEXT)
    form.check()
    with refused_on(form, fields={"reason": "again_reason"}, otherwise="opinion"):
        here.services.opinions.ask_again(
            case.id, leg=leg, opinion=chosen, reason=reason, at=here.clock(), by=staff_actor()
        )
    return _back(reference, leg)


_SAME = {name: name for name in ("role", "name", "words", "given_on", "professional")}


def _result(code: str) -> OpinionResult:
    return OpinionResult[code.upper().replace("-", "_")]


def _form(case: CasePage, leg: int) -> Form:
    here = site()
    mine = leg_in(case, leg)
    found = here.services.opinions.page(case.id, leg=mine.number, on=here.today(), by=staff_actor())
    is_clinician = StaffRole.HEALTH_PROFESSIONAL in staff().roles
    return Form(
        "officer/health.html", case=case, leg=mine, page=found, may=may(), results=RESULTS,
        professionals=PROFESSIONALS, classes=CLASSES, is_clinician=is_clinician,
        saved={"name": staff().name} if is_clinician else {},
        which=[
            *([Option(value=_ALL, text="Every record that nobody has classed")] if found.unclassed else []),
            *(Option(value=str(r.number), text=f"{r.number}. {r.kind}, {r.origin}") for r in found.rows),
        ],
    )  # fmt: skip


def _page_of(form: Form) -> HealthPage:
    found = form.context["page"]
    if not isinstance(found, HealthPage):
        raise TypeError("the form was not made here")
    return found


def _back(reference: str, leg: int) -> Response:
    return redirect(url_for("officer_health.page", reference=reference, leg=leg), code=303)
