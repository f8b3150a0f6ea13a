"""Mail: every header, wording, attachment and nested message; what is locked is named; nothing is passed over."""

import base64
import binascii
import io
import quopri
import zipfile
from email.message import EmailMessage
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from PIL import Image

from sar.documents.limits import MAX_PARTS
from sar.documents.reader import DocumentReading

READER = DocumentReading(recognise=lambda picture, budget: "")


def read(content, name="x.eml"):
    return READER.read(content if isinstance(content, bytes) else content.encode(), name=name)


def said(content):
    [document] = read(content)
    return [(p.place, p.text) for p in document.parts]


def test_every_header_is_kept_repeated_folded_and_encoded():
    found = said(
        "Received: from a by b\nReceived: from b\n\tby c; Thu, 24 Apr 2025\n"
        "Subject: =?utf-8?q?Caf=C3=A9?= =?iso-8859-1?q?_d=E9j=E0?=\nX-Case: CH-4471\nX-Case: CH-4472\n"
        "In-Reply-To: <m0@example.org>\n\nWords."
    )
    assert ("subject", "Café déjà") in found
    assert [text for place, text in found if place == "other-header"] == [
        "Received: from a by b",
        "Received: from b by c; Thu, 24 Apr 2025",
        "X-Case: CH-4471",
        "X-Case: CH-4472",
        "In-Reply-To: <m0@example.org>",
    ]


def test_what_html_hides_links_to_and_notes_is_kept_apart_from_what_it_shows():
    found = said(
        "Content-Type: text/html; charset=utf-8\n\n<html><head><title>Note</title><style>p{}</style></head><body>"
        "<p>Dear Leanne</p><!-- check with dad first --><div style='display: none'>Never shown</div>"
        "<a href='https://portal.example/isla'>here</a> <a href='mailto:a@b.example'>a@b.example</a>"
        "<img alt='A photo of Isla'><script>x()</script></body></html>"
    )
    assert ("text", "Dear Leanne\n\nhere a@b.example A photo of Isla") in found
    assert {
        ("hidden", "Never shown"),
        ("comment", "In the markup: check with dad first"),
        ("link", "here: https://portal.example/isla"),
        ("property", "Title: Note"),
    } <= set(found)
    assert not any("p{}" in text or "x()" in text for _, text in found)
    assert any("scripts" in text for place, text in found if place == "other")
    assert sum(place == "link" for place, _ in found) == 1


def test_what_html_hides_is_kept_even_when_the_plain_wording_is_the_same():
    mail = EmailMessage()
    mail.set_content("Hello Leanne")
    mail.add_alternative("<p>Hello Leanne</p><p hidden>Not for her</p>", subtype="html")
    found = said(mail.as_bytes())
    assert found.count(("text", "Hello Leanne")) == 1
    assert ("hidden", "Not for her") in found


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        ("ms-tnef", "winmail.dat", "winmail.dat"),
        ("octet-stream", "winmail.dat", "winmail.dat"),
        ("pkcs7-mime", "smime.p7m", "S/MIME"),
        ("octet-stream", "smime.p7m", "S/MIME"),
        ("pgp-encrypted", "x.asc", "PGP"),
    ],
)
def test_what_needs_a_key_or_outlook_is_named_for_a_person(kind, name, words):
    mail = MIMEMultipart()
    mail.attach(MIMEText("Kept words."))
    mail.attach(MIMEApplication(b"\x01\x02", kind, name=name))
    found = said(mail.as_bytes())
    assert any(place == "text" and text == "Kept words." for place, text in found)
    assert any(place == "unreadable" and words in text for place, text in found)


def test_pgp_inside_the_words_is_named_and_a_signature_is_only_said():
    found = said("Subject: x\n\n-----BEGIN PGP MESSAGE-----\nabc\n-----END PGP MESSAGE-----\n")
    assert any(place == "unreadable" and "PGP" in text for place, text in found)
    mail = MIMEMultipart("signed")
    mail.attach(MIMEText("Signed words."))
    mail.attach(MIMEApplication(b"\x01", "pkcs7-signature", name="smime.p7s"))
    found = said(mail.as_bytes())
    assert not any(place == "unreadable" for place, _ in found)
    assert any("signature" in text for place, text in found if place == "other")


