"""A page in HTML: the words it shows, and apart from them what it hides, its links and its comments."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import unquote_to_bytes

from sar.documents.inside import Inside
from sar.documents.limits import unreadable
from sar.documents.picture import pictured
from sar.documents.plain import decoded
from sar.domain.errors import UnreadableItem
from sar.ports.gathering import ReadDocument, ReadPart

_BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "tr",
        "li",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "table",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "section",
        "article",
        "header",
        "footer",
        "hr",
        "pre",
        "form",
        "option",
        "textarea",
        "legend",
        "fieldset",
        "figure",
        "figcaption",
    ]
)
_CELLS = frozenset({"td", "th"})
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_OF_PROGRAMS = frozenset({"generator", "viewport", "progid", "originator", "format-detection", "robots"})
"""What writing programs tell browsers, never anybody's words."""
_NO_WORDS = frozenset({"script", "style"})
_HIDDEN_TAGS = frozenset({"template", "noscript", "noframes"})
_HIDES = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])|mso-hide\s*:\s*all",
    re.IGNORECASE,
)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_ISLANDS = re.compile(r"<(xml|style|script)\b.*?</\1>", re.IGNORECASE | re.DOTALL)
_TAGS = re.compile(r"<[^>]*>")
_DATA = re.compile(r"\s*data:", re.IGNORECASE)
_DATA_WITHIN = re.compile(r"data:[^\s,;]*(?:;[^\s,;]*)*,[^\s\"')]*", re.IGNORECASE)
_CONDITION = re.compile(r"^\[(if|endif)[^\]]*\]>?|<!\[endif\]$", re.IGNORECASE)
_WINDOW = 4096
_DEEPEST = 3
_MOST_INSIDE = 100
_TOO_MANY = (
    "The page holds more pictures and files in its markup than are read by machine. Look at the rest in it."
)
_DAMAGED = "A picture or file kept in the markup of the page is damaged. Look at it in the file itself."
Said = tuple[str, str]


def read_html(content: bytes, inside: Inside) -> tuple[ReadDocument, ...]:
    """One document.

    :raises UnreadableItem: the bytes are no text, or the page says nothing.
    """
    parts = tuple(html_parts(content, inside))
    if not parts:
        raise unreadable("a page without words")
    return (ReadDocument(parts=parts, media_type="text/html"),)


def html_parts(content: bytes, inside: Inside) -> Iterator[ReadPart]:
    """Everything a page says; that scripts and styles were left out is said too."""
    page = Page(_text_of(content))
    if page.shown:
        yield inside.part("text", page.shown)
    yield from (inside.part(place, text) for place, text in page.beside)
    yield from kept_inside(page, inside)
    if page.left_out:
        yield ReadPart(place="other", text=f"The page also holds {page.not_words}")


def kept_inside(page: Page, inside: Inside) -> Iterator[ReadPart]:
    """Pictures and files that a page holds in its own markup."""
    for number, address in enumerate(page.data):
        if number == _MOST_INSIDE:
            yield ReadPart(place="unreadable", text=_TOO_MANY)
            return
        kind, content = _unpacked(address)
        if not content:
            yield ReadPart(place="unreadable", text=_DAMAGED)
        elif kind.startswith("image/") and kind != "image/svg+xml":
            yield from pictured(content, "", inside)
        else:
            yield from inside.attached(content, "", kind)


def _unpacked(address: str) -> tuple[str, bytes]:
    """The media type and bytes of a ``data:`` address; no bytes when it is damaged."""
    head, _, packed = address.partition(":")[2].partition(",")
    kind, *rest = (word.strip().casefold() for word in head.split(";"))
    plain = unquote_to_bytes(packed)
    if "base64" not in rest:
        return kind or "text/plain", plain
    try:
        return kind, b64decode(b"".join(plain.split()))
    except ValueError:
        return kind, b""


def _text_of(content: bytes) -> str:
    declared = _CHARSET.search(content[:_WINDOW])
    if declared:
        try:
            return content.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass  # a page that names an encoding it is not in is read as any other text
    try:
        return decoded(content)
    except UnreadableItem:
        if b"\x00" in content[:_WINDOW]:
            raise
        return content.decode("utf-8", "replace")


