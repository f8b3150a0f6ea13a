"""How values read on a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache

from flask import Flask
from jinja2 import (
    ChainableUndefined,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    select_autoescape,
)

from sar.domain.calendar import say_date
from sar.web.context import LOCAL_TIME, SiteConfig
from sar.web.security import CSRF_FIELD, csrf_token

_COMPONENTS = (
    "accordion", "back-link", "breadcrumbs", "button", "character-count", "checkboxes", "date-input",
    "details", "error-message", "error-summary", "fieldset", "hint", "inset-text", "input", "label",
    "notification-banner", "pagination", "panel", "password-input", "phase-banner", "radios", "select",
    "service-navigation", "skip-link", "summary-list", "table", "tabs", "tag", "task-list", "textarea",
    "warning-text",
)  # fmt: skip

_EVENT = re.compile(r"(?P<words>[^(]+) \((?P<facts>.*)\)")
_DAY = re.compile(r"\bon (\d{4}-\d{2}-\d{2})\b")


def moment(at: datetime) -> str:
    """``20 November 2026, 2:05 pm``."""
    local = at.astimezone(LOCAL_TIME)
    hour = local.hour % 12 or 12
    return f"{short_date(local.date())}, {hour}:{local.minute:02d} {'am' if local.hour < 12 else 'pm'}"  # noqa: PLR2004


def short_date(on: date) -> str:
    """``20 November 2026``."""
    return say_date(on).split(" ", 1)[1]


def until(on: date, today: date) -> str:
    """``today``, ``in 3 days``, ``2 days ago``."""
    days = (on - today).days
    if days == 0:
        return "today"
    count = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"in {count}" if days > 0 else f"{count} ago"


def options(table: Mapping[str, str]) -> list[dict[str, str]]:
    """Values and their texts as the items of a list to choose from."""
    return [{"value": value, "text": text} for value, text in table.items()]


def plural(count: int, one: str, many: str = "") -> str:
    """``1 record``, ``2 records``."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def sentence(text: str) -> str:
    """A text with a large first letter; the others stay as they are: "DBS disclosure", "Section 47 enquiry"."""
    return text[:1].upper() + text[1:]


def paragraphs(text: str) -> list[str]:
    """A person's own words, cut at their line ends."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def happened(words: str) -> str:
    """An event of the trail without its codes: ``Complaint opened, 3 November 2026``."""
    found = _EVENT.fullmatch(words)
    if found is None:
        return words
    on = _DAY.search(found["facts"])
    return f"{found['words']}, {short_date(date.fromisoformat(on[1]))}" if on else found["words"]


def dress(app: Flask, config: SiteConfig) -> None:
    """Templates under StrictUndefined, with the GOV.UK macros as globals named as their makers do.

    Those macros read parameters that may be absent, so they live in an environment of their own.
    """
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.loader = FileSystemLoader(config.templates)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {
        "day": say_date, "short_date": short_date, "moment": moment, "until": until, "plural": plural,
        "paragraphs": paragraphs, "sentence": sentence, "options": options, "happened": happened,
    }  # fmt: skip
    app.jinja_env.globals |= govuk_macros()
    app.jinja_env.globals |= {"csrf_token": csrf_token, "csrf_field": CSRF_FIELD, "config": config}


@cache
def govuk_macros() -> dict[str, object]:
    """``govukButton`` and the rest, compiled once in a process."""
    theirs = Environment(
        loader=PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        undefined=ChainableUndefined,
        autoescape=select_autoescape(default=True),
    )
    found: dict[str, object] = {}
    for name in _COMPONENTS:
        macro = "govuk" + "".join(part.capitalize() for part in name.split("-"))
        template = theirs.get_template(f"govuk_frontend_jinja/components/{name}/macro.html")
        found[macro] = getattr(template.module, macro)
    return found
