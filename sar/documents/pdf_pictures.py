"""The pictures on a page of a PDF: which of them may hold words, and the words recognised in those."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ctypes import addressof
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from math import ceil, floor
from typing import Any

import pypdfium2.raw as pdfium_c

from sar.documents.inside import DoubtfulWords, Inside
from sar.documents.limits import MAX_PIXELS, unreadable
from sar.documents.picture import as_png
from sar.ports.gathering import ReadPart

_DEEP = 8
_DOTS_AN_INCH = 300
_POINTS_AN_INCH = 72
_PICTURES_A_PAGE = 25
_MUCH = 0.15
"""Of the page: a smaller picture is a logo or a signature, unless many together make up a scan."""
_MOST_OF_THE_PAGE = 0.5
_OVERLAP = 1.1
_MANY_LINES = 30
"""Drawn lines and curves: letters may be drawn so, a frame round a page never needs as many."""
_MANY_STROKES = 60
_LETTER = 40
"""Points: what is larger is a line, a frame, a field."""
_MOST_PATHS, _MOST_SEGMENTS = 20_000, 2_000
_DENSE = 6
"""Straight strokes a square: lines of a table come to two or three, letters drawn stroke by stroke to ten."""
_LINE_OF_WORDS = 25
"""Squares of the grid: a line of words covers as many, a small mark does not."""
_CELLS = 50
_TINY = 16
"""Dots: no word can be read in so small a picture."""
_HAIR = 0.01
_SPREAD = 0.25
_FILLED = 0.02
"""Of the pictures: where unseen words lie over less than this, they are not the words of the scan."""
_NO_WORDS = "A picture in which no words were recognised stands here. Look at it in the file."
_DRAWN = "Something is drawn on this page, and its words, if it has any, may not all be read. Look at it in the file."
_TOO_MANY = "A page holds more pictures than are read by machine. Look at the rest in the file itself."
Box = tuple[float, float, float, float]
_Cells = frozenset[tuple[int, int]]
Drawing = tuple[int, _Cells]


def pictures_of(page: Any) -> list[Any]:
    """Every picture of a page."""
    return list(page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=_DEEP))


def is_drawn(page: Any) -> bool:
    """Whether a page without words and pictures may show letters all the same, drawn line by line."""
    paths = page.get_objects(
        filter=[pdfium_c.FPDF_PAGEOBJ_PATH, pdfium_c.FPDF_PAGEOBJ_SHADING], max_depth=_DEEP
    )
    return sum(1 for _ in paths) > _MANY_LINES or sum(s.count for s in _strokes(page)) > _MANY_STROKES


def drawing_of(page: Any) -> Drawing | None:
    """What is drawn on a page that has words beside it, when that may be letters; equal drawings are equal."""
    curved, straight = _strokes(page)
    for strokes, least in ((curved, 0), (straight, _DENSE)):
        covered = _cells(page, strokes.boxes)
        is_much = strokes.count > 2 * _MANY_STROKES and len(covered) >= _LINE_OF_WORDS
        if is_much and strokes.count >= least * len(covered):
            return (strokes.count, covered)
    return None


def drawn(page: Any, inside: Inside) -> Iterator[ReadPart]:
    """The words among what is drawn on a page, without its other words and its pictures."""
    words = _alone(page, (), inside)
    if words:
        yield inside.part("scan", words)
    if not words or isinstance(words, DoubtfulWords):
        yield ReadPart(place="picture", text=_DRAWN)


@dataclass(slots=True)
class _Strokes:
    """How many strokes of one kind could be those of letters, and where they lie."""

    count: int = 0
    boxes: list[Box] = field(default_factory=list)

    def add(self, count: int, box: Box) -> None:
        if count:
            self.count += count
            self.boxes.append(box)


def _strokes(page: Any) -> tuple[_Strokes, _Strokes]:
    """Curves, and short or many straight strokes: those of tables are short too, and not as dense as letters."""
    curved, straight = _Strokes(), _Strokes()
    paths = page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_PATH], max_depth=_DEEP)
    for path in islice(paths, _MOST_PATHS):
        segments = max(0, pdfium_c.FPDFPath_CountSegments(path.raw))
        curves = sum(_is_curve(path, number) for number in range(min(segments, _MOST_SEGMENTS)))
        box = _box(path)
        curved.add(curves, box)
        if segments > _MANY_STROKES or max(box[2] - box[0], box[3] - box[1]) <= _LETTER:
            straight.add(segments - curves, box)
    return curved, straight


def _is_curve(path: Any, number: int) -> bool:
    segment = pdfium_c.FPDFPath_GetPathSegment(path.raw, number)
    return bool(pdfium_c.FPDFPathSegment_GetType(segment) == pdfium_c.FPDF_SEGMENT_BEZIERTO)


def scanned(page: Any, inside: Inside) -> Iterator[ReadPart]:
    """A page that is nothing but pictures.

    :raises UnreadableItem: no words are recognised on it.
    """
    if not (words := _rendered(page, inside)):
        raise unreadable("a scanned page in which no words were recognised")
    yield from inside.scanned(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """The pictures of a page that has words beside them, by what is done with them."""

    alone: tuple[Any, ...] = ()
    """Large ones: a pasted letter, a screen."""
    together: tuple[Any, ...] = ()
    """Pieces of one scan, read as they lie on the page."""
    has_small: bool = False
    """Whether there are logos and the like, in which no words are sought."""


def sort(page: Any) -> Sorted:
    """What to do with each picture; nothing with a scan whose words lie under it already."""
    pictures = pictures_of(page)
    boxes = [_box(picture) for picture in pictures]
    covered = _cells(page, boxes)
    if not pictures or _is_recognised(page, covered):
        return Sorted()
    if len(boxes) > 1 and _are_tiles(page, boxes, covered):
        return Sorted(together=tuple(pictures))
    is_small = [_share(_cells(page, [box])) < _MUCH for box in boxes]
    alone = tuple(p for p, small in zip(pictures, is_small, strict=True) if not small)
    rest = tuple(p for p, small in zip(pictures, is_small, strict=True) if small)
    if _share(_cells(page, [b for b, small in zip(boxes, is_small, strict=True) if small])) >= _MUCH:
        return Sorted(alone=alone, together=rest)
    return Sorted(alone=alone, has_small=bool(rest))


def pictured(page: Any, pictures: Sorted, inside: Inside) -> Iterator[ReadPart]:
    """The words in the pictures of a page that has words beside them."""
    for picture in pictures.alone[:_PICTURES_A_PAGE]:
        png = as_png(picture.get_bitmap(render=True).to_pil())
        yield from _in_words(inside.recognise(png, inside.budget), inside)
    if len(pictures.alone) > _PICTURES_A_PAGE:
        yield ReadPart(place="unreadable", text=_TOO_MANY)
    if pictures.together:
        yield from _below(page, pictures.together, inside)


class Stamps:
    """Pictures that lie on the pages as stamps, signatures or notes; one that is on every page is read once."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    @staticmethod
    def below(document: Any, number: int) -> int:
        """How many pictures a page has of its own, before what lies on it is made a part of it."""
        page = document[number]
        count = len(pictures_of(page))
        page.close()
        return count

    def on(self, page: Any, below: int, inside: Inside) -> Iterator[ReadPart]:
        """The words in those that lie on a page, when they are a part of it."""
        lying = pictures_of(page)[below:]
        for picture in lying[:_PICTURES_A_PAGE]:
            image = picture.get_bitmap(render=True).to_pil()
            digest = sha256(repr(image.size).encode() + image.tobytes()).digest()
            if max(image.size) > _TINY and digest not in self._seen:
                self._seen.add(digest)
                yield from _in_words(inside.recognise(as_png(image), inside.budget), inside)
        if len(lying) > _PICTURES_A_PAGE:
            yield ReadPart(place="unreadable", text=_TOO_MANY)