class Page(HTMLParser):
    """The words of some markup, read once."""

    def __init__(self, markup: str, depth: int = 0) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._apart: list[Said] = []
        self._open: list[tuple[str, bool]] = []
        self._hidden: list[str] = []
        self._no_words = ""
        self._title: list[str] | None = None
        self._link: tuple[str, int] | None = None
        self._swallowed: list[str] = []
        self._depth = depth
        self.left_out: set[str] = set()
        self.data: dict[str, None] = {}
        """Addresses that are the picture or file itself, each once."""
        self.feed(markup.replace("\x00", ""))
        self.close()
        self._end_title()
        self._end_hidden()
        self._end_swallowed()

    @property
    def shown(self) -> str:
        """The words on the page, a block a line."""
        return _lines("".join(self._pieces))

    @property
    def beside(self) -> list[Said]:
        """What it hides, links to, and says in its head."""
        found = ((place, _lines(text)) for place, text in dict.fromkeys(self._apart))
        return [(place, text) for place, text in found if text]

    @property
    def not_words(self) -> str:
        """How what was left out is said."""
        return f"{' and '.join(sorted(self.left_out))}: not words, and left out here."

    def set_cdata_mode(self, elem: str, **_how: bool) -> None:
        """Only scripts and styles hold no tags: whoever forgets to end a title means the page to go on."""
        if elem in _NO_WORDS:
            super().set_cdata_mode(elem)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Blocks begin a line; what an element says in its attributes is said."""
        said = {key: value or "" for key, value in attrs}
        self._end_title()
        if tag in _NO_WORDS:
            self._no_words = tag
            self._swallowed = []
            self.left_out.add(f"{tag}s")
        if tag == "title":
            self._title = []
        self._attributes(tag, said)
        if tag in _BLOCKS:
            self._say("\n")
        if tag not in _VOID:
            hides = tag in _HIDDEN_TAGS or "hidden" in said or bool(_HIDES.search(said.get("style", "")))
            self._open.append((tag, hides))

    def handle_endtag(self, tag: str) -> None:
        """Leave what was opened last under this name, and all that was never closed inside it."""
        if tag == self._no_words:
            self._no_words = ""
        self._end_title()
        if tag == "a":
            self._end_link()
        if tag in _CELLS:
            self._say(" ")
        if tag in _BLOCKS:
            self._say("\n")
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at][0] == tag:
                was_hidden = self._is_hidden
                del self._open[at:]
                if was_hidden and not self._is_hidden:
                    self._end_hidden()
                break

    def handle_data(self, data: str) -> None:
        """Words."""
        if self._title is not None:
            self._title.append(data)
        elif self._no_words:
            self._swallowed.append(data)
        else:
            self._say(data)

    def handle_comment(self, data: str) -> None:
        """What somebody left in the markup; the islands that mail programs put there for each other are no words."""
        words = _TAGS.sub(" ", _CONDITION.sub("", _ISLANDS.sub("", data).strip()))
        self._apart.append(("comment", f"In the markup: {words}" if words.strip(" <>![]-") else ""))

    def unknown_decl(self, data: str) -> None:
        """A marked section, whose words count."""
        self._say(data.removeprefix("CDATA[") if data.startswith("CDATA[") else "")

    @property
    def _is_hidden(self) -> bool:
        return any(hides for _, hides in self._open)

    def _say(self, text: str) -> None:
        (self._hidden if self._is_hidden else self._pieces).append(text)

    def _attributes(self, tag: str, said: dict[str, str]) -> None:
        self.data |= dict.fromkeys(_data_in(said))
        alt, target = said.get("alt", "").strip(), _target(said)
        if alt:
            self._say(f" {alt} ")
        for key in ("title", "aria-label", "placeholder", "summary"):
            self._apart.append(("alt-text", said.get(key, "")))
        if tag in {"input", "param", "button"}:
            self._apart.append(("form-field", said.get("value", "")))
        if tag == "meta":
            name = said.get("name") or said.get("property") or ""
            if name and name.casefold() not in _OF_PROGRAMS:
                self._apart.append(("property", f"{name}: {said.get('content', '')}"))
        if tag == "a" and target:
            self._link = (target, len(self._pieces))
        elif tag in {"img", "iframe", "frame", "object", "embed", "form", "area"} and target:
            # A picture of the mail itself (cid:) is among its parts.
            self._apart.append(("link", target))
        if said.get("srcdoc"):
            self._inner(said["srcdoc"])

    def _inner(self, markup: str) -> None:
        """Markup inside the markup; deeper than anybody writes it, it is kept as it stands."""
        if self._depth >= _DEEPEST:
            self._apart.append(("hidden", markup))
            return
        inner = Page(markup, self._depth + 1)
        self.data |= inner.data
        self.left_out |= inner.left_out
        self._apart += [("hidden", inner.shown), *inner.beside]

    def _end_title(self) -> None:
        """A title ends with its tag, or with the next one of any name."""
        if self._title is not None and (words := "".join(self._title).strip()):
            self._apart.append(("property", f"Title: {words}"))
        self._title = None

    def _end_swallowed(self) -> None:
        """A script or style that never ends has swallowed the rest of the page."""
        rest = "".join(self._swallowed) + self.rawdata
        if self._no_words and _TAGS.search(rest):
            self._inner(rest)

    def _end_link(self) -> None:
        """Where a link leads, unless its words already say so."""
        if self._link is None:
            return
        target, at = self._link
        words = " ".join("".join(self._pieces[at:]).split())
        plain = target.removeprefix("mailto:").removeprefix("tel:").strip()
        if plain.rstrip("/") not in words and not target.startswith("#"):
            self._apart.append(("link", f"{words}: {target}" if words else target))
        self._link = None

    def _end_hidden(self) -> None:
        if words := "".join(self._hidden).strip():
            self._apart.append(("hidden", words))
        self._hidden = []


def _target(said: dict[str, str]) -> str:
    """Where an element leads, or what it shows from elsewhere."""
    target = said.get("href") or said.get("src") or said.get("action") or ""
    return "" if _DATA.match(target) or target.casefold().startswith("cid:") else target


def _data_in(said: dict[str, str]) -> Iterator[str]:
    for key in ("src", "href", "data", "poster", "background", "xlink:href"):
        if _DATA.match(said.get(key, "")):
            yield said[key].strip()
    for key in ("style", "srcset"):
        yield from _DATA_WITHIN.findall(said.get(key, ""))


def _lines(text: str) -> str:
    """Runs of blanks as one, no more than one empty line between two lines."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
