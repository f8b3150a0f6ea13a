"""Values to JSON and back, exactly. What must never be written anywhere is refused here."""

from __future__ import annotations

import json
from typing import Any, NoReturn, TypeVar

from cattrs.errors import BaseValidationError
from cattrs.preconf.json import JsonConverter, make_converter

from sar.db.record_json import NotAsDeclared, records_as_json
from sar.domain.disclosure import Needles, ReviewPart, ReviewPassage, ReviewView
from sar.domain.errors import InvalidInput, SealBroken
from sar.domain.records import Record

T = TypeVar("T")

_NEVER_KEPT = (Needles, ReviewView, ReviewPassage, ReviewPart)


def _make() -> JsonConverter:
    # Detailed validation would put the values that do not fit into its error texts.
    converter = make_converter(detailed_validation=False)
    for kind in _NEVER_KEPT:
        converter.register_unstructure_hook(kind, _refuse)
    return converter


def _refuse(value: object) -> NoReturn:
    raise InvalidInput(
        f"A {type(value).__name__} is not kept.",
        next_step="Keep frozen values of the domain only; never what is for one page or one search.",
    )


_CONVERTER = _make()
_PACKED = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_refuse)


def to_bytes(value: object) -> bytes:
    """A frozen dataclass, or a tuple of them, as JSON.

    :raises InvalidInput: the value, or something inside it, is not one that may be kept.
    """
    if type(value) is tuple and {*map(type, value)} == {Record}:
        try:
            return records_as_json(value, _as_json).encode()
        except NotAsDeclared:
            pass
    return _as_json(value).encode()


def _as_json(value: object) -> str:
    plain: Any = _CONVERTER.unstructure(value)
    return _PACKED.encode(plain)


def from_bytes(content: bytes, kind: type[T]) -> T:
    """The value as it was kept.

    :raises SealBroken: what was kept is not of this kind.
    """
    try:
        return _CONVERTER.structure(json.loads(content), kind)
    except (BaseValidationError, TypeError, ValueError, KeyError, AttributeError):
        # The text of the cause may quote what was kept.
        raise SealBroken(
            f"A kept item is not a {getattr(kind, '__name__', 'value of this kind')}.",
            next_step="It was written by another version of the program, or under another name. Report this.",
        ) from None
