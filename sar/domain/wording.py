"""How words are compared: what a reader would take for the same words is the same here.

Spelling, spacing, signs and the way a number is grouped may differ between two systems; none of them may hide
a withheld name from the gate.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate

_SMALL_CAPITALS: dict[int, str | None] = dict(
    zip(map(ord, "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ"), "abcdefghijklmnoprstuvwyz", strict=True)
)
_INVISIBLE: dict[int, str | None] = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
# Word processors and layout engines write these for the plain signs.
_SIGNS: dict[int, str | None] = (
    _INVISIBLE
    | dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
    | dict.fromkeys(map(ord, "`\u00b4\u2018\u2019\u201a\u201b\u02bc\u2032"), "'")
    | dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033"), '"')
    | _SMALL_CAPITALS
)
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
_FOREIGN = re.compile("[^\x00-\x7f\u241e]+")
"""What needs slow work to be compared; not the wall between two texts, of which a file has thousands."""
_FOREIGN_SIGN = re.compile(r"[^\w\x00-\x7f]+")
_RUN = re.compile(r"[^\W_]+")
_INSIDE = "\n\r\t,./()>'@&*+-_"
"""Signs that may stand inside a name, a number or a quoted line; every other sign parts what is said."""
_SIGN_TO_SPACE = str.maketrans(
    {c: " " if c in _INSIDE else "|" for c in map(chr, range(128)) if not (c.isalnum() or c == " ")}
)
_SPELLED_OUT = re.compile(r" (?:[^\W\d_] ){4,}")
_COUNTRY_CODE = re.compile(r"(?:\+|(?<!\d)00)44[\s().-]*0?[\s().-]*(?=\d)")
GLUED_FROM = 12
"""From so many letters on, a string is also found inside a longer word: layout can lose the spaces."""
_AROUND = 120
SHORTEST_NAME = 2
_JOINED_FROM = 9
"""Only strings of so many letters and digits are also looked for however they are spaced, cut or hyphenated."""


@lru_cache(maxsize=4096)
def _plain_run(run: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKD", run.translate(_SIGNS))).translate(_SIGNS)


@lru_cache(maxsize=4096)
def _folded_run(run: str) -> str:
    return _plain_run(_plain_run(run).casefold()).casefold()


def _plain(text: str) -> str:
    """Compatibility forms and plain signs, without accents; capitals stay."""
    text = text.replace("`", "'")
    return text if text.isascii() else _FOREIGN.sub(lambda m: _plain_run(m[0]), text)


def fold(text: str) -> str:
    """Text as it is compared: compatibility forms, no accents, case folded, white space collapsed."""
    text = text.replace("`", "'")
    if not text.isascii():
        # Only what is not plain needs the slow work: a pack is searched whole, in many readings.
        text = _FOREIGN.sub(lambda m: _folded_run(m[0]), text)
    return " ".join(text.casefold().split())


def words_of(text: str) -> str:
    """The words of a text with one space between them, and a bar where a sign parts them."""
    return _words(fold(text)).strip(" |")


def _words(folded: str) -> str:
    if not folded.isascii():
        folded = _FOREIGN_SIGN.sub("|", folded)
    plain = folded.translate(_SIGN_TO_SPACE).replace("|", " | ")
    return f" {' '.join(plain.split())} "


def joined_of(text: str) -> str:
    """Its letters and digits in one piece; a British number as it is dialled at home."""
    return "".join(_RUN.findall(_COUNTRY_CODE.sub(" 0", fold(text))))


def is_sign_bound(text: str) -> bool:
    """Whether a string is only to be looked for with its signs, since without them little is left ("£50,-")."""
    if "|" in words_of(text) or is_short_sentence(text):
        return True
    return len(joined_of(text)) < _SIGNLESS_FROM <= len(fold(text))


def is_short_sentence(text: str) -> bool:
    """Whether a string is a sentence of two or three words, which without its full stop are common words."""
    words = text.split()
    return 1 < len(words) < _SENTENCE_FROM and words[-1][-1] in ".!?" and words[-1].islower()


_SIGNLESS_FROM = 4
_SENTENCE_FROM = 4


class Reading:
    """One text made ready to be searched for many strings."""

    __slots__ = ("_ends", "_joined", "_plain", "_raw", "_runs", "_spaced", "_unspaced", "folded")

    def __init__(self, text: str) -> None:
        self._raw = text
        self.folded = fold(text)
        self._spaced = _words(self.folded)
        told = [f" {m[0].replace(' ', '')} " for m in _SPELLED_OUT.finditer(self._spaced)]
        # A number with the code of the country is read as it is dialled at home.
        home = _COUNTRY_CODE.sub(" 0", self.folded) if "44" in self.folded else self.folded
        self._runs = self._spaced if home == self.folded else _words(home)
        self._spaced += "".join(told)
        self._joined = self._runs.replace(" ", "").replace("|", "")
        self._ends: set[int] | None = None
        self._unspaced: str | None = None
        self._plain: str | None = None

    @property
    def spaced(self) -> str:
        """Its words with one space between and around them, as ``has_words`` looks for them."""
        return self._spaced

    @property
    def unspaced(self) -> str:
        """The text without a space."""
        if self._unspaced is None:
            self._unspaced = self.folded.replace(" ", "")
        return self._unspaced

    @property
    def _as_written(self) -> str:
        """The text with its capitals."""
        if self._plain is None:
            self._plain = _plain(self._raw)
        return self._plain

    def has_words(self, words: str) -> bool:
        """Whether the words stand there one after the other, whatever signs part them."""
        return f" {words} " in self._spaced

    def has_joined(self, joined: str) -> bool:
        """Whether letters and digits follow each other so, however they are spaced or cut."""
        at = self._joined.find(joined)
        while at >= 0:
            if self._may_end(at, joined, joined[0]) and self._may_end(at + len(joined), joined, joined[-1]):
                return True
            at = self._joined.find(joined, at + 1)
        return False

    def _may_end(self, at: int, needle: str, outermost: str) -> bool:
        if self._ends is None:
            self._ends = {0, *accumulate(map(len, self._runs.replace("|", "").split()))}
        whole = self._joined
        if at in self._ends or whole[at - 1].isdigit() != whole[at].isdigit():
            return True
        return len(needle) >= GLUED_FROM and not outermost.isdigit()

    def places(self, words: str) -> Iterator[tuple[str, str]]:
        """What stands before and after each place of the words, letters and digits only."""
        if not all(word in self.folded for word in words.split() if word != "|"):
            return
        between = r"[\W_]+".join(re.escape(word) for word in words.split() if word != "|")
        for hit in re.finditer(rf"(?<![^\W_]){between}(?![^\W_])", self.folded):
            yield self._around(self.folded, hit.start(), hit.end())

    def names(self, word: str) -> Iterator[tuple[str, str]]:
        """The same for a name that is also a word: where its capital tells that it is a name."""
        text = self._as_written
        if word not in text:
            return
        for hit in re.finditer(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", text):
            if words_of(word) not in ORDINARY_WORDS or _reads_as_name(text, hit.start(), hit.end()):
                yield self._around(text, hit.start(), hit.end())

    @staticmethod
    def _around(text: str, start: int, end: int) -> tuple[str, str]:
        before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
        return "".join(_RUN.findall(fold(before))), "".join(_RUN.findall(fold(after)))


def has_word(needle: str, text: str) -> bool:
    """Whether a string stands in a text as words of its own: "dean" does not in "deane"."""
    at = text.find(needle)
    while at >= 0:
        end = at + len(needle)
        if _is_edge(text, at - 1, at) and _is_edge(text, end - 1, end):
            return True
        at = text.find(needle, at + 1)
    return False


def _is_edge(text: str, left: int, right: int) -> bool:
    """Whether a word may begin or end between two places of a text."""
    if left < 0 or right >= len(text):
        return True
    return not (text[left].isalnum() and text[right].isalnum())


def agree(found: tuple[str, str], fixed: tuple[str, str]) -> bool:
    """Whether a place reads on as our own text does, on both sides together far enough to be it."""
    before = _shared(found[0][::-1], fixed[0][::-1])
    after = _shared(found[1], fixed[1])
    return before + after >= max(_LEAST, min(_ENOUGH, len(fixed[0]) + len(fixed[1])))


def _shared(first: str, second: str) -> int:
    """How many letters two texts begin with alike."""
    return next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b),
        min(len(first), len(second)),
    )


_ENOUGH = 20
"""Letters around some words that tell a place of our fixed text from any other place."""
_LEAST = 8
"""A fixed text with fewer letters around the words explains nothing: a heading of one word is anybody's."""


