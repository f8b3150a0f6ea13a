"""Reading forms: one clear message per field, everything typed is kept, nothing is believed.

A view reads every field, then calls ``check``. A reader whose field is wrong notes the message and
returns an empty stand-in, so that one answer can name every mistake; what was read counts only after
``check`` has returned. ``check`` raises ``FormRefused`` and the page is shown again with status 422.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from flask import g, render_template, request

from sar.domain.errors import InvalidInput, OutOfOrder, SARError
from sar.web.security import CSRF_FIELD

_WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_EMAIL = re.compile(rf"{_WORD}(\.{_WORD})*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july",
         "aug august", "sep sept september", "oct october", "nov november", "dec december"), 1)
    for name in names.split()
}  # fmt: skip
_EARLIEST = date(1900, 1, 1)
_MARK = re.compile(r"[0-9a-f]{32}")
ONCE_FIELD = "once"
LONGEST_LINE = 200
LONGEST_TEXT = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One message and the id of the input it belongs to."""

    field: str
    href: str
    message: str


class FormRefused(InvalidInput):
    """A form with mistakes; carries the page that shows them."""

    code = "input.form"

    def __init__(self, form: Form) -> None:
        super().__init__("Some answers need another look.", next_step="Correct the answers marked below.")
        self.form = form


def new_mark() -> str:
    """A mark for one form: 128 bits of chance."""
    return secrets.token_hex(16)


def once_key(mark: str, words: Iterable[tuple[str, str]]) -> str:
    """The key of one sending. A form without a mark has none, and counts each time it is sent."""
    if not _MARK.fullmatch(mark):
        return ""
    holder = g.sar_session.holder if g.sar_session is not None else ""
    return json.dumps([request.endpoint, request.path, holder, mark, sorted(words)])


class Form:
    """One page's answers: empty, saved earlier, or posted."""

    def __init__(self, template: str, *, saved: Mapping[str, str] | None = None, **context: object) -> None:
        self.template = template
        self.context = context
        self._posted = request.form if request.method == "POST" else None
        self._saved = saved or {}
        self._errors: dict[str, FieldError] = {}

    def value(self, name: str) -> str:
        """What stands in a field: what was posted, else what was saved, else nothing."""
        if self._posted is not None:
            return self._posted.get(name, "").replace("\r\n", "\n").strip()
        return self._saved.get(name, "")

    def values(self, name: str) -> tuple[str, ...]:
        """Every ticked box of one name."""
        if self._posted is not None:
            return tuple(self._posted.getlist(name))
        return tuple(v for v in self._saved.get(name, "").split("\n") if v)

    @property
    def once(self) -> str:
        """The mark that makes this form count once: a new one with each new page, kept when it is shown again."""
        return self.value(ONCE_FIELD) or new_mark()

    def once_key(self) -> str:
        """What a service may know this sending by: its mark, its sender, and every word of it.

        The words are in it, so that a page sent, changed and sent again loses nothing.
        """
        words = [pair for pair in request.form.items(multi=True) if pair[0] != CSRF_FIELD]
        return once_key(self.value(ONCE_FIELD), words)

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Every message so far, in the order the fields were read."""
        return tuple(self._errors.values())

    def error(self, name: str) -> str:
        """The message of one field, or nothing."""
        found = self._errors.get(name)
        return found.message if found else ""

    def fail(self, name: str, message: str, *, href: str = "") -> None:
        """Note a mistake; a field keeps its first message."""
        self._errors.setdefault(name, FieldError(field=name, href=f"#{href or name}", message=message))

    def words(self, name: str, *, empty: str = "", longest: int = LONGEST_LINE) -> str:
        """One or more lines of text. ``empty`` is the message when nothing was written; none: optional."""
        text = self.value(name)
        if "\x00" in text:
            self.fail(name, "Write this with ordinary letters and signs only")
        if empty and not text:
            self.fail(name, empty)
        if len(text) > longest:
            self.fail(name, f"Write no more than {longest} letters (you wrote {len(text)})")
        return text

    def choice(self, name: str, allowed: Iterable[str], *, empty: str) -> str:
        """One of a fixed list."""
        given = self.value(name)
        if given not in set(allowed):
            self.fail(name, empty)
        return given

    def choices(self, name: str, allowed: Iterable[str], *, empty: str = "") -> tuple[str, ...]:
        """Some of a fixed list."""
        known = set(allowed)
        given = tuple(v for v in self.values(name) if v in known)
        if empty and not given:
            self.fail(name, empty)
        return given

    def email(self, name: str, *, empty: str = "") -> str:
        """An e-mail address that a message could reach."""
        address = self.words(name, empty=empty)
        if address and not _EMAIL.fullmatch(address):
            self.fail(name, "Enter an e-mail address like name@example.com")
        return address

    def day(self, name: str, *, what: str, latest: date | None = None, earliest: date = _EARLIEST) -> date:
        """A date in three inputs (``name-day``, ``name-month``, ``name-year``). ``what``: "date of birth"."""
        parts = {p: self.value(f"{name}-{p}") for p in ("day", "month", "year")}
        absent = [p for p, text in parts.items() if not text]
        start = what[:1].upper() + what[1:]
        if len(absent) == len(parts):
            self.fail(name, f"Enter the {what}", href=f"{name}-day")
        elif absent:
            message = f"{start} must include a {' and a '.join(absent)}"
            self.fail(name, message, href=f"{name}-{absent[0]}")
        else:
            try:
                on = as_date(**parts)
            except ValueError:
                self.fail(name, f"{start} must be a real date", href=f"{name}-day")
            else:
                self._within(name, start, on, earliest=earliest, latest=latest)
                return on
        return date.min

    def day_if_given(
        self, name: str, *, what: str, latest: date | None = None, earliest: date = _EARLIEST
    ) -> date | None:
        """The same where the date may be left out."""
        if any(self.value(f"{name}-{part}") for part in ("day", "month", "year")):
            return self.day(name, what=what, latest=latest, earliest=earliest)
        return None

    def _within(self, name: str, start: str, on: date, *, earliest: date, latest: date | None) -> None:
        if latest is not None and on > latest:
            self.fail(name, f"{start} must be today or in the past", href=f"{name}-day")
        elif on < earliest:
            self.fail(name, f"{start} must be in {earliest.year} or later", href=f"{name}-year")

    def check(self) -> None:
        """Raises FormRefused when any field was wrong."""
        if self._errors:
            raise FormRefused(self)

    @contextmanager
    def refusals(self, *, field: str = "") -> Iterator[None]:
        """Show what a service refuses inside the block on this page, beside the field it names."""
        try:
            yield
        except SARError as error:
            # What was typed can mend these; anything else (a role, a lost page) has a page of its own.
            if not (isinstance(error, InvalidInput | OutOfOrder) or error.field):
                raise
            self.fail(error.field or field or "form", f"{error.message} {error.next_step}")
            raise FormRefused(self) from error

    def render(self) -> str:
        """The page."""
        return render_template(self.template, form=self, **self.context)


def as_date(*, day: str, month: str, year: str) -> date:
    """A date as people type it; months by number or name. Raises ValueError."""
    number = _MONTHS.get(month.casefold()) or int(month)
    if len(year) != 4:  # noqa: PLR2004 - a year has four digits
        raise ValueError(year)
    return date(int(year), number, int(day))
