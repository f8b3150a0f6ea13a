"""Every part of a document is accounted for; what cannot be read is refused in words, never read as empty."""

import io
import zipfile
from email.message import EmailMessage

import docx
import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from sar.documents.reader import DocumentReading
from sar.domain.errors import UnreadableItem

READER = DocumentReading()
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def read(content, name, media_type=""):
    return READER.read(content, name=name, media_type=media_type)


def words(documents):
    return {(p.place, p.text) for d in documents for p in d.parts}


def pdf(*lines, encrypt=None, image=False):
    buffer = io.BytesIO()
    page = canvas.Canvas(buffer, pagesize=A4, encrypt=encrypt)
    for i, line in enumerate(lines):
        page.drawString(70, 800 - 14 * i, line)
    if image:
        page.drawImage(ImageReader(Image.new("1", (50, 50), 0)), 50, 500)
    page.showPage()
    page.save()
    return buffer.getvalue()


def word(extra=()):
    document = docx.Document()
    document.add_paragraph("Before the table.")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Daniel", "Social worker"
    document.add_paragraph("After the table.")
    document.sections[0].header.paragraphs[0].text = "Restricted"
    document.sections[0].footer.paragraphs[0].text = "Page one"
    buffer = io.BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer, "a") as package:
        for name, content in extra:
            package.writestr(name, content)
    return buffer.getvalue()


def test_lines_of_a_letter_become_paragraphs_again():
    long = "word " * 18
    [document] = read(pdf("Dear Leanne,", long, "and the end of it.", "Yours"), "letter.pdf")
    assert [p.text for p in document.parts if p.place == "text"] == [
        "Dear Leanne,",
        f"{long.strip()} and the end of it.",
        "Yours",
    ]


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"", "a.pdf", "empty"),
        (b"%PDF-1.7 torn", "a.pdf", "damaged PDF"),
        (b"hello", "a.pdf", "not what its name says"),
        (pdf("x", encrypt="secret"), "a.pdf", "password"),
        (pdf(image=True), "a.pdf", "scanned"),
        (b"PK\x03\x04 torn", "a.docx", "damaged Word"),
        (b"PK\x03\x04 torn", "a.zip", "damaged archive"),
        (b"\x00\x01\x02", "a.txt", "says it is text"),
        (b"\x81\x8d\x9d", "a.txt", "encoding"),
        (b"\x89PNG....", "a.png", "not what its name says"),
        (b"", "a.csv", "empty"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(content, name, why):
    with pytest.raises(UnreadableItem, match=why) as fault:
        read(content, name)
    assert name not in fault.value.message


def test_word_keeps_its_order_and_what_stands_around_it():
    [document] = read(word(), "minutes.docx")
    body = [(p.place, p.text) for p in document.parts]
    assert body[:3] == [
        ("text", "Before the table."),
        ("table", "Daniel | Social worker"),
        ("text", "After the table."),
    ]
    assert {("header", "Restricted"), ("footer", "Page one")} <= set(body)


def test_comments_footnotes_tracked_changes_and_text_boxes_are_read():
    comment = (
        f"<w:comments {W}><w:comment><w:p><w:r><w:t>She is wrong.</w:t></w:r></w:p></w:comment></w:comments>"
    )
    note = (
        f"<w:footnotes {W}><w:footnote><w:p><w:r><w:t>See file.</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    tracked = (
        f"<w:hdr {W}><w:p><w:r><w:t>Kept </w:t></w:r><w:del><w:r><w:delText>taken out</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>put in</w:t></w:r></w:ins><w:r><w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p>"
        "</w:txbxContent></w:r></w:p></w:hdr>"
    )
    content = word(
        [("word/comments.xml", comment), ("word/footnotes.xml", note), ("word/header9.xml", tracked)]
    )
    found = words(read(content, "x.docx"))
    assert {("comment", "She is wrong."), ("footnote", "See file."), ("deleted", "taken out")} <= found
    assert {("inserted", "put in"), ("text-box", "In a box"), ("header", "Kept put in")} <= found


def test_a_word_file_that_swells_or_declares_entities_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b" " * 30_000_000)
    with pytest.raises(UnreadableItem, match="unpacks to far more") as fault:
        read(buffer.getvalue(), "x.docx")
    assert fault.value.field == "too-large"
    bomb = '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    with pytest.raises(UnreadableItem, match="entity"):
        read(word([("word/comments.xml", bomb)]), "x.docx")


def message(**headers):
    mail = EmailMessage()
    mail["From"], mail["To"] = "Imran Baig <imran@example.org>", "Yvonne <y@example.org>"
    mail["Subject"], mail["Date"] = "Wrong patient", "Thu, 24 Apr 2025 09:05:00 +0000"
    mail["Message-ID"] = "<m1@example.org>"
    for name, value in headers.items():
        mail[name] = value
    return mail


