"""The pages of asking: what each one asks, of whom, and how its answers are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from nhs_number import is_valid as is_nhs_number

from sar.web.context import site
from sar.web.forms import LONGEST_TEXT, Form, as_date

Draft = Mapping[str, str]
ADULT = 18

WHO = {
    "self": "Me",
    "child": "My child",
    "both": "Me and my child",
    "other": "Someone I act for",
    "died": "Someone who has died",
    "information": "Nobody: I want policies or numbers",
}
PROOFS = {
    "birth": "The child’s full birth certificate, with my name on it",
    "adoption": "The adoption certificate",
    "agreement": "A parental responsibility agreement",
    "court": "A court order",
    "help": "I do not have these, or I am not sure",
    "none": "I do not have parental responsibility",
}
SHOWN = {
    "person": "I will bring it and show it",
    "post": "I will post a copy",
    "talk": "Please contact me about it first",
}
KNOWS = {
    "agrees": "Yes, and they agree",
    "refuses": "They do not want this",
    "not-asked": "I have not asked them",
    "unsafe": "It would not be safe or kind to ask",
}
PAST = {"care": "I was in care as a child", "adopted": "I was adopted"}
FILES = {"health": "Health records", "council": "The council’s file"}
RIGHTS = {
    "representative": "I deal with what they left",
    "claim": "I may have a claim because of the death",
    "neither": "Neither, or I am not sure",
}
ACTING = {
    "agent": "Their written authority",
    "attorney": "A lasting power of attorney",
    "deputy": "A court order that makes me their deputy",
}
YES_NO = {"yes": "Yes", "no": "No"}
CONTEXT = {
    "who": WHO, "proofs": PROOFS, "shown": SHOWN, "knows": KNOWS, "past": PAST, "files": FILES, "rights": RIGHTS,
    "acting": ACTING, "yes_no": YES_NO,
}  # fmt: skip
LISTS = frozenset({"foi", "past", "died_files"})
DATES = ("born", "child_born", "other_born", "died_born", "died_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPage:
    """One page: how it is read, and for whom it is."""

    name: str
    title: str
    read: Callable[[Form, Draft, date], None]
    fields: tuple[str, ...]
    applies: Callable[[Draft], bool] = lambda _draft: True
    form_of: Callable[[Draft], str] = lambda _draft: "yes"
    """Which form of the page is asked: one sent in another form, with fewer questions, is asked again."""

    @property
    def template(self) -> str:
        return f"family/ask_{self.name}.html"

    def is_done(self, draft: Draft) -> bool:
        """Whether this page was sent without mistakes."""
        return draft.get(f"done-{self.name}") == self.form_of(draft)


def wants_own(draft: Draft) -> bool:
    """Whether what is held about the person who asks is wanted."""
    who = draft.get("who")
    if who == "died":
        return draft.get("died_own") == "yes"
    if who == "child":
        return has_no_responsibility(draft) and draft.get("no_right_own") == "yes"
    return who in {"self", "both"}


def for_child(draft: Draft) -> bool:
    """Whether a living child's records are wanted."""
    return draft.get("who") in {"child", "both"}


def has_no_responsibility(draft: Draft) -> bool:
    """Whether the person said that they do not have parental responsibility."""
    return for_child(draft) and draft.get("proof") == "none"


def is_asked_child(draft: Draft) -> bool:
    """Whether the child is old enough that the family is asked what the child thinks."""
    born_on = day_in(draft, "child_born")
    here = site()
    return for_child(draft) and born_on is not None and age(born_on, here.today()) >= here.config.child_age


def day_in(draft: Draft, name: str) -> date | None:
    """A date that was typed; None where it was not asked for."""
    parts = {part: draft.get(f"{name}-{part}", "") for part in ("day", "month", "year")}
    return as_date(**parts) if all(parts.values()) else None


def age(born_on: date, today: date) -> int:
    """Whole years."""
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


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
    if not wants_own(draft):
        return  # Nothing of their own is looked up, so nothing more is asked.
    form.words("former", longest=400)
    born_on = form.day("born", what="date of birth", latest=today)
    if date.min < born_on and age(born_on, today) < 12:  # noqa: PLR2004 - the youngest presumed to understand
        form.fail(
            "born", "Check your date of birth. If you are under 12, please ask us for help", href="born-year"
        )
    _read_nhs_number(form, "nhs")
    form.choices("past", PAST)


def _read_child(form: Form, _draft: Draft, today: date) -> None:
    form.words("child_name", empty="Enter the child’s full name")
    form.words("child_former", longest=400)
    born_on = form.day("child_born", what="child’s date of birth", latest=today)
    if date.min < born_on and age(born_on, today) >= ADULT:
        message = "This person is 18 or over. They need to ask for their records themselves"
        form.fail("child_born", message, href="child_born-year")
    _read_nhs_number(form, "child_nhs")


def _read_child_knows(form: Form, _draft: Draft, _today: date) -> None:
    form.choice("child_knows", KNOWS, empty="Choose one. It is fine if you have not asked")


