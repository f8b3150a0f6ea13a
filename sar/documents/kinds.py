"""What kind of file some bytes are: by their first bytes, then by declared type and name."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath

from sar.documents.limits import unreadable

PDF = "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OFFICE = "application/vnd.openxmlformats-officedocument"
"""An Office package that is neither: a presentation, a drawing."""
COMPOUND = "application/x-ole-storage"
OUTLOOK = "application/vnd.ms-outlook"
ZIP = "application/zip"
CSV = "text/csv"
MAIL = "message/rfc822"
MAILBOX = "application/mbox"
RICH_TEXT = "application/rtf"
HTML = "text/html"
XML = "application/xml"
PICTURE = "image/*"
TEXT = "text/plain"

_BY_SUFFIX = {
    ".pdf": PDF,
    ".docx": WORD,
    ".docm": WORD,
    ".dotx": WORD,
    ".xlsx": WORKBOOK,
    ".xlsm": WORKBOOK,
    ".msg": OUTLOOK,
    ".zip": ZIP,
    ".csv": CSV,
    ".tsv": CSV,
    ".eml": MAIL,
    ".mbox": MAILBOX,
    ".mbx": MAILBOX,
    ".rtf": RICH_TEXT,
    ".htm": HTML,
    ".html": HTML,
    ".xhtml": HTML,
    ".svg": XML,
    ".xml": XML,
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".gif", ".bmp", ".webp"), PICTURE),
    **dict.fromkeys((".heic", ".heif", ".avif"), PICTURE),
    **dict.fromkeys((".txt", ".text", ".md", ".log", ".ics", ".vcf", ".json"), TEXT),
}
_BY_TYPE = {
    **{kind: kind for kind in _BY_SUFFIX.values() if kind != PICTURE},
    "text/rtf": RICH_TEXT,
    "text/xml": XML,
    "image/svg+xml": XML,
    "application/xhtml+xml": HTML,
    "application/x-zip-compressed": ZIP,
    "application/json": TEXT,
    "text/calendar": TEXT,
    "text/markdown": TEXT,
    "application/vnd.ms-word.document.macroenabled.12": WORD,
    "application/vnd.ms-excel.sheet.macroenabled.12": WORKBOOK,
}
# The first bytes decide for these, whatever name or type says.
_SIGNED = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", COMPOUND),
    (b"{\\rtf", RICH_TEXT),
    (b"\x89PNG\r\n\x1a\n", PICTURE),
    (b"\xff\xd8\xff", PICTURE),
    (b"GIF87a", PICTURE),
    (b"GIF89a", PICTURE),
    (b"II*\x00", PICTURE),
    (b"MM\x00*", PICTURE),
)
_BINARY_NAMES = frozenset({PDF, WORD, WORKBOOK, OUTLOOK, ZIP, RICH_TEXT, PICTURE})
_WINDOW = 1024
_DAY = rb"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_HOUR = rb"\d\d?:\d\d(?::\d\d)?(?:[ \t]+(?:[a-z]{2,5}|[+-]\d{4}))?"
SEPARATOR = re.compile(
    rb"^(?-i:From)[ \t]+(?P<who>[^ \t\r\n]+)"
    rb"(?P<on>(?:[ \t]+(?:" + _DAY + rb"|" + _HOUR + rb"|[+-]?\d{1,4}[,.]?))*)[ \t]*\r?$"
    rb"(?P<header>\n[!-9;-~]+:)?",
    re.MULTILINE | re.IGNORECASE,
)
"""What stands above each message of a mailbox: an address in one word, then nothing but a day and a time.

A paragraph may begin with From as well; its line is no separator, and its words are kept.
"""


def kind_of(content: bytes, *, name: str, media_type: str = "") -> str:
    """The media type to read a file as; a lying name does not win over the bytes.

    :raises UnreadableItem: the name promises a kind of file that the bytes are not.
    """
    suffix = PurePosixPath(name.casefold()).suffix
    declared = media_type.partition(";")[0].strip().casefold()
    named = _BY_SUFFIX.get(suffix) or _BY_TYPE.get(declared) or ""
    if signed := _signed(content):
        return signed
    # Words may come before the mark of a PDF; a text that only speaks of one is still a text.
    if b"%PDF-" in content[:_WINDOW] and named in {PDF, ""}:
        return PDF
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _package_kind(content, named)
    if named in _BINARY_NAMES:
        raise unreadable("a file whose content is not what its name says")
    if suffix != ".txt" and SEPARATOR.match(content):
        return MAILBOX
    if declared.startswith("image/"):
        return PICTURE
    return named or _looks_like(content, declared)


def _signed(content: bytes) -> str:
    if content.startswith(b"%PDF-"):
        return PDF
    if content[4:8] == b"ftyp" and content[8:12] in {b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis"}:
        return PICTURE
    if (content.startswith(b"RIFF") and content[8:12] == b"WEBP") or _is_bitmap(content):
        return PICTURE
    return next((kind for mark, kind in _SIGNED if content.startswith(mark)), "")


def _is_bitmap(content: bytes) -> bool:
    return (
        content.startswith(b"BM")
        and content[6:10] == b"\x00\x00\x00\x00"
        and content[15:18] == b"\x00\x00\x00"
    )


def _package_kind(content: bytes, named: str) -> str:
    """Word, workbook or archive: told by what the package holds. A torn one is what its name says."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = set(package.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return named if named in {WORD, WORKBOOK} else ZIP
    if "word/document.xml" in names:
        return WORD
    if any(n.startswith("xl/workbook.") for n in names):
        return WORKBOOK
    return OFFICE if "[Content_Types].xml" in names else named if named in {WORD, WORKBOOK} else ZIP


def _looks_like(content: bytes, declared: str) -> str:
    """A file without a telling name or type: markup and mail are known by how they begin."""
    head = content[:_WINDOW].lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html")):
        return HTML
    if head.startswith((b"<?xml", b"<svg")):
        return XML
    return declared if declared.startswith("text/") else "application/octet-stream"
