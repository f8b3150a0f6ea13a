"""Tests a pattern cannot make: check digits and number shapes."""

from __future__ import annotations

from collections.abc import Callable

from sar.detection.lexicon import FEMALE_NAMES, MALE_NAMES, NICKNAMES, ORDINARY_WORDS

_NHS_DIGITS = 10
_PHONE_DIGITS = range(10, 14)


def canonical(text: str) -> str:
    """Letters and digits only, in capitals: how numbers are compared however they are spaced."""
    return "".join(c for c in text if c.isalnum()).upper()


def canonical_phone(text: str) -> str:
    """A telephone number's digits, the international prefix read as 0."""
    digits = "".join(c for c in text if c.isdigit())
    for prefix in ("0044", "44"):
        if digits.startswith(prefix):
            return "0" + digits.removeprefix(prefix).removeprefix("0")
    return digits


def _is_nhs_number(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    if len(digits) != _NHS_DIGITS or len(set(digits)) == 1:
        return False
    remainder = 11 - sum(d * w for d, w in zip(digits, range(10, 1, -1), strict=False)) % 11
    return remainder % 11 == digits[-1]


def _is_phone(text: str) -> bool:
    return len("".join(c for c in text if c.isdigit())) in _PHONE_DIGITS


_GIVEN = (MALE_NAMES | FEMALE_NAMES | {n for names in NICKNAMES.values() for n in names}) - ORDINARY_WORDS


def _begins_with_given_name(text: str) -> bool:
    return text.split(maxsplit=1)[0].partition("-")[0].casefold() in _GIVEN


CHECKS: dict[str, Callable[[str], bool]] = {
    "nhs-number": _is_nhs_number,
    "phone": _is_phone,
    "given-name": _begins_with_given_name,
}
"""What ``check = "..."`` in a rule may name."""