def test_calendar_entries_reports_and_forwarded_messages_are_read():
    inner = EmailMessage()
    inner["From"], inner["Bcc"], inner["Date"] = (
        "Marcus <m@example.org>",
        "Q <q@example.org>",
        "Fri, 1 Mar 2024 10:00:00 +0000",
    )
    inner.set_content("The inner words.")
    inner.add_attachment("<p>Deep page</p>", subtype="html", filename="deep.html")
    mail = MIMEMultipart("mixed")
    mail["Date"] = "Thu, 24 Apr 2025 09:05:00 +0000"
    mail.attach(MIMEText("BEGIN:VCALENDAR\nSUMMARY:Meeting about\n  Isla\nEND:VCALENDAR", "calendar"))
    outer = EmailMessage()
    outer.set_content("x")
    outer.add_attachment(inner)
    mail.attach(next(outer.iter_attachments()))
    [document] = read(mail.as_bytes())
    found = [(p.place, p.text) for p in document.parts]
    assert any(place == "calendar" and "Meeting about Isla" in text for place, text in found)
    assert {
        ("attachment", "From: Marcus <m@example.org>"),
        ("attachment", "Blind copied to: Q <q@example.org>"),
        ("attachment", "The inner words."),
        ("attachment", "Deep page"),
    } <= set(found)
    assert not any(place in {"from", "bcc"} for place, _ in found)
    assert str(document.dated_on) == "2025-04-24"


def test_words_before_and_after_the_parts_are_not_lost():
    found = said(
        'Content-Type: multipart/mixed; boundary="b"\n\nSecretly written before.\n--b\n\nShown.\n--b--\nAnd after.\n'
    )
    assert found == [("hidden", "Secretly written before."), ("hidden", "And after."), ("text", "Shown.")]


@pytest.mark.parametrize("charset", ["no-such-charset", "utf-8", "ascii", "utf-16"])
def test_words_in_an_encoding_the_mail_lies_about_are_kept(charset):
    content = f"Content-Type: text/plain; charset={charset}\n\nCaf".encode() + b"\xe9 Leanne\n"
    [(place, text)] = said(content)
    assert place == "text"
    assert charset == "utf-16" or text == "Café Leanne"


def test_more_parts_than_are_read_is_said():
    many = "".join(f"--b\n\nPart {n}\n" for n in range(MAX_PARTS + 10))
    found = said(f'Content-Type: multipart/mixed; boundary="b"\n\n{many}--b--\n')
    assert found[-1] == (
        "unreadable",
        "The message holds more parts than are read by machine. Look at the rest in the message itself.",
    )
    assert ("text", "Part 5") in found


def test_messages_too_deep_inside_each_other_are_said():
    mail = "Subject: innermost\n\nWords.\n"
    for n in range(40):
        mail = f"Subject: {n}\nContent-Type: message/rfc822\n\n{mail}"
    found = said(mail)
    assert sum(place == "unreadable" and "deep" in text for place, text in found) == 1


def test_an_archive_attached_is_read_and_its_locked_member_named():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a/note.txt", "Zipped words.")
        archive.writestr("torn.pdf", "%PDF-1.7 torn")
    mail = EmailMessage()
    mail.set_content("See the files.")
    mail.add_attachment(out.getvalue(), maintype="application", subtype="zip", filename="files.zip")
    found = said(mail.as_bytes())
    assert {
        ("attachment-name", "files.zip"),
        ("attachment", "a/note.txt"),
        ("attachment", "Zipped words."),
    } <= set(found)
    assert any(place == "unreadable" and "damaged PDF" in text for place, text in found)


def test_columns_of_an_attached_table_keep_their_headings():
    mail = EmailMessage()
    mail.set_content("x")
    mail.add_attachment(b"pupil,entry\nIsla,Fell\n", maintype="text", subtype="csv", filename="log.csv")
    assert {("attachment", "pupil: Isla"), ("attachment", "entry: Fell")} <= set(said(mail.as_bytes()))