_STARTS = re.compile(r"(?:[.!?:;>\"'(\[\u2022\u241e]|\n|(?:^|\s)[-*])\s*$")
_DATE_WORD = re.compile(
    r"(?:\d(?:st|nd|rd|th)?|\b(?:in|of|by|since|until|till|before|after|during|from|to|every|last|next|this|"
    r"early|late|mid|end|and|or|between))[\s-]*$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\s*,?\s*\d")


def _reads_as_name(text: str, start: int, end: int) -> bool:
    """A capital at the start of a sentence, or of a month in a date, tells nothing."""
    before = text[max(0, start - 12) : start]
    if not before or _STARTS.search(before):
        return False
    if text[start:end].casefold() not in _MONTHS:
        return True
    return not (_DATE_WORD.search(before) or _YEAR.match(text, end))


_MONTHS = frozenset({"march", "april", "may", "june", "august"})


def _word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


ORDINARY_WORDS = _word_set(
    """
    able april archer armour art ash august autumn baker ball bank banks barber bay beach bean bear beck
    bee bell berry best bill bird bishop black blessing block bloom blue bob bond booth bowl box brand
    bridge bridges bright brook brooks brown buck bull burns bush butcher butler cane carpenter carter case
    cash castle chance charity charm chase cherry child chip christian church clay cliff close coal coffee
    coke cook cooper cotton court coward crane crisp cross crow day dear destiny diamond down downs drake
    driver drum duke dyer earl early east english eve fair faith farmer fern field fields finch fish fisher
    flint flood flower flowers foot ford forest foster fox frank freeman french friend frost garden
    gardener gate gates gay gift glass glen glover gold golden good grace grant gray green grey grove guest
    gun guy hail hall ham hand hands harry hay head heart heath hill hills holiday honey honor honour hood
    hook hope horn house hunt hunter innocent jet joy june justice keen key king knight lace lake lamb
    lance land lane lark law lawn lee light little lock long lord love lucky major male manly march marina
    marine mark marks marsh may mayor mead mercy miles mill miller mills mint miracle mist moon moor more
    moss mount mouse new nice nightingale noble noon north nurse oak ocean page park parks parson patience
    peace peach pebble penny pepper petal pike piper plant poll pool poor pop pope porter post potter pound
    power powers precious price pride prime prince prior quick rain ranger ravel read reader red reed rest
    rich ring river rivers robin rock rod rook root rose rowan rush rust sailor salmon salt savage school
    sellers sergeant shade shepherd ship short silver singer skip sky slaughter small smart smith snow
    south spring star steel steward stone storm street strong sue summer summers sunny swan sweet swift
    tailor tanner temple terrace thorn town treasure tree trinity turner usher vale van victory wade walker
    wall walls ward waters way weaver wells west wheeler white wild will winter winters wise wolf wood
    woods worth wright young
    """
)
"""Names that are also words: one of them alone counts only where its capital tells a name."""


