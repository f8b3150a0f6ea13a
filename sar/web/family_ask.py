"""Asking: a few short pages, kept between pages, one sending at the end.

What is typed is sealed into the browser's session as it goes, so that a shared phone can be put down.
Each page lists the answers it keeps; a page that is not asked of this person (a child's, when they ask
about themself only) is skipped, and a later page sends the reader back to the first one left open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, g, redirect, url_for
from nhs_number import is_valid as is_nhs_number
from werkzeug.wrappers import Response

from sar.ports.access import REQUESTS_PER_ORIGIN
from sar.web import family_sent
from sar.web.access import EVERYONE, FAMILY_ACTOR, not_here, open_to
from sar.web.context import site
from sar.web.family_request import request_from
from sar.web.forms import LONGEST_TEXT, Form, as_date, new_mark, once_key
from sar.web.security import browser_token
from sar.web.sign_in import ensure_session, origin

blueprint = Blueprint("family_ask", __name__, url_prefix="/ask")

Draft = Mapping[str, str]
ADULT = 18
_MARK = "mark"
"""Made when a draft begins: whatever is pressed twice, one draft is one request."""

WHO = {
    "self": "Me",
    "child": "My child",
    "both": "Me and my child",
}
PROOFS = {
    "birth": "The child’s full birth certificate, with my name on it",
    "adoption": "The adoption certificate",
    "agreement": "A parental responsibility agreement",
    "court": "A court order",
    "help": "I do not have these, or I am not sure",
}
SHOWN = {
    "person": "I will bring it and show it",
    "post": "I will post a copy",
    "talk": "Please contact me about it first",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPage:
    """One page: how it is read, and for whom it is."""

    name: str
    title: str
    read: Callable[[Form, Draft, date], None]
    fields: tuple[str, ...]
    applies: Callable[[Draft], bool] = lambda _draft: True

    @property
    def template(self) -> str:
        return f"family/ask_{self.name}.html"

    def is_done(self, draft: Draft) -> bool:
        """Whether this page was sent without mistakes."""
        return draft.get(f"done-{self.name}") == "yes"


def _read_contact(form: Form, _draft: Draft, _today: date) -> None:
    email = form.email("email")
    phone = form.words("phone", longest=40)
    post = form.words("post", longest=400)
    form.words("do_not", longest=500)
    if not (email or phone or post):
        form.fail("email", "Give at least one safe way to reach you: an e-mail, a phone number or an address")
    if phone and sum(letter.isdigit() for letter in phone) < 7:  # noqa: PLR2004 - shorter reaches nobody
        form.fail("phone", "Enter a phone number with at least 7 numbers, or leave it empty")


def _read_about(form: Form, _draft: Draft, _today: date) -> None:
    form.choice("who", WHO, empty="Choose whose records you want to see")


def _read_you(form: Form, draft: Draft, today: date) -> None:
    form.words("name", empty="Enter your full name")
    if draft["who"] == "child":
        return  # Nothing of the parent's own is looked up, so nothing more is asked.
    form.words("former", longest=400)
    born_on = form.day("born", what="date of birth", latest=today)
    if date.min < born_on and _age(born_on, today) < 12:  # noqa: PLR2004 - the youngest presumed to understand
        form.fail(
            "born", "Check your date of birth. If you are under 12, please ask us for help", href="born-year"
        )
    _read_nhs_number(form, "nhs")


def _read_child(form: Form, _draft: Draft, today: date) -> None:
    form.words("child_name", empty="Enter the child’s full name")
    form.words("child_former", longest=400)
    born_on = form.day("child_born", what="child’s date of birth", latest=today)
    if date.min < born_on and _age(born_on, today) >= ADULT:
        message = "This person is 18 or over. They need to ask for their records themselves"
        form.fail("child_born", message, href="child_born-year")
    _read_nhs_number(form, "child_nhs")


def _read_proof(form: Form, _draft: Draft, _today: date) -> None:
    form.choice("proof", PROOFS, empty="Choose what shows that you may ask for the child")
    form.choice("shown", SHOWN, empty="Choose how you will show it to us")
    form.words("proof_note", longest=1000)


def _read_wording(form: Form, _draft: Draft, _today: date) -> None:
    form.words("wording", empty="Write what you want to see", longest=LONGEST_TEXT)
    form.choices("foi", ("yes",))


def _read_nhs_number(form: Form, name: str) -> None:
    given = "".join(form.words(name, longest=20).split())
    if given and not is_nhs_number(given.replace("-", "")):
        form.fail(name, "Check the NHS number: it has 10 numbers. You can leave it empty")


def _for_child(draft: Draft) -> bool:
    return draft.get("who") in {"child", "both"}


def _dates(name: str) -> tuple[str, ...]:
    return tuple(f"{name}-{part}" for part in ("day", "month", "year"))


PAGES = (
    AskPage(
        name="contact", title="How can we reach you safely?", read=_read_contact,
        fields=("email", "phone", "post", "do_not"),
    ),
    AskPage(name="about", title="Whose records do you want to see?", read=_read_about, fields=("who",)),
    AskPage(
        name="you", title="About you", read=_read_you,
        fields=("name", "former", *_dates("born"), "nhs"),
    ),
    AskPage(
        name="child", title="About the child", read=_read_child, applies=_for_child,
        fields=("child_name", "child_former", *_dates("child_born"), "child_nhs"),
    ),
    AskPage(
        name="proof", title="Showing that you may ask for the child", read=_read_proof, applies=_for_child,
        fields=("proof", "shown", "proof_note"),
    ),
    AskPage(name="wording", title="What do you want to see?", read=_read_wording, fields=("wording", "foi")),
)  # fmt: skip
_BY_NAME = {page.name: page for page in PAGES}
_LISTS = frozenset({"foi"})
_CONTEXT = {"who": WHO, "proofs": PROOFS, "shown": SHOWN}


@blueprint.get("")
@open_to(EVERYONE)
def start() -> Response:
    """Go to the first page that is still open."""
    return redirect(_first_open(_draft()), code=303)


@blueprint.get("/<name>")
@open_to(EVERYONE)
def page(name: str) -> str | Response:
    """One page, with what was typed before."""
    asked, draft = _page(name), _draft()
    if not _may_open(asked, draft):
        return redirect(_first_open(draft), code=303)
    return _form(asked, draft).render()


@blueprint.post("/<name>")
@open_to(EVERYONE)
def save(name: str) -> Response:
    """Keep one page's answers and go on."""
    asked, draft = _page(name), _draft()
    if not _may_open(asked, draft):
        return redirect(_first_open(draft), code=303)
    form = _form(asked, draft)
    asked.read(form, draft, site().today())
    form.check()
    answers = {f: "\n".join(form.values(f)) if f in _LISTS else form.value(f) for f in asked.fields}
    ensure_session()
    kept = {_MARK: new_mark(), **draft, **answers, f"done-{asked.name}": "yes"}
    site().accounts.keep_draft(browser_token(), kept)
    # Pages answered before stay answered, so a change on one page leads straight back to the check.
    return redirect(_first_open(kept), code=303)