def test_one_message_that_cannot_be_taken_apart_is_held_back_in_its_mailbox():
    good = "Message-ID: <{}>\nSubject: Kept\n\nOne.\n"
    deep = "Content-Type: multipart/mixed; boundary=a\n\n--a\n" * 5000
    documents = read(f"From x\n{good.format(1)}\nFrom x\n{deep}\nFrom x\n{good.format(2)}", "box.mbox")
    assert len(documents) == 3
    assert [d.media_type for d in documents][::2] == ["message/rfc822"] * 2
    held = documents[1]
    assert held.media_type == "application/x-unreadable" or any(p.place == "unreadable" for p in held.parts)


def _with_attachment():
    mail = MIMEMultipart(boundary="BB")
    mail.attach(MIMEText("Hello"))
    note = MIMEApplication(b"Line about Isla.\n" * 30, "octet-stream")
    note.add_header("Content-Disposition", "attachment", filename="note.txt")
    mail.attach(note)
    return mail.as_bytes()


def _unreadable(found):
    return [text for place, text in found if place == "unreadable"]


def test_a_mail_cut_inside_an_attachment_says_so_and_keeps_what_is_there():
    whole = _with_attachment()
    assert not _unreadable(said(whole))
    found = said(whole[:-203])
    assert ("text", "Hello") in found
    assert ("attachment-name", "note.txt") in found
    assert any("cut off" in text for text in _unreadable(found))


def test_words_wrongly_marked_as_packed_are_kept_as_they_stand():
    found = said("Content-Transfer-Encoding: base64\n\nShe is safe now; don't tell him.\n")
    assert ("text", "She is safe now; don't tell him.") in found
    assert len([1 for place, _ in found if place == "text"]) == 1
    assert any("not packed as it says" in text for text in _unreadable(found))


def test_a_line_added_under_a_packed_part_is_kept_with_what_is_packed():
    packed = base64.encodebytes(b"The meeting is on Monday, and the social worker will be there.").decode()
    found = said(f"Content-Transfer-Encoding: base64\n\n{packed}-- \nSent by the list.\n")
    words = "\n".join(text for place, text in found if place == "text")
    assert "social worker will be there" in words
    assert "Sent by the list." in words
    assert _unreadable(found)


def test_blanks_at_line_ends_do_not_make_a_packed_part_damaged():
    packed = base64.b64encode(b"Words of the letter").decode()
    found = said(f"Content-Transfer-Encoding: base64\n\n{packed[:8]} \r\n{packed[8:]} \r\n")
    assert [p for p in found if p[0] != "other-header"] == [("text", "Words of the letter")]


@pytest.mark.parametrize("kind", ["multipart/mixed", "multipart/mixed; boundary=X", "multipart/alternative"])
def test_parts_that_cannot_be_told_apart_are_said_and_their_words_kept(kind):
    found = said(f"Content-Type: {kind}\n\nThe words inside\n")
    assert ("text", "The words inside") in found
    assert any("cannot be told apart" in text for text in _unreadable(found))


def test_lines_that_are_no_header_and_a_packing_nobody_knows_are_said():
    found = said(" lost line\nSubject: s\nContent-Transfer-Encoding: base46\n\nWords")
    assert ("other-header", "lost line") in found
    assert ("text", "Words") in found
    assert len(_unreadable(found)) == 2


def test_words_that_say_they_are_wide_and_are_not_are_read():
    found = said("Content-Type: text/plain; charset=utf-16\n\nHello plain words")
    assert ("text", "Hello plain words") in found


def test_pictures_in_the_markup_are_read_and_left_out_styles_said():
    out = io.BytesIO()
    Image.new("RGB", (40, 40), "grey").save(out, "PNG")
    packed = base64.b64encode(out.getvalue()).decode()
    mail = (
        f'Content-Type: text/html\n\n<p>See</p><style>p{{}}</style><img src="data:image/png;base64,{packed}">'
    )
    [document] = DocumentReading(recognise=lambda picture, budget: "RECOGNISED").read(
        mail.encode(), name="x.eml"
    )
    found = [(p.place, p.text) for p in document.parts]
    assert ("scan", "RECOGNISED") in found
    assert ("other", "The message also holds styles: not words, and left out here.") in found


