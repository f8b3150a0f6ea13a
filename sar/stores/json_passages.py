"""Any JSON a service answers with, as labelled text: known keys by the mapping's labels, nothing dropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sar.domain.records import Passage
from sar.stores.values import readable

_OTHER = "Also recorded"


def passages_of(content: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[Passage]:
    """One passage a field; one a row for a list of objects. A label is never taken from the data."""
    for key, value in content.items():
        label = labels.get(key, "")
        if label == "-" or value in (None, "", [], {}):
            continue
        if isinstance(value, list) and any(isinstance(v, dict) for v in value):
            yield from (_row(key, v, label, labels) for v in value)
        elif isinstance(value, dict):
            yield _row(key, value, label, labels)
        else:
            text = _text(value)
            yield Passage(label=label or _OTHER, text=text if label else f"{_spaced(key)}: {text}")


def _row(key: str, value: object, label: str, labels: Mapping[str, str]) -> Passage:
    if not isinstance(value, dict):
        return Passage(label=label or _OTHER, text=_text(value))
    pieces = [
        _text(v) if f"{key}.{k}" in labels else f"{_spaced(str(k))}: {_text(v)}"
        for k, v in value.items()
        if labels.get(f"{key}.{k}") != "-" and v not in (None, "")
    ]
    return Passage(label=label or _OTHER, text="\n".join(pieces))


def _text(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{_spaced(str(k))}: {_text(v)}" for k, v in value.items())
    if isinstance(value, list):
        return "; ".join(_text(v) for v in value)
    return readable(value)


def _spaced(key: str) -> str:
    return key.replace("_", " ")


def values_at(content: object, path: str) -> Iterator[object]:
    """The values at ``notes.by``, through lists."""
    head, _, tail = path.partition(".")
    found = content.get(head) if isinstance(content, Mapping) else None
    for value in found if isinstance(found, list) else [found]:
        if tail:
            yield from values_at(value, tail)
        elif value is not None:
            yield value
