"""Reading documents: how much of each kind one core takes apart in a second, and what reading apart from us costs.

The documents are made here, by other producers where there are any, and seeded. Times are the processor's, so that
a busy machine does not change the answer; for text recognition those of the program that does it. Only what a
process of its own costs is taken by the clock on the wall, both ways in turn.
"""

from __future__ import annotations

import io
import random
import re
import resource
import shutil
import statistics
import time
import zipfile
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import docx
import openpyxl
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfgen import canvas

from benchmarks.claims import Claim, in_turn, seconds
from sar.documents.isolated import IsolatedReading
from sar.documents.reader import DocumentReading

_ROUNDS = 3
_PAGES = 100
_LINES_A_PAGE = 45
_ROWS = 5_000
_MAILS = 500
_Made = tuple[str, bytes, str, float, float, str]
"""Name, content, file name, how many there are in it (0: its megabytes count), target and unit."""
_WORDS = re.findall(
    r"\w+",
    "the school rang about a visit on Tuesday and the worker wrote that the child was seen at home with her "
    "grandmother while nobody had told the parents why the alert was still on the record after it was closed",
)


def claims(*, full: bool) -> Iterator[Claim]:
    """One rate a kind of document; ten times as much of each in the long form."""
    times = 10 if full else 1
    chance = random.Random(11)
    pages, rows, mails = _PAGES * times, _ROWS * times, _MAILS * times
    made: list[_Made] = [
        ("pdf", _pdf(chance, pages), "x.pdf", pages, 50, "pages a CPU s"),
        ("word", _word(chance, pages), "x.docx", pages, 50, "pages a CPU s"),
        ("workbook", _workbook(chance, rows), "x.xlsx", rows, 5_000, "rows a CPU s"),
        ("csv", _csv(chance, rows), "x.csv", rows, 20_000, "rows a CPU s"),
        ("mailbox", _mailbox(chance, mails), "x.mbox", mails, 150, "messages a CPU s"),
        ("html", _html(chance, rows), "x.html", 0, 0.5, "MB a CPU s"),
        ("rich_text", _rich_text(chance, rows), "x.rtf", 0, 0.2, "MB a CPU s"),
        ("text", _text(chance, rows), "x.txt", 0, 20, "MB a CPU s"),
        ("archive", _archive(chance, mails), "x.zip", mails, 500, "files a CPU s"),
    ]
    yield from map(_rate, made)
    yield _recognition(chance, pages=times)
    yield _apart(chance)


def _rate(made: _Made) -> Claim:
    name, content, file, count, target, unit = made
    reading = DocumentReading(recognise=lambda _picture, _budget: "")

    def work() -> None:
        assert reading.read(content, name=file)

    took = statistics.median(seconds(work, clock=time.process_time) for _ in range(_ROUNDS))
    return Claim(
        claim=f"documents.{name}",
        value=round((count or len(content) / 1e6) / took, 1),
        target=target,
        better="higher",
        unit=unit,
    )


def _recognition(chance: random.Random, *, pages: int) -> Claim:
    claim = "documents.recognition"
    if shutil.which("tesseract") is None:
        return Claim(
            claim=claim,
            value=None,
            target=5,
            better="lower",
            unit="CPU s a page",
            skipped="no tesseract here",
        )
    scans = [_scan(chance) for _ in range(pages)]

    def work() -> None:
        for scan in scans:
            assert DocumentReading().read(scan, name="x.png")

    took = seconds(work, clock=lambda: resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime)
    return Claim(claim=claim, value=round(took / pages, 2), target=5, better="lower", unit="CPU s a page")


def _apart(chance: random.Random) -> Claim:
    """What it costs to read in a process of its own, for a letter of two pages."""
    letter = _word(chance, 2)
    inside, apart = DocumentReading(), IsolatedReading()
    apart.read(letter, name="x.docx")  # the process is started once, not for each letter
    letters = 20

    def many(read: Callable[..., object]) -> Callable[[], None]:
        def work() -> None:
            for _ in range(letters):
                read(letter, name="x.docx")

        return work

    ours, theirs = in_turn(many(apart.read), many(inside.read), rounds=_ROUNDS)
    return Claim(
        claim="documents.apart_from_us",
        value=round(ours / theirs, 2),
        target=2,
        better="lower",
        unit="times as long",
        against="reading in our own process",
    )


def _line(chance: random.Random, words: int = 12) -> str:
    return " ".join(chance.choices(_WORDS, k=words))


def _pdf(chance: random.Random, pages: int) -> bytes:
    out = io.BytesIO()
    page = canvas.Canvas(out)
    for _ in range(pages):
        for n in range(_LINES_A_PAGE):
            page.drawString(60, 800 - 16 * n, _line(chance))
        page.showPage()
    page.save()
    return out.getvalue()


def _word(chance: random.Random, pages: int) -> bytes:
    document = docx.Document()
    for _ in range(pages * _LINES_A_PAGE // 5):
        document.add_paragraph(_line(chance, 60))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _workbook(chance: random.Random, rows: int) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Log")
    for n in range(rows):
        sheet.append([n, "2025-04-24", _line(chance, 3), _line(chance), chance.random()])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _csv(chance: random.Random, rows: int) -> bytes:
    lines = [f'{n},2025-04-24,"{_line(chance, 3)}","{_line(chance)}"' for n in range(rows)]
    return "\n".join(["number,day,who,what", *lines]).encode()


def _mailbox(chance: random.Random, mails: int) -> bytes:
    out = io.BytesIO()
    for n in range(mails):
        mail = EmailMessage()
        mail["From"], mail["To"] = "Imran Baig <imran@example.org>", "Yvonne <y@example.org>"
        mail["Subject"], mail["Message-ID"] = _line(chance, 4), f"<{n}@example.org>"
        mail["Date"] = "Thu, 24 Apr 2025 09:05:00 +0000"
        words = "\n".join(_line(chance) for _ in range(20))
        mail.set_content(words)
        mail.add_alternative(f"<p>{words}</p>", subtype="html")
        out.write(b"From x\n" + mail.as_bytes() + b"\n")
    return out.getvalue()


def _html(chance: random.Random, rows: int) -> bytes:
    return "".join(
        f"<p>{_line(chance)} <a href='https://x.example'>here</a></p>" for _ in range(rows)
    ).encode()


def _rich_text(chance: random.Random, rows: int) -> bytes:
    return (
        "{\\rtf1\\ansi " + "".join(f"{_line(chance)} {{\\b bold}}\\par " for _ in range(rows)) + "}"
    ).encode()


def _text(chance: random.Random, rows: int) -> bytes:
    return "\n".join(_line(chance) for _ in range(rows)).encode()


def _archive(chance: random.Random, files: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(files):
            archive.writestr(f"{n}.txt", _line(chance, 200))
    return out.getvalue()


def _scan(chance: random.Random) -> bytes:
    image = Image.new("L", (1654, 2339), 255)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size=30)
    for n in range(_LINES_A_PAGE):
        pen.text((120, 120 + 46 * n), _line(chance), fill=0, font=font)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
