"""A picture or scan in a file of its own: the words recognised in it, page by page, and what it says of itself."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from sar.documents.inside import Inside
from sar.documents.limits import MAX_PAGES, MAX_PIXELS, too_large, unreadable
from sar.domain.errors import UnreadableItem
from sar.ports.gathering import ReadDocument, ReadPart

SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".tif", ".tiff", ".gif", ".bmp", ".webp", ".heic", ".heif", ".avif"}
)
_FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP", "AVIF")
# Words people put into a picture. The day a camera noted is said, and never taken for the date of a record.
_EXIF = {
    0x010E: "Description",
    0x013B: "Artist",
    0x8298: "Copyright",
    0x0132: "Changed",
    0x9003: "Taken",
    0x9286: "Comment",
    0x9C9B: "Title",
    0x9C9C: "Comment",
    0x9C9D: "Author",
    0x9C9E: "Keywords",
    0x9C9F: "Subject",
}
_NO_WORDS = "A picture in which no words were recognised stands here. Look at it in the file itself."
_TALL = 1600
"""Pixels: smaller pictures are enlarged, since letters under 20 pixels are often misread."""
_MOST_ENLARGED = 3
_ICON = 520


def read_picture(content: bytes, inside: Inside) -> tuple[ReadDocument, ...]:
    """One document.

    :raises UnreadableItem: no words are recognised in it: a person must look at it.
    """
    pages, about = _read(content, inside)
    if not pages:
        raise unreadable("a picture in which no words were recognised: a person must look at it")
    return (ReadDocument(parts=(*pages, *about), media_type="image/*"),)


def pictured(content: bytes, name: str, inside: Inside) -> Iterator[ReadPart]:
    """A picture inside another document: its words, or that somebody must look at it."""
    del name
    try:
        pages, about = _read(content, inside)
    except UnreadableItem as fault:
        yield ReadPart(place="unreadable", text=f"A picture inside could not be read: {fault.message}.")
        return
    yield from pages or (ReadPart(place="picture", text=_NO_WORDS),)
    yield from about


def is_tiny(content: bytes) -> bool:
    """Whether a picture is an icon, in which no word of a page can be read."""
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            return max(picture.size) <= _ICON
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False


def as_png(picture: Image.Image) -> bytes:
    """The picture upright, in grey on white, large enough for its letters."""
    upright = ImageOps.exif_transpose(picture)
    if upright.mode in {"RGBA", "LA", "PA", "P"}:
        seen = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen)
    grey = upright.convert("L")
    if max(grey.size) < _TALL:
        times = min(_MOST_ENLARGED, max(1, _TALL // max(grey.size)))
        grey = grey.resize((grey.width * times, grey.height * times), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    grey.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _read(content: bytes, inside: Inside) -> tuple[list[ReadPart], list[ReadPart]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about oddities of the file; its size is checked below
            with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
                _check(picture)
                return list(_pages(picture, inside)), list(_about(picture, inside))
    except UnidentifiedImageError:
        raise unreadable("a kind of picture this program cannot read, or a damaged one") from None
    except Image.DecompressionBombError:
        raise too_large("a picture with more dots than we read by machine") from None
    except (OSError, SyntaxError, ValueError, EOFError, KeyError, TypeError, IndexError, ArithmeticError):
        # Decoders fail in many ways on damaged pictures; all mean the same here.
        raise unreadable("a damaged picture") from None


def _check(picture: Image.Image) -> None:
    if picture.width * picture.height > MAX_PIXELS:
        raise too_large("a picture with more dots than we read by machine")
    if getattr(picture, "n_frames", 1) > MAX_PAGES:
        raise too_large("a picture with more pages than we read by machine")


def _pages(picture: Image.Image, inside: Inside) -> Iterator[ReadPart]:
    """Each page's words once: the frames of a moving picture often say the same."""
    seen: set[str] = set()
    for number in range(getattr(picture, "n_frames", 1)):
        picture.seek(number)
        _check(picture)
        inside.budget.look_at_the_clock()
        words = inside.recognise(as_png(picture), inside.budget)
        if words and words not in seen:
            seen.add(words)
            yield from inside.scanned(words)


def _about(picture: Image.Image, inside: Inside) -> Iterator[ReadPart]:
    exif = picture.getexif()
    found = {**exif, **exif.get_ifd(ExifTags.IFD.Exif)}
    said = [
        f"{word}: {_words(found[tag])}" for tag, word in _EXIF.items() if tag in found and _words(found[tag])
    ]
    if exif.get_ifd(ExifTags.IFD.GPSInfo):
        said.append("The file also says where the picture was taken. Look at it in the file itself.")
    for key, value in picture.info.items():
        if isinstance(value, str) and value.strip() and key not in {"version", "srgb"}:
            said.append(f"{key}: {value}")
        elif key == "comment" and isinstance(value, bytes):
            said.append(f"Comment: {_words(value)}")
    for text in dict.fromkeys(said):
        yield inside.part("property", text)


def _words(value: object) -> str:
    if isinstance(value, bytes):
        # Windows keeps its own as UTF-16, a camera's comment says its encoding in the first eight bytes.
        wide = b"\x00" in value[8:] and not value.startswith((b"ASCII", b"UNICODE"))
        text = value.decode("utf-16-le", "replace") if wide else value.decode("latin-1")
        text = text.removeprefix("ASCII").removeprefix("UNICODE")
        return text.replace("\x00", "").strip()
    return value.replace("\x00", "").strip() if isinstance(value, str) else ""