@blueprint.get("/check")
@open_to(EVERYONE)
def check() -> str | Response:
    """Everything typed, to look over before sending."""
    draft = _draft()
    if _open_pages(draft):
        return redirect(_first_open(draft), code=303)
    return _check_form(draft).render()


@blueprint.post("/check")
@open_to(EVERYONE)
def send() -> Response:
    """Make the request and forget the draft. The address may follow it when it is proved, not before."""
    draft = _draft()
    if draft.get("sent") and not any(page.is_done(draft) for page in PAGES):
        # Sent a moment ago, by a second press of the same button.
        return redirect(url_for("family_sent.receipt"), code=303)
    if _open_pages(draft):
        return redirect(_first_open(draft), code=303)
    form = _check_form(draft)
    here, at = site(), site().clock()
    here.accounts.attempt(REQUESTS_PER_ORIGIN, origin(), at=at)
    new = request_from(
        draft, received_on=here.today(), nation=here.config.nation, words=(PROOFS, SHOWN),
        proved=family_sent.is_proved(draft["email"]),
    )  # fmt: skip
    with form.refusals():
        head = here.services.intake.receive(
            new, at=at, by=FAMILY_ACTOR, once=once_key(draft.get(_MARK, ""), draft.items())
        )
    if _draft().get("sent-case") != head.id:
        family_sent.begin(head, draft, legs=len(new.legs))
    return redirect(url_for("family_sent.receipt"), code=303)


def _draft() -> dict[str, str]:
    """What was typed so far in a session that is still alive."""
    return site().accounts.draft(browser_token()) if g.sar_session is not None else {}


def _page(name: str) -> AskPage:
    if name not in _BY_NAME:
        raise not_here()
    return _BY_NAME[name]


def _form(asked: AskPage, draft: Draft) -> Form:
    before = [p.name for p in PAGES if p.applies(draft)]
    place = before.index(asked.name) if asked.name in before else 0
    back = url_for("family.home") if place == 0 else url_for("family_ask.page", name=before[place - 1])
    return Form(asked.template, saved=draft, page=asked, back=back, draft=draft, **_CONTEXT)


def _open_pages(draft: Draft) -> list[AskPage]:
    return [p for p in PAGES if p.applies(draft) and not p.is_done(draft)]


def _may_open(asked: AskPage, draft: Draft) -> bool:
    """A page opens when it is asked of this person and everything before it was answered."""
    waiting = _open_pages(draft)
    return asked.applies(draft) and (not waiting or PAGES.index(asked) <= PAGES.index(waiting[0]))


def _first_open(draft: Draft) -> str:
    waiting = _open_pages(draft)
    return url_for("family_ask.page", name=waiting[0].name) if waiting else url_for("family_ask.check")


def _check_form(draft: Draft) -> Form:
    asked = [p for p in PAGES if p.applies(draft)]
    return Form(
        "family/ask_check.html", saved=draft, draft=draft, pages=asked, born_on=_born_on(draft), **_CONTEXT
    )


def _born_on(draft: Draft) -> dict[str, date]:
    """The dates of birth that were asked for, as the day they name."""
    return {
        name: as_date(**{part: draft[f"{name}-{part}"] for part in ("day", "month", "year")})
        for name in ("born", "child_born")
        if draft.get(f"{name}-year")
    }


def _age(born_on: date, today: date) -> int:
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))
