"""Codes as stores really write them: in small letters, with blanks, several in one field, as keys of a JSON object."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sar.stores.fields import Fields, bad
from sar.stores.values import readable

_YES = frozenset({"yes", "y", "true", "t", "1", "1.0"})
_NO = frozenset({"no", "n", "false", "f", "0", "0.0"})
_NOT_SAID = frozenset({"", "null", "none", "unknown", "not known", "not recorded", "nk", "n/k", "na", "n/a"})
_BETWEEN = re.compile(r"[,;|/\n]+")
_ONE = re.compile(r"[A-Za-z0-9]{1,8}")
"""What a code of any list may look like."""
_NUMBERED = re.compile(r"[A-Za-z]{0,3}\d{1,3}[A-Za-z]?")
"""What a code looks like, and a word does not."""
_LONGEST = 400
"""Letters in a field that may still be codes; a longer one is somebody's words."""
_AS_READ = ", as we read it"


def code_lists(top: Fields) -> dict[str, dict[str, str]]:
    """The lists of a mapping, code by code: its words, or a table of ``words`` and their ``source``.

    A source means that no list of the code's own makers has these words: a reader is told so.
    """
    return {name: {code: _words(f, code) for code in f.names()} for name, f in top.named("codes").items()}


def _words(codes: Fields, code: str) -> str:
    if not codes.is_table(code):
        return codes.text(code)
    table = codes.table(code)
    words, source = table.text("words"), table.text("source")
    table.done()
    if not (words and source):
        raise bad(table.where, "`words` and `source` must both say something")
    return f"{words}{_AS_READ}"


def truth(text: str) -> bool | None:
    """Yes, no, or not recorded."""
    folded = text.strip().casefold()
    return True if folded in _YES else False if folded in _NO else None


def known(text: str, coded: Mapping[str, str]) -> str:
    """The code of the list that a text means, whatever its letters and blanks; empty when it means none."""
    if text in coded:
        return text
    folded = text.strip().casefold()
    if not folded or len(folded) > _LONGEST:
        return ""
    return next((code for code in coded if code.casefold() == folded), "")


def several(text: str, coded: Mapping[str, str]) -> tuple[str, ...]:
    """The codes in a text that lists some, those of no list as they stand; none when it is something else."""
    if not coded or len(text) > _LONGEST or known(text, coded):
        return ()
    for pieces in (_BETWEEN.split(text), text.split()):
        listed = [piece.strip() for piece in pieces if piece.strip()]
        found = [known(piece, coded) for piece in listed]
        if any(found) and all(code or _ONE.fullmatch(p) for code, p in zip(found, listed, strict=True)):
            return tuple(code or piece for code, piece in zip(found, listed, strict=True))
    return ()


def in_words(text: str, coded: Mapping[str, str]) -> str:
    """A coded text in words; a code in no list, and any other text, as it stands."""
    if not coded:
        return text
    if listed := several(text, coded):
        return "; ".join(_one_in_words(code, coded) for code in listed)
    return _one_in_words(known(text, coded) or text, coded)


def _one_in_words(code: str, coded: Mapping[str, str]) -> str:
    words = coded.get(code)
    if not words:
        return code
    return f"{words} (code {code})" if needs_code(code, words) else words


def needs_code(code: str, words: str) -> bool:
    """Whether the code stands beside its words.

    "Y" and "active" are explained by them; RC8 and 3F are codes a family may be told elsewhere; where the words
    are only how we read it, everyone should see what was really written.
    """
    return any(c.isdigit() for c in code) or words.endswith(_AS_READ)


def codes_in(value: object, coded: Mapping[str, str]) -> Iterator[str]:
    """The codes of a field, each once: one or several in a text, in lists, or in a JSON object under any key."""
    yield from dict.fromkeys(_codes(value, coded))


def _codes(value: object, coded: Mapping[str, str]) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if code := known(str(key), coded):
                yield from [code] if _is_said(inner) else []
            elif key in {"", "codes"}:
                yield from _codes(inner, coded)
            else:
                # Under a key nobody listed there may be words as well; only what is a code is one.
                yield from (c for c in _codes(inner, coded) if c in coded or _NUMBERED.fullmatch(c))
    elif isinstance(value, list):
        for one in value:
            yield from _codes(one, coded)
    elif text := readable(value).strip():
        yield from several(text, coded) or (known(text, coded) or text,)


def _is_said(value: object) -> bool:
    """Whether what stands beside a code says that it was found: a yes, or words of its own."""
    if isinstance(value, dict | list):
        return bool(value)
    text = readable(value)
    said = truth(text)
    return text.strip().casefold() not in _NOT_SAID if said is None else said
