"""All the words a PDF holds, each with its place: pages, objects, attachments, revisions, raw bytes."""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import pairwise
from typing import Any

import pikepdf

from sar.domain.errors import InvalidInput
from sar.packs.page_texts import PageFault, page_texts
from sar.packs.pdf_content import (
    CodeTable,
    Words,
    code_table,
    letters_in,
    readings,
    shown_text,
    shown_with_each,
    shows_text,
    string_readings,
    strings_in,
    without_numbers,
)

_EOF = re.compile(rb"%%EOF\r?\n?")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_XREF_ROW = re.compile(rb"\b\d{10} \d{5} [nf]\b")
_NAME_ESCAPE = re.compile(r"#([0-9A-Fa-f]{2})")
_DEEPEST = 5
_LARGEST = 256 * 1024 * 1024
_BORDER_LINES = 6
"""Lines at a page's top and bottom that a running header or footer may put between two halves of a name."""
_FONT_PROGRAMS = frozenset({"/FontFile", "/FontFile2", "/FontFile3"})
_FONT_HOLDERS = frozenset({"/Font", "/Resources"})
_KINDS = (
    ("/JS", "a script"), ("/Subtype", "/Widget", "a form field"), ("/FT", "a form field"),
    ("/Rect", "a note on a page"),
    ("/Type", "/StructElem", "a tag"), ("/Type", "/Filespec", "an attachment"), ("/Dest", "a bookmark"),
    ("/Title", "a bookmark or the title"), ("/Producer", "the document information"),
    ("/Names", "a list of names"), ("/Type", "/Font", "a font"), ("/Type", "/Sig", "a signature"),
)  # fmt: skip


def pdf_words(content: bytes) -> tuple[list[Words], list[str]]:
    """The words, and the places that hold something no text search can read.

    :raises InvalidInput: the file is encrypted or damaged.
    """
    reader = _Reader()
    reader.read(content, place="", depth=0)
    return reader.words, reader.unreadable


def _refused(what: str) -> InvalidInput:
    return InvalidInput(
        f"The gate cannot read this file: it is {what}.",
        next_step="Nothing was called clean. Make the PDF again, without a password, and inspect that.",
    )