class Needle:
    """One string to look for, made ready once."""

    __slots__ = ("explained", "folded", "is_sign_bound", "joined", "name", "unspaced", "words")

    def __init__(self, text: str, *, name: str = "") -> None:
        self.folded = fold(text)
        self.words = words_of(text)
        joined = "" if is_short_sentence(text) else joined_of(text)
        self.joined = joined if len(joined) >= _JOINED_FROM else ""
        self.unspaced = self.folded.replace(" ", "") if len(self.folded) >= _JOINED_FROM else ""
        self.is_sign_bound = is_sign_bound(text)
        self.name = name
        """The name as it is written, where only a capital tells it from a word."""
        self.explained: tuple[tuple[str, str], ...] = ()
        """What stands around the same words in our own fixed text."""

    def __lt__(self, other: Needle) -> bool:
        return (self.folded, self.name) < (other.folded, other.name)

    def stands_in(self, reading: Reading, *, whole_words: bool) -> bool:
        if self.explained:
            return any(not self._is_explained(place) for place in self._places(reading))
        if self.name:
            return any(True for _ in reading.names(self.name))
        if not whole_words:
            return (
                self.folded in reading.folded
                or (bool(self.unspaced) and self.unspaced in reading.unspaced)
                or self._is_joined_in(reading)
            )
        stands = (
            has_word(self.folded, reading.folded) if self.is_sign_bound else reading.has_words(self.words)
        )
        return stands or self._is_joined_in(reading)

    def _is_joined_in(self, reading: Reading) -> bool:
        return bool(self.joined) and reading.has_joined(self.joined)

    def _places(self, reading: Reading) -> Iterator[tuple[str, str]]:
        return reading.names(self.name) if self.name else reading.places(self.words)

    def _is_explained(self, place: tuple[str, str]) -> bool:
        return any(agree(place, around) for around in self.explained)

    def beside(self, fixed: Iterable[Reading]) -> Needle:
        """The same needle, knowing where our own text says these words."""
        around = tuple(dict.fromkeys(place for reading in fixed for place in self._places(reading)))
        if not around:
            return self
        made = Needle(self.folded, name=self.name)
        made.explained = around
        return made


def named(name: str) -> Iterator[Needle]:
    """A written form of a person, as it is to be looked for."""
    words = words_of(name)
    if len(words) < SHORTEST_NAME:
        return
    if " " in words or (words not in ORDINARY_WORDS and len(words) > SHORTEST_NAME):
        yield Needle(name)
    else:
        yield Needle(name, name=words.title())


class WordsShown:
    """Words a person decided to disclose, made ready once to be searched for many strings."""

    __slots__ = ("_folded", "_readings", "_spaced", "_whole")

    def __init__(self, texts: Iterable[str]) -> None:
        once = tuple(dict.fromkeys(texts))
        self._whole = frozenset(text.strip() for text in once)
        self._readings = tuple(map(Reading, once))
        # Nothing that is looked for holds a line's end once it is folded, so no string reaches over one.
        self._folded = "\n".join(r.folded for r in self._readings)
        self._spaced = "\n".join(r.spaced for r in self._readings)

    def show(self, needle: Needle) -> bool:
        """Whether they show the string. A word at the start of a sentence does not show a name."""
        if needle.name:
            return needle.name in self._whole or any(
                True for reading in self._readings for _ in reading.names(needle.name)
            )
        if needle.is_sign_bound:
            return has_word(needle.folded, self._folded)
        return f" {needle.words} " in self._spaced