def _read_proof(form: Form, _draft: Draft, _today: date) -> None:
    if form.choice("proof", PROOFS, empty="Choose what shows that you may ask for the child") != "none":
        form.choice("shown", SHOWN, empty="Choose how you will show it to us")
    form.words("proof_note", longest=1000)


def _read_no_right(form: Form, draft: Draft, _today: date) -> None:
    if draft["who"] == "child":
        form.choice("no_right_own", YES_NO, empty="Choose yes or no")


def _read_died(form: Form, _draft: Draft, today: date) -> None:
    form.words("died_name", empty="Enter their full name")
    form.words("died_former", longest=400)
    born_on = form.day("died_born", what="date of birth", latest=today)
    died_on = form.day("died_on", what="day they died", latest=today)
    if date.min < died_on < born_on:
        form.fail(
            "died_on", "The day they died lies before their date of birth. Check both", href="died_on-year"
        )
    _read_nhs_number(form, "died_nhs")


def _read_died_right(form: Form, _draft: Draft, _today: date) -> None:
    if not form.choices("died_files", FILES):
        form.fail("died_files", "Choose which records you want to see")
    form.words("died_relation", empty="Write who you are to them", longest=200)
    form.choice("died_right", RIGHTS, empty="Choose one. It is fine if you are not sure")
    form.choice("died_own", YES_NO, empty="Choose yes or no")


def _read_other(form: Form, _draft: Draft, today: date) -> None:
    form.words("other_name", empty="Enter their full name")
    form.words("other_former", longest=400)
    form.day("other_born", what="date of birth", latest=today)
    _read_nhs_number(form, "other_nhs")


def _read_acting(form: Form, _draft: Draft, _today: date) -> None:
    form.choice("acting", ACTING, empty="Choose what shows that you may act for them")
    form.choice("shown", SHOWN, empty="Choose how you will show it to us")
    form.words("proof_note", longest=1000)


def _read_wording(form: Form, draft: Draft, _today: date) -> None:
    if draft["who"] == "information":
        form.words("info", empty="Write which policies or numbers you want", longest=LONGEST_TEXT)
        return
    form.words("wording", empty="Write what you want to see", longest=LONGEST_TEXT)
    form.choices("foi", ("yes",))
    form.words("info", longest=LONGEST_TEXT)


def _read_nhs_number(form: Form, name: str) -> None:
    given = "".join(form.words(name, longest=20).split())
    if given and not is_nhs_number(given.replace("-", "")):
        form.fail(name, "Check the NHS number: it has 10 numbers. You can leave it empty")


def _is(who: str) -> Callable[[Draft], bool]:
    return lambda draft: draft.get("who") == who


def _dates(name: str) -> tuple[str, ...]:
    return tuple(f"{name}-{part}" for part in ("day", "month", "year"))


PAGES = (
    AskPage(
        name="contact", title="How can we reach you safely?", read=_read_contact,
        fields=("email", "phone", "post", "do_not"),
    ),
    AskPage(name="about", title="Whose records do you want to see?", read=_read_about, fields=("who",)),
    AskPage(
        name="died", title="The person who has died", read=_read_died, applies=_is("died"),
        fields=("died_name", "died_former", *_dates("died_born"), *_dates("died_on"), "died_nhs"),
    ),
    AskPage(
        name="died_right", title="What you want to see", read=_read_died_right, applies=_is("died"),
        fields=("died_files", "died_relation", "died_right", "died_own"),
    ),
    AskPage(
        name="you", title="About you", read=_read_you,
        fields=("name", "former", *_dates("born"), "nhs", "past"),
        form_of=lambda draft: "own" if wants_own(draft) else "name",
    ),
    AskPage(
        name="child", title="About the child", read=_read_child, applies=for_child,
        fields=("child_name", "child_former", *_dates("child_born"), "child_nhs"),
    ),
    AskPage(
        name="child_knows", title="Does the child know about this?", read=_read_child_knows,
        applies=is_asked_child, fields=("child_knows",),
    ),
    AskPage(
        name="proof", title="Showing that you may ask for the child", read=_read_proof, applies=for_child,
        fields=("proof", "shown", "proof_note"),
    ),
    AskPage(
        name="no_right", title="What you can still do", read=_read_no_right, applies=has_no_responsibility,
        fields=("no_right_own",), form_of=lambda draft: draft["who"],
    ),
    AskPage(
        name="other", title="The person you act for", read=_read_other, applies=_is("other"),
        fields=("other_name", "other_former", *_dates("other_born"), "other_nhs"),
    ),
    AskPage(
        name="acting", title="Showing that you may act for them", read=_read_acting, applies=_is("other"),
        fields=("acting", "shown", "proof_note"),
    ),
    AskPage(
        name="wording", title="What do you want to see?", read=_read_wording, fields=("wording", "foi", "info"),
        form_of=lambda draft: "information" if draft.get("who") == "information" else "records",
    ),
)  # fmt: skip