def _below(page: Any, pictures: Iterable[Any], inside: Inside) -> Iterator[ReadPart]:
    """Pieces of one scan: read together, as they lie on the page, without what is written over them."""
    yield from _in_words(_alone(page, pictures, inside), inside)


def _alone(page: Any, pictures: Iterable[Any], inside: Inside) -> str:
    """The words recognised on a page of which words and other pictures are taken away."""
    kept = {_address(picture) for picture in pictures}
    others = [pdfium_c.FPDF_PAGEOBJ_TEXT, pdfium_c.FPDF_PAGEOBJ_IMAGE]
    for one in list(page.get_objects(filter=others, max_depth=_DEEP)):
        if _address(one) not in kept:
            pdfium_c.FPDFPageObj_SetIsActive(one.raw, False)  # noqa: FBT003 - how pdfium takes it
    return _rendered(page, inside)


def _address(one: Any) -> int:
    return addressof(one.raw.contents)


def _rendered(page: Any, inside: Inside) -> str:
    width, height = page.get_size()
    scale = min(_DOTS_AN_INCH / _POINTS_AN_INCH, (MAX_PIXELS / max(width * height, 1)) ** 0.5)
    return inside.recognise(as_png(page.render(scale=scale, grayscale=True).to_pil()), inside.budget)


