"""Small texts of a mapping with fields in braces: ``{organisation}: {role|part 1}``.

A template with an empty field is empty as a whole: half a sentence would say something nobody recorded.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sar.stores.fields import bad
from sar.stores.values import readable

_FIELD = re.compile(r"\{([^{}|]+)(?:\|([^{}]+))?\}")

Lookup = Callable[[str], object]
"""The raw value of a field by its name; None when it holds nothing."""


def fields_in(template: str) -> tuple[str, ...]:
    """The names of the fields a template uses."""
    return tuple(name.strip() for name, _ in _FIELD.findall(template))


def check(template: str, where: str) -> str:
    """The template itself when its filters are known."""
    for _, filters in _FIELD.findall(template):
        for step in filter(None, (f.strip() for f in filters.split("|"))):
            if step not in _FILTERS and not re.fullmatch(r"part \d", step):
                raise bad(where, f"`{step}` in `{template}` is not a filter")
    return template


def render(template: str, value: Lookup) -> str:
    """The template filled in, or nothing when a field is empty."""
    pieces: list[str] = []
    at = 0
    for found in _FIELD.finditer(template):
        text = readable(value(found[1].strip()))
        for step in filter(None, (f.strip() for f in (found[2] or "").split("|"))):
            text = _filtered(text, step)
        if not text:
            return ""
        pieces += [template[at : found.start()], text]
        at = found.end()
    return "".join([*pieces, template[at:]]).strip()


def _filtered(text: str, step: str) -> str:
    if step in _FILTERS:
        return _FILTERS[step](text)
    parts = [p.strip() for p in text.split(",")]
    number = int(step.removeprefix("part "))
    return parts[number - 1] if number <= len(parts) else ""


_FILTERS: dict[str, Callable[[str], str]] = {
    "upper first": lambda text: text[:1].upper() + text[1:],
    "first part": lambda text: text.split(",")[0].strip(),
    "other part": lambda text: text.partition(",")[2].strip(),
}
