"""The release gate: re-opens what is about to leave and searches all of it, seen and unseen.

It knows nothing of how the pack was made. A PDF is read in four ways that fail differently: the words as a
viewer shows them; every string, name and stream the file holds; every earlier revision; and the raw bytes.
What cannot be read is never called clean: an encrypted or damaged file, or a picture, raises.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from sar.domain.disclosure import Leak, Needles
from sar.domain.errors import InvalidInput
from sar.packs.pdf_content import Words, readings
from sar.packs.pdf_words import pdf_words

_WALL = "\u241e"
"""Stands between two texts searched in one go; no needle crosses it."""
_DIGEST = re.compile(r"\b(?:[0-9a-f]{8}\s{0,2}){7}[0-9a-f]{8}\b|\b[0-9a-f]{32}\b|\bD:\d{8,14}Z?")
"""A fingerprint is chance: four digits of a house number would turn up in one sooner or later. The same
holds for the file's own identifier and its dates."""
_BYTES = re.compile(
    r"\b(?:stream|raw bytes|font|signature|attachment|an entry|a value|list of names|trailer)\b"
)
_TAG = re.compile(r"<[^<>]{0,4000}>")
_BROKEN = re.compile(r"[-\u00ad\u2010\u2011\x02\ufffe][ \t]*\r?\n\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class PackInspection:
    """Implements ``Inspector``.

    :param pictures_allowed: for files a person has looked at. Our packs hold no pictures, so one is a fault.
    """

    pictures_allowed: bool = False

    def inspect_pdf(self, content: bytes, needles: Needles) -> tuple[Leak, ...]:
        """Every place where a needle is, by number; empty means all of the file was read and none is there.

        :raises InvalidInput: the file is damaged, encrypted, or holds a picture nobody can search.
        """
        words, unreadable = pdf_words(content)
        leaks = _search(words, needles)
        if not leaks and unreadable and not self.pictures_allowed:
            raise InvalidInput(
                f"The gate cannot read what is in {unreadable[0]} of this file.",
                next_step="Have a person look at every picture, or send the words without it.",
            )
        return leaks

    def inspect_text(self, content: str, needles: Needles, *, place: str) -> tuple[Leak, ...]:
        """The same for HTML, data files, letters and messages."""
        forms = dict.fromkeys((content, _TAG.sub("", content), _TAG.sub(" ", content)))
        for form in tuple(forms):
            forms |= dict.fromkeys((html.unescape(form), unquote(form)))
        for reading in readings(content.encode("utf-8", "replace")):
            forms[reading] = None
        return _search([Words(place=place, text=t) for t in forms], needles)


def _search(words: Iterable[Words], needles: Needles) -> tuple[Leak, ...]:
    """All at once first, since nearly every file is clean; then place by place."""
    if not len(needles):
        return ()
    prepared = [Words(place=w.place, text=_WALL.join(_spellings(w.text))) for w in words]
    parts = {is_read: [w for w in prepared if _is_read(w) is is_read] for is_read in (True, False)}
    found: dict[Leak, None] = {}
    for prose, places in parts.items():
        if any(True for _ in needles.found_in(_WALL.join(w.text for w in places), prose=prose)):
            found |= {
                Leak(place=w.place, needle=n): None
                for w in places
                for n in needles.found_in(w.text, prose=prose)
            }
    return tuple(sorted(found, key=lambda leak: (leak.needle, leak.place)))


def _is_read(words: Words) -> bool:
    """Whether a person reads this place. In streams and raw bytes two or three letters stand by chance."""
    return _BYTES.search(words.place) is None


def _spellings(text: str) -> tuple[str, ...]:
    """The text, and the text with words broken at a line's end put together again."""
    text = _DIGEST.sub(" ", text)
    forms = [text]
    if _BROKEN.search(text):
        forms += [_BROKEN.sub("", text), _BROKEN.sub("-", text)]
    if "\x02" in text or "\ufffe" in text:
        forms.append(text.replace("\x02", "").replace("\ufffe", ""))
    return tuple(forms)