class _Reader:
    """Collects; remembers streams it has read, since an earlier revision repeats most of them."""

    def __init__(self) -> None:
        self.words: list[Words] = []
        self.unreadable: list[str] = []
        self._read: set[bytes] = set()

    def read(self, content: bytes, *, place: str, depth: int) -> None:
        if depth > _DEEPEST:
            raise _refused("packed too deep")
        try:
            with pikepdf.open(BytesIO(content), attempt_recovery=False) as pdf:
                if pdf.is_encrypted:
                    raise _refused("encrypted")
                self._objects(pdf, place, depth, of=place)
            self._pages(content, place)
        except pikepdf.PasswordError as fault:
            raise _refused("encrypted") from fault
        except (pikepdf.PdfError, PageFault, ValueError, RuntimeError) as fault:
            raise _refused("damaged") from fault
        self._revisions(content, place, depth)
        self._raw(content, place)

    def _add(self, place: str, text: str) -> None:
        if text:
            self.words.append(Words(place=place, text=text))

    # ------------------------------------------------------------------ as a viewer shows it

    def _pages(self, content: bytes, place: str) -> None:
        texts = page_texts(content)
        for number, text in enumerate(texts, start=1):
            self._add(f"{place}page {number}", text)
        for number, (before, after) in enumerate(pairwise(texts), start=1):
            self._add(f"{place}pages {number} to {number + 1}", "\u241e".join(_across(before, after)))

    # ------------------------------------------------------------------ everything the file holds

    def _objects(self, pdf: pikepdf.Pdf, place: str, depth: int, *, of: str) -> None:
        """``of`` is the place of the file, whichever of its revisions this is."""
        uses = _Uses(pdf)
        self._add(f"{place}the trailer", "\u241e".join(_strings(pdf.trailer)))
        for number, thing in enumerate(pdf.objects, start=1):
            if not isinstance(thing, pikepdf.Stream) and self._is_known(thing, of):
                continue
            where = f"{place}{_kind(thing)} (object {number})"
            self._add(where, "\u241e".join(_strings(thing)))
            if isinstance(thing, pikepdf.Stream):
                self._stream(thing, uses, where, f"{place}an attachment, ", depth)

    def _is_known(self, thing: Any, of: str) -> bool:
        """Whether this object was read in another revision of the same file, word for word as it is here."""
        name = f"{of}\0{thing.objgen}\0".encode()
        written = hashlib.sha256(name + thing.unparse(resolved=True)).digest()
        if written in self._read:
            return True
        self._read.add(written)
        return False

    def _stream(self, thing: Any, uses: _Uses, where: str, inside: str, depth: int) -> None:
        if thing.get("/Subtype") == "/Image":
            self.unreadable.append(f"a picture ({where})")
            self._bytes(where, thing.read_raw_bytes())
            return
        try:
            content = thing.read_bytes()
        except pikepdf.PdfError:
            content = thing.read_raw_bytes()
            self.unreadable.append(where)
        self._read.add(hashlib.sha256(content).digest())
        if thing.objgen in uses.attached or thing.get("/Type") == "/EmbeddedFile":
            self._attachment(content, inside, depth)
        elif thing.objgen in uses.programs:
            self._add(where, "\u241e".join(letters_in(content)))
        elif shows_text(content):
            self._content(where, content, uses.fonts_of(thing), uses.named)
        elif b"begincmap" in content or thing.get("/Type") in ("/ObjStm", "/XRef"):
            self._syntax(where, content)
        else:
            self._bytes(where, content)

    def _content(
        self,
        where: str,
        content: bytes,
        own: Mapping[str, CodeTable] | None,
        named: Mapping[str, list[CodeTable]],
    ) -> None:
        if own is None:
            for text in shown_with_each(content, named):
                self._add(where, text)
        else:
            fonts = b"".join(
                name.encode() + table.key for name, table in sorted(own.items(), key=lambda i: i[0])
            )
            key = hashlib.sha256(content + b"\0" + fonts).digest()
            if key in self._read:
                return
            self._read.add(key)
            self._add(where, shown_text(content, own))
        self._syntax(where, content)

    def _attachment(self, content: bytes, inside: str, depth: int) -> None:
        if content[:1024].lstrip().startswith(b"%PDF-"):
            self.read(content, place=inside, depth=depth + 1)
        elif content.startswith(b"PK"):
            try:
                with zipfile.ZipFile(BytesIO(content)) as archive:
                    if depth >= _DEEPEST or sum(i.file_size for i in archive.infolist()) > _LARGEST:
                        raise _refused("packed too deep")
                    for info in archive.infolist():
                        self._add(inside, info.filename)
                        self._attachment(archive.read(info), inside, depth + 1)
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as fault:
                raise _refused("damaged") from fault
        self._bytes(inside.removesuffix(", "), content)

    def _bytes(self, where: str, content: bytes) -> None:
        for text in readings(content):
            self._add(where, text)
        self._add(where, "\u241e".join(strings_in(content)))

    def _syntax(self, where: str, content: bytes) -> None:
        self._add(where, "\u241e".join(strings_in(content)))
        self._add(where, without_numbers(content))

    # ------------------------------------------------------------------ what is left over in the bytes

    def _revisions(self, content: bytes, place: str, depth: int) -> None:
        """Every earlier state of the file that can still be opened."""
        for match in list(_EOF.finditer(content))[:-1]:
            earlier = content[: match.end()]
            try:
                pikepdf.open(BytesIO(earlier), attempt_recovery=False).close()
            except pikepdf.PdfError:
                continue
            self._earlier(earlier, place, depth)

    def _earlier(self, content: bytes, place: str, depth: int) -> None:
        inside = f"{place}an earlier revision, "
        with pikepdf.open(BytesIO(content), attempt_recovery=False) as pdf:
            self._objects(pdf, inside, depth + 1, of=place)
        self._pages(content, inside)

    def _raw(self, content: bytes, place: str) -> None:
        """Streams and scraps that no table of the file mentions any more."""
        where = f"{place}the raw bytes"
        outside: list[bytes] = []
        position = 0
        for match in _STREAM.finditer(content):
            if match.start() < position:
                continue
            end = content.find(b"endstream", match.end())
            end = len(content) if end < 0 else end
            outside.append(content[position : match.end()])
            self._raw_stream(where, content[match.end() : end])
            position = end
        outside.append(content[position:])
        self._syntax(where, _XREF_ROW.sub(b" ", b"".join(outside)))

    def _raw_stream(self, where: str, content: bytes) -> None:
        try:
            opener = zlib.decompressobj()
            decoded = opener.decompress(content, _LARGEST)
        except zlib.error:
            decoded = content
        if (
            hashlib.sha256(decoded).digest() in self._read
            or hashlib.sha256(decoded[:-1]).digest() in self._read
        ):
            return
        self._read.add(hashlib.sha256(decoded).digest())
        self._syntax(where, decoded)


