"""The words in a picture, by tesseract where it is installed: a program of its own, bounded, never required."""

from __future__ import annotations

import os
import shutil
import subprocess

from sar.documents.limits import Budget, too_large, unreadable

PROGRAM = "tesseract"
LANGUAGE = "eng"
SECONDS_A_PAGE = 60.0


def recognised(picture: bytes, budget: Budget) -> str:
    """The words in a PNG picture, empty when it shows none.

    :raises UnreadableItem: the program is missing, fails, or takes too long over one page.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        raise unreadable(
            "a picture or scan, and the program that recognises words in pictures is not installed "
            "(Debian: tesseract-ocr and tesseract-ocr-eng)",
            next_step="Install tesseract-ocr and gather again, or read it by hand.",
        )
    budget.wait(SECONDS_A_PAGE)
    try:
        # One thread: several documents are read at once, and each thread takes memory that is bounded.
        done = subprocess.run(  # noqa: S603 - a fixed program and fixed words; the picture comes by standard input
            [program, "stdin", "stdout", "-l", LANGUAGE, "--psm", "3"],
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
    lines = [
        line.rstrip() for line in done.stdout.decode("utf-8", "replace").replace("\f", "\n").splitlines()
    ]
    return "\n".join(lines).strip()
