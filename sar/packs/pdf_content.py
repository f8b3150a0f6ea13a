"""Words out of a PDF's bytes without a viewer: strings, content streams and the fonts' own tables."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Text and where it stands."""

    place: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTable:
    """A font's table from codes to characters."""

    width: int
    """Bytes a code."""
    characters: Mapping[int, str] = field(default_factory=dict)
    key: bytes = b""
    """Digest of the table's source: two fonts with one key read alike."""

    def decode(self, codes: bytes) -> str:
        if not self.characters:
            return _simple(codes)
        step = self.width
        numbers = (int.from_bytes(codes[i : i + step], "big") for i in range(0, len(codes), step))
        return "".join(self.characters.get(n, "") for n in numbers)


PLAIN = CodeTable(width=1)
"""For a font that says nothing about its codes."""

_RANGE = re.compile(rb"begincodespacerange\s*<([0-9A-Fa-f]+)>")
_BLOCK = re.compile(rb"beginbf(char|range)(.*?)endbf", re.DOTALL)
_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f\s]*)>")
_TRIPLE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f\s]*)>|\[([^\]]*)\])")
_HEX = re.compile(rb"<([0-9A-Fa-f\s]*)>")
_LONG_HEX = re.compile(rb"<([0-9A-Fa-f\s]{8,})>")
"""Long enough to hold a needle; shorter ones are single glyphs, of which a page has thousands."""
_LITERAL = rb"\(((?:[^()\\]|\\.|\((?:[^()\\]|\\.|\([^()]*\))*\))*)\)"
_TOKEN = re.compile(
    rb"/([^\s/\[\]<>(){}%]+)\s+[-+.\d]+\s+Tf\b|<([0-9A-Fa-f\s]*)>|"
    + _LITERAL
    + rb"|(T[dDm*]\b|ET\b|['\"])|(-\d{3,})",
    re.DOTALL,
)
_STRING = re.compile(_LITERAL, re.DOTALL)
_ESCAPE = re.compile(rb"\\(\r\n|[0-7]{1,3}|.)", re.DOTALL)
_NUMBER = re.compile(rb"(?<![\w.])[-+]?\d[\d.]*(?![\w.])")
_LETTERS = re.compile(rb"[A-Za-z\xc0-\xff][A-Za-z\xc0-\xff .,'@_-]{3,}")
_JSON_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([nrtbf/\"\\]))")
_SHORT = {
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"b": b"\b",
    b"f": b"\f",
    b"\n": b"",
    b"\r": b"",
    b"\r\n": b"",
}
_MANY = 65_536


def shows_text(content: bytes) -> bool:
    """Whether this could be a content stream."""
    return re.search(rb"\bT[jJf]\b|\)\s*['\"]", content) is not None


def code_table(to_unicode: bytes) -> CodeTable:
    """Read a ToUnicode table."""
    space = _RANGE.search(to_unicode)
    table: dict[int, str] = {}
    for kind, block in _BLOCK.findall(to_unicode):
        if kind == b"char":
            for code, text in _PAIR.findall(block):
                table[int(code, 16)] = _utf16(text)
        else:
            for low, high, first, several in _TRIPLE.findall(block):
                _add_range(table, int(low, 16), int(high, 16), first, several)
    key = hashlib.sha256(to_unicode).digest()
    return CodeTable(width=len(space[1]) // 2 if space else 1, characters=table, key=key)


def _add_range(table: dict[int, str], low: int, high: int, first: bytes, several: bytes) -> None:
    if several:
        for offset, text in enumerate(_HEX.findall(several)):
            table[low + offset] = _utf16(text)
        return
    start = _utf16(first)
    if start:
        for code in range(low, min(high, low + _MANY) + 1):
            table[code] = start[:-1] + chr(min(ord(start[-1]) + code - low, 0x10FFFF))


def _utf16(digits: bytes) -> str:
    return unhexed(digits).decode("utf-16-be", "ignore")


def unhexed(digits: bytes) -> bytes:
    """A PDF hex string's bytes; an odd last digit counts as followed by 0."""
    plain = b"".join(digits.split())
    return bytes.fromhex((plain + b"0" * (len(plain) % 2)).decode("ascii"))


def unescaped(literal: bytes) -> bytes:
    """A PDF literal string's bytes."""
    return _ESCAPE.sub(_escape, literal) if b"\\" in literal else literal


def _escape(match: re.Match[bytes]) -> bytes:
    sign = match[1]
    if sign.isdigit():
        return bytes((int(sign, 8) & 0xFF,)) if sign.strip(b"01234567") == b"" else sign
    return _SHORT.get(sign, sign)


def shown_text(content: bytes, fonts: Mapping[str, CodeTable]) -> str:
    """The words a content stream shows, in its own order, whether or not anyone could see them."""
    table = PLAIN
    out: list[str] = []
    # A page shows the same few glyphs thousands of times: each is read once a font.
    glyphs: dict[bytes, dict[bytes, str]] = {}
    known = glyphs.setdefault(table.key, {})
    for match in _TOKEN.finditer(content):
        if (name := match[1]) is not None:
            table = fonts.get(name.decode("latin-1"), PLAIN)
            known = glyphs.setdefault(table.key, {})
        elif (digits := match[2]) is not None:
            if digits not in known:
                known[digits] = table.decode(unhexed(digits))
            out.append(known[digits])
        elif (literal := match[3]) is not None:
            out.append(table.decode(unescaped(literal)))
        else:
            out.append(" ")
    return "".join(out)


def shown_with_each(content: bytes, fonts: Mapping[str, Sequence[CodeTable]]) -> Iterator[str]:
    """The same for a stream nobody owns: with every font that ever had the name it uses."""
    for number in range(max((len(tables) for tables in fonts.values()), default=0) or 1):
        yield shown_text(
            content, {name: tables[min(number, len(tables) - 1)] for name, tables in fonts.items()}
        )


def strings_in(content: bytes) -> Iterator[str]:
    """Every literal and hex string in PDF syntax."""
    for literal in _STRING.findall(content):
        yield from string_readings(unescaped(literal))
    for digits in _LONG_HEX.findall(content):
        yield from string_readings(unhexed(digits))


def string_readings(content: bytes) -> Iterator[str]:
    """A PDF string's bytes as text, in each encoding a reader may take."""
    if content.startswith(b"\xfe\xff"):
        yield content[2:].decode("utf-16-be", "ignore")
    elif content.startswith(b"\xff\xfe"):
        yield content[2:].decode("utf-16-le", "ignore")
    else:
        yield content.decode("latin-1")
        if not content.isascii():
            yield content.decode("utf-8", "ignore")
        if b"\0" in content:
            yield content.decode("utf-16-be", "ignore")


def without_numbers(content: bytes) -> str:
    """PDF syntax with strings, coordinates, offsets and hex left out: the rest can be searched as text."""
    return _NUMBER.sub(b" ", _HEX.sub(b" ", _STRING.sub(b" ", content))).decode("latin-1")


def letters_in(content: bytes) -> Iterator[str]:
    """Runs of letters in a font program: its numbers are outlines and would match any house number."""
    for run in (*_LETTERS.findall(content), *_LETTERS.findall(content.replace(b"\0", b""))):
        yield run.decode("latin-1")


def readings(content: bytes) -> Iterator[str]:
    """Bytes of unknown kind as text, in every way that could hide words."""
    yield content.decode("latin-1")
    text = content.decode("utf-8", "ignore")
    yield text
    if b"\0" in content:
        yield content.decode("utf-16-be", "ignore")
        yield content.decode("utf-16-le", "ignore")
        yield content[1:].decode("utf-16-be", "ignore")
    if "&" in text:
        yield html.unescape(text)
    if "\\" in text:
        yield _JSON_ESCAPE.sub(_unescape_json, text)


def _unescape_json(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return {"n": "\n", "r": "\r", "t": "\t", "b": " ", "f": " "}.get(match[2], match[2])


def _simple(codes: bytes) -> str:
    text = codes.decode("cp1252", "ignore")
    return text + "\u241e" + codes.decode("utf-16-be", "ignore") if b"\0" in codes else text
