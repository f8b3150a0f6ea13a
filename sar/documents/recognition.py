"""The words in a picture, by tesseract where it is installed: a program of its own, bounded, never required."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from PIL import Image

from sar.documents.inside import DoubtfulWords
from sar.documents.limits import Budget, too_large, unreadable

PROGRAM = "tesseract"
LANGUAGE = "eng"
SECONDS_A_PAGE = 60.0
_SURE = 75.0
"""Per cent, on average over the letters: print is read with over 90, upside down it comes out at 40 to 50."""
_DOUBTFUL = 60.0
_TURNS = (Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270)
_WORD, _TEXT, _CERTAINTY, _COLUMNS = "5", 11, 10, 12
_PARAGRAPH, _LINE = slice(1, 4), slice(1, 5)


@dataclass(frozen=True, slots=True)
class _Reading:
    words: str
    certainty: float


def recognised(picture: bytes, budget: Budget) -> str:
    """The words in a PNG picture, empty when it shows none; turned round when it lies on its side or its head.

    What is hard to make out comes as ``DoubtfulWords``.

    :raises UnreadableItem: the program is missing, fails, or takes too long over one page.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        raise unreadable(
            "a picture or scan, and the program that recognises words in pictures is not installed "
            "(Debian: tesseract-ocr and tesseract-ocr-eng)",
            next_step="Install tesseract-ocr and gather again, or read it by hand.",
        )
    best = _read(program, picture, budget)
    for turned in _turned(picture) if best.words and best.certainty < _SURE else ():
        best = max(best, _read(program, turned, budget), key=lambda reading: reading.certainty)
        if best.certainty >= _SURE:
            break
    return DoubtfulWords(best.words) if best.words and best.certainty < _DOUBTFUL else best.words


def _turned(picture: bytes) -> Iterator[bytes]:
    with Image.open(io.BytesIO(picture)) as upright:
        for turn in _TURNS:
            out = io.BytesIO()
            upright.transpose(turn).save(out, "PNG", compress_level=1)
            yield out.getvalue()


def _read(program: str, picture: bytes, budget: Budget) -> _Reading:
    budget.wait(SECONDS_A_PAGE)
    try:
        # One thread: several documents are read at once, and each thread takes memory that is bounded.
        done = subprocess.run(  # noqa: S603 - a fixed program and fixed words; the picture comes by standard input
            [program, "stdin", "stdout", "-l", LANGUAGE, "--psm", "3", "-c", "tessedit_create_tsv=1"],
            input=picture,
            capture_output=True,
            timeout=SECONDS_A_PAGE,
            check=False,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired:
        raise too_large("a picture or scan that takes too long to recognise words in") from None
    if done.returncode != 0:
        raise unreadable("a picture or scan in which the program for recognising words failed")
    return _taken(done.stdout.decode("utf-8", "replace"))


def _taken(table: str) -> _Reading:
    """The words line by line, an empty line between paragraphs, and how certain they are."""
    rows = [row.split("\t", _COLUMNS - 1) for row in table.splitlines()]
    words = [row for row in rows if len(row) == _COLUMNS and row[0] == _WORD and row[_TEXT].strip()]
    paragraphs = [
        "\n".join(
            " ".join(row[_TEXT].strip() for row in line)
            for _, line in groupby(paragraph, key=lambda row: row[_LINE])
        )
        for _, paragraph in groupby(words, key=lambda row: row[_PARAGRAPH])
    ]
    letters = sum(len(row[_TEXT].strip()) for row in words)
    certain = sum(float(row[_CERTAINTY]) * len(row[_TEXT].strip()) for row in words)
    return _Reading("\n\n".join(paragraphs), certain / letters if letters else 0.0)