class _Uses:
    """What the streams of a file are for, and which code tables each reads: its own, its page's, or any."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.named: dict[str, list[CodeTable]] = {}
        self.programs: set[tuple[int, int]] = set()
        self.attached = {stream.objgen for stream in _embedded(pdf)}
        self._tables: dict[tuple[int, int], CodeTable] = {}
        self._owner: dict[tuple[int, int], Any] = {}
        for thing in pdf.objects:
            if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
                self._note(thing)
        for page in pdf.pages:
            contents = page.obj.get("/Contents")
            parts = contents if isinstance(contents, pikepdf.Array) else (contents,)
            for part in parts:
                if isinstance(part, pikepdf.Stream):
                    self._owner[part.objgen] = page.get("/Resources")

    def _note(self, thing: Any) -> None:
        keys = thing.keys()
        programs = (thing.get(key) for key in _FONT_PROGRAMS & keys)
        self.programs |= {p.objgen for p in programs if isinstance(p, pikepdf.Stream)}
        if keys.isdisjoint(_FONT_HOLDERS):
            return
        resources = thing.get("/Resources")
        holders: tuple[Any, ...] = (thing, resources if isinstance(resources, pikepdf.Dictionary) else {})
        for holder in holders:
            fonts = holder.get("/Font")
            if isinstance(fonts, pikepdf.Dictionary):
                for name, table in self._of_fonts(fonts).items():
                    known = self.named.setdefault(name, [])
                    if table not in known:
                        known.append(table)

    def fonts_of(self, stream: Any) -> Mapping[str, CodeTable] | None:
        resources = stream.get("/Resources") or self._owner.get(stream.objgen)
        fonts = resources.get("/Font") if isinstance(resources, pikepdf.Dictionary) else None
        return self._of_fonts(fonts) if isinstance(fonts, pikepdf.Dictionary) else None

    def _of_fonts(self, fonts: Any) -> dict[str, CodeTable]:
        return {
            str(name).removeprefix("/"): self._table(font)
            for name, font in fonts.items()
            if isinstance(font, pikepdf.Dictionary)
        }

    def _table(self, font: Any) -> CodeTable:
        source = font.get("/ToUnicode")
        if not isinstance(source, pikepdf.Stream):
            return CodeTable(width=1)
        if source.objgen not in self._tables:
            self._tables[source.objgen] = code_table(source.read_bytes())
        return self._tables[source.objgen]


def _across(before: str, after: str) -> Iterator[str]:
    """A page's end and the next one's beginning, with up to a few running lines left out between."""
    tail = [line for line in before.splitlines() if line.strip()][-2 * _BORDER_LINES :]
    head = [line for line in after.splitlines() if line.strip()][: 2 * _BORDER_LINES]
    for below in range(min(_BORDER_LINES, len(tail)) + 1):
        for above in range(min(_BORDER_LINES, len(head)) + 1):
            yield "\n".join(tail[: len(tail) - below][-3:] + head[above:][:3])


def _embedded(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """The streams of every file specification, whether a names tree lists it or not."""
    for thing in pdf.objects:
        files = thing.get("/EF") if isinstance(thing, pikepdf.Dictionary) else None
        if isinstance(files, pikepdf.Dictionary):
            yield from (stream for _, stream in files.items() if isinstance(stream, pikepdf.Stream))


def _kind(thing: Any) -> str:
    if not isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        return "a value"
    for key, *wanted, words in _KINDS:
        if key in thing and (not wanted or thing.get(key) == wanted[0]):
            return words
    return "a stream" if isinstance(thing, pikepdf.Stream) else "an entry"


def _strings(thing: Any, depth: int = 0) -> Iterator[str]:
    """Strings and names of an object and what stands directly in it; references are visited by themselves."""
    if isinstance(thing, pikepdf.String):
        yield str(thing)
        yield from string_readings(bytes(thing))
    elif isinstance(thing, pikepdf.Name):
        yield _name(str(thing))
    elif isinstance(thing, pikepdf.Array) and depth < 50:  # noqa: PLR2004  no honest file nests deeper
        for item in thing:
            if not getattr(item, "is_indirect", False):
                yield from _strings(item, depth + 1)
    elif isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)) and depth < 50:  # noqa: PLR2004  the same
        for key, value in thing.items():
            yield _name(str(key))
            if not getattr(value, "is_indirect", False):
                yield from _strings(value, depth + 1)


def _name(text: str) -> str:
    return (
        text.removeprefix("/")
        if "#" not in text
        else _NAME_ESCAPE.sub(lambda m: chr(int(m[1], 16)), text.removeprefix("/"))
    )