def _parts(*parts, kind="mixed"):
    joined = b"".join(b"--B\n" + part + b"\n" for part in parts)
    return b"Content-Type: multipart/" + kind.encode() + b"; boundary=B\n\n" + joined + b"--B--\n"


@pytest.mark.parametrize(
    ("words", "charset"),
    [
        ("\u041e\u043b\u0435\u043d\u0430 \u041a\u043e\u0432\u0430\u043b\u044c", "koi8-r"),
        ("\u7530\u4e2d\u3055\u3093", "iso-2022-jp"),
        ("\u0141ukasz", "utf-7"),
        ("\u0141ukasz \u017bak", "iso-8859-2"),
    ],
)
@pytest.mark.parametrize(("kind", "name"), [("plain", "n.txt"), ("html", "n.html"), ("csv", "n.csv")])
def test_an_attached_text_is_read_in_the_encoding_its_part_names(words, charset, kind, name):
    head = f"Content-Type: text/{kind}; charset={charset}; name={name}\nContent-Transfer-Encoding: base64\n\n"
    found = said(_parts(head.encode() + base64.encodebytes(words.encode(charset))))
    assert any(place == "attachment" and words in text for place, text in found)


def test_an_attached_file_that_is_no_text_is_not_touched_by_the_encoding_its_part_names():
    head = b"Content-Type: text/plain; charset=koi8-r; name=n.rtf\n\n"
    assert ("attachment", "Words") in said(_parts(head + b"{\\rtf1 Words}"))


@pytest.mark.parametrize(("plain", "page"), [("1.5 mg", "15 mg"), ("at 1 5 mg", "at 15 mg"), ("-15", "15")])
def test_two_wordings_with_other_numbers_are_both_kept(plain, page):
    first, second = f"Content-Type: text/plain\n\n{plain}", f"Content-Type: text/html\n\n<p>{page}</p>"
    found = said(_parts(first.encode(), second.encode(), kind="alternative"))
    assert {("text", plain), ("text", page)} <= set(found)


def test_what_the_headers_of_a_part_say_is_kept():
    found = said(_parts(b"Content-Type: text/plain\nContent-ID: <1>\nX-Comment: About Isla\n\nhi"))
    assert [text for place, text in found if place == "other-header"] == ["X-Comment: About Isla"]


@pytest.mark.parametrize("packing", ["base64", "quoted-printable"])
def test_a_message_packed_in_a_message_is_unpacked(packing):
    inner = "From: z@z.example\nSubject: Inner\nContent-Type: text/plain; charset=utf-8\n\n\u0141ukasz was there\n"
    pack = base64.encodebytes if packing == "base64" else quopri.encodestring
    head = f"Content-Type: message/rfc822\nContent-Transfer-Encoding: {packing}\n\n".encode()
    found = said(_parts(head + pack(inner.encode())))
    assert {("attachment", "Subject: Inner"), ("attachment", "\u0141ukasz was there")} <= set(found)
    assert not _unreadable(found)


def test_a_file_packed_among_the_words_is_taken_out_and_read():
    packed = binascii.b2a_uu(b"The packed words about Isla").decode()
    found = said(f"Subject: s\n\nHello\n\nbegin 644 note.txt\n{packed}`\nend\nBye\n")
    assert {("attachment-name", "note.txt"), ("attachment", "The packed words about Isla")} <= set(found)
    assert [" ".join(text.split()) for place, text in found if place == "text"] == ["Hello Bye"]
    kept = said("Subject: s\n\nbegin 644 is how\nit starts\nend\n")
    assert any("it starts" in text for place, text in kept if place == "text")


def test_a_part_that_says_two_things_of_itself_is_named():
    found = said("Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=B\n\n--B\n\nx\n--B--\n")
    assert any("more than once" in text for text in _unreadable(found))


def test_rich_text_as_the_wording_itself_is_read():
    assert ("attachment", "Words") in said("Content-Type: text/rtf\n\n{\\rtf1 W\\'6frds}\n")