def _in_words(words: str, inside: Inside) -> Iterator[ReadPart]:
    return inside.scanned(words) if words else iter((ReadPart(place="picture", text=_NO_WORDS),))


def _is_recognised(page: Any, covered: _Cells) -> bool:
    """Whether the page is a scan whose words were recognised before: they lie unseen all over the picture."""
    unseen = [
        _box(text)
        for text in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_TEXT], max_depth=_DEEP)
        if pdfium_c.FPDFTextObj_GetTextRenderMode(text.raw) == pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE
    ]
    if not unseen:
        return False
    hull = (
        min(b[0] for b in unseen),
        min(b[1] for b in unseen),
        max(b[2] for b in unseen),
        max(b[3] for b in unseen),
    )
    width, height = page.get_size()
    picture = _share(covered) * width * height
    filled = sum(_area(box) for box in unseen)
    spread = len(_cells(page, [hull]) & covered) / max(len(covered), 1)
    return spread >= _SPREAD and filled >= _FILLED * picture


def _are_tiles(page: Any, boxes: list[Box], covered: _Cells) -> bool:
    """Whether pictures lie side by side and fill the page: one scan, kept in pieces."""
    width, height = page.get_size()
    share = _share(covered)
    total = sum(_area(box) for box in boxes) / max(width * height, 1)
    return share >= _MOST_OF_THE_PAGE and total <= _OVERLAP * share


def _box(one: Any) -> Box:
    """Where an object lies on the page, by way of the forms it lies in."""
    box: Box = one.get_bounds()
    form = one.container
    while form is not None:
        box = form.get_matrix().on_rect(*box)
        form = form.container
    return box


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _share(cells: _Cells) -> float:
    return len(cells) / (_CELLS * _CELLS)


def _cells(page: Any, boxes: Iterable[Box]) -> _Cells:
    """The squares of a grid over the page that any of the boxes touches."""
    left, bottom, right, top = page.get_bbox()
    across, up = max(right - left, 1) / _CELLS, max(top - bottom, 1) / _CELLS
    return frozenset(
        (x, y)
        for box in boxes
        for x in _steps((box[0] - left) / across, (box[2] - left) / across)
        for y in _steps((box[1] - bottom) / up, (box[3] - bottom) / up)
    )


def _steps(start: float, end: float) -> range:
    return range(max(0, floor(start + _HAIR)), min(_CELLS, ceil(end - _HAIR)))