def test_mail_keeps_headers_quotes_nested_mail_and_attachments():
    inner = message()
    inner.set_content("The inner words.")
    mail = message(Bcc="Quiet <quiet@example.org>", Cc="Colette <c@example.org>")
    mail.set_content("New words.\n> Old words.\n")
    mail.add_attachment(inner)
    mail.add_attachment(b"Attached words.", maintype="text", subtype="plain", filename="Tully.txt")
    mail.add_attachment(b"\x00\x01", maintype="application", subtype="octet-stream", filename="x.bin")
    [document] = read(mail.as_bytes(), "x.eml")
    found = words([document])
    assert {("bcc", "Quiet <quiet@example.org>"), ("cc", "Colette <c@example.org>")} <= found
    assert ("text", "New words.\n> Old words.") in found
    assert {("attachment", "Attached words."), ("attachment-name", "Tully.txt")} <= found
    assert ("attachment", "The inner words.") in {(p, t.strip()) for p, t in found}
    assert any(p == "unreadable" and "could not be read" in t for p, t in found)
    assert str(document.dated_on) == "2025-04-24"


def test_html_mail_is_read_when_it_says_something_else_than_the_plain_text():
    mail = message()
    mail.set_content("Hello Leanne")
    mail.add_alternative("<p>Hello <b>Leanne</b></p><style>x</style>", subtype="html")
    assert [p.text for p in read(mail.as_bytes(), "x.eml")[0].parts if p.place == "text"] == ["Hello Leanne"]
    other = message()
    other.set_content("Please view in HTML")
    other.add_alternative("<p>The real<br>words</p>", subtype="html")
    texts = [p.text for p in read(other.as_bytes(), "x.eml")[0].parts if p.place == "text"]
    assert texts == ["Please view in HTML", "The real\nwords"]


def test_a_mailbox_is_split_at_messages_only():
    first, second = message(), message()
    first.set_content("One.\n\n>From the start.\n")
    second.set_content("Two. From here on.\n")
    box = b"From a@x Thu Apr 24\n" + first.as_bytes() + b"\nFrom b@x Thu Apr 24\n" + second.as_bytes()
    documents = read(box, "box.mbox")
    assert len(documents) == 2
    assert "From the start." in {p.place: p.text for p in documents[0].parts}["text"]


@pytest.mark.parametrize(
    "paragraph",
    [
        "From school we heard that Isla Hartley has bruises.",
        "From Leanne\n\nwe heard.",
        "From Monday 14 March 2024 Isla stays at home.",
        "From Monday 14:30",
    ],
)
def test_a_paragraph_that_begins_with_from_opens_no_message_and_is_kept(paragraph):
    first, second = message(), message()
    first.set_content(f"Dear Ben,\n\n{paragraph}\n\nThat is all.\n")
    stamp = b"From a@x.example Mon Jan  1 10:00:00 2024\n"
    documents = read(stamp + first.as_bytes() + b"\n" + stamp + second.as_bytes(), "box.mbox")
    assert len(documents) == 2
    assert paragraph in {p.place: p.text for p in documents[0].parts}["text"]


def test_a_letter_that_begins_with_from_is_no_mailbox():
    [document] = read(b"From the desk of Leanne Hartley\n\nSeen.\n", "letter", "text/plain")
    assert [p.text for p in document.parts] == ["From the desk of Leanne Hartley\n\nSeen.\n"]


def test_rows_of_a_table_keep_their_headings_and_cells_beyond_them():
    [row] = read("pupil;entry\nIsla;Fell;and more\n;\n".encode("utf-16"), "log.csv")
    assert [(p.place, p.text) for p in row.parts] == [
        ("column:pupil", "Isla"),
        ("column:entry", "Fell"),
        ("column:", "and more"),
    ]


def test_old_windows_letters_are_read():
    [document] = read("Caf\xe9 \x96 10 \xa3".encode("latin-1"), "x.txt")
    assert document.parts[0].text == "Café – 10 £"


@pytest.mark.parametrize(
    "header", ["Message-ID: <[>", 'From: "', "To: a@b, <", "From: :;@[", "Date: Thu, 99 Apr 9999"]
)
def test_a_header_the_library_gives_up_on_does_not_lose_the_mail(header):
    [document] = read(f"{header}\nSubject: Kept\n\nThe words.".encode(), "x.eml")
    assert {("subject", "Kept"), ("text", "The words.")} <= words([document])
    assert header.partition(": ")[2] in {p.text for p in document.parts}
    assert document.dated_on is None
