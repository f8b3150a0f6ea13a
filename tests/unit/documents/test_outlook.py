"""Messages saved by Outlook, and files in the container Office used before 2007."""

import struct
from datetime import UTC, date, datetime

import pytest

from sar.documents.outlook_text import unpacked
from sar.documents.reader import DocumentReading
from sar.domain.errors import UnreadableItem
from tests.fakes.compound import compound, fields, message_inside, native, outlook

READER = DocumentReading()
SUBJECT, BODY, HTML, RTF, HEADERS = 0x37, 0x1000, 0x1013, 0x1009, 0x7D
NAME, ADDRESS, TYPE = 0x3001, 0x39FE, 0x0C15


def read(tree, name="message.msg"):
    return READER.read(compound(tree), name=name)


def words(documents):
    return {(p.place, p.text) for d in documents for p in d.parts}


def recipient(name, address, kind):
    return fields({NAME: name, ADDRESS: address}, numbers={TYPE: kind})


def plain(**more):
    texts = {
        SUBJECT: "Wrong patient",
        BODY: "Dear Leanne,\r\nwe are sorry.",
        0x0C1A: "Imran Baig",
        0x5D01: "imran@example.org",
    }
    return fields(texts, times={0x39: datetime(2025, 4, 24, 9, 5, tzinfo=UTC)}, header=32, **more)


def test_a_message_says_who_when_what_and_whom_it_was_copied_to_blindly():
    people = [recipient("Yvonne", "y@example.org", 1), recipient("Quiet One", "quiet@example.org", 3)]
    [document] = read(outlook(plain(), recipients=people))
    assert {
        ("from", "Imran Baig <imran@example.org>"),
        ("to", "Yvonne <y@example.org>"),
        ("bcc", "Quiet One <quiet@example.org>"),
        ("subject", "Wrong patient"),
        ("text", "Dear Leanne,\nwe are sorry."),
    } <= words([document])
    assert document.dated_on == date(2025, 4, 24)
    assert document.media_type == "application/vnd.ms-outlook"


def test_headers_of_the_way_are_read_and_a_blind_copy_beside_them():
    headers = (
        "From: Imran Baig <imran@example.org>\r\nTo: y@example.org\r\nSubject: =?utf-8?b?V3Jvbmc=?=\r\n"
        "Date: Wed, 23 Apr 2025 23:30:00 -0500\r\nX-Note: folded\r\n over lines\r\n\r\n"
    )
    message = plain(binaries={})
    message |= {k: v for k, v in fields({HEADERS: headers}, header=32).items() if "007D" in k}
    message["__properties_version1.0"] += struct.pack("<HHIII", 0x1F, HEADERS, 6, len(headers) * 2, 0)
    people = [recipient("Yvonne", "y@example.org", 1), recipient("Quiet", "q@example.org", 3)]
    [document] = read(outlook(message, recipients=people))
    found = words([document])
    assert ("subject", "Wrong") in found
    assert ("other-header", "X-Note: folded over lines") in found
    assert ("bcc", "Quiet <q@example.org>") in found
    assert [p.text for p in document.parts if p.place == "to"] == ["y@example.org"]
    assert document.dated_on == date(2025, 4, 23)


def test_attachments_and_messages_inside_are_read_and_what_lies_elsewhere_is_named():
    inner = outlook(fields({SUBJECT: "Old", BODY: "The inner words.", 0x0C1A: "Marcus"}, header=24))
    attachments = [
        fields({0x3707: "Tully.txt"}, numbers={0x3705: 1}, binaries={0x3701: b"Attached words."}),
        fields({0x3707: "broken.pdf"}, numbers={0x3705: 1}, binaries={0x3701: b"%PDF-1.7 torn"}),
        message_inside("An old one", inner),
        fields({0x3707: "far.docx"}, numbers={0x3705: 2}),
    ]
    found = words(read(outlook(plain(), attachments=attachments)))
    assert {("attachment-name", "Tully.txt"), ("attachment", "Attached words.")} <= found
    assert {("attachment", "The inner words."), ("attachment", "From: Marcus")} <= found
    assert ("from", "Marcus") not in found
    reasons = {text for place, text in found if place == "unreadable"}
    assert any("damaged PDF" in r for r in reasons)
    assert any("kept elsewhere" in r for r in reasons)


def test_the_html_wording_is_read_when_it_differs_and_what_it_hides_in_any_case():
    page = b"<p>Dear Leanne, we are sorry.</p><p style='display:none'>She must not know.</p>"
    found = words(read(outlook(plain(binaries={HTML: page}))))
    assert ("hidden", "She must not know.") in found
    assert [t for p, t in found if p == "text"] == ["Dear Leanne,\nwe are sorry."]


def packed(rtf):
    """Literal bytes only, as a program may write them; then the point that ends the text."""
    runs = [rtf[i : i + 8] for i in range(0, len(rtf), 8)]
    body = b"".join(b"\0" + run for run in runs[:-1])
    last = runs[-1]
    window = (207 + len(rtf)) % 4096
    body += bytes([1 << len(last) if len(last) < 8 else 0]) + last
    if len(last) == 8:
        body += b"\1"
    body += struct.pack(">H", window << 4)
    return struct.pack("<IIII", len(body) + 12, len(rtf), 0x75465A4C, 0) + body


def test_a_message_with_rich_text_only_is_read():
    rtf = rb"{\rtf1\ansi\deff0 Only here: caf\'e9.\par}"
    assert unpacked(packed(rtf)) == rtf
    message = fields({SUBJECT: "Rich"}, binaries={RTF: packed(rtf)}, header=32)
    assert ("text", "Only here: café.") in words(read(outlook(message)))


def test_packed_text_may_point_back_to_what_was_said():
    # Three literals, then: from the first of them, nine letters on. The window begins at 207.
    body = bytes([0b1000]) + b"ab " + struct.pack(">H", 207 << 4 | (9 - 2))
    raw = struct.pack("<IIII", len(body) + 12, 12, 0x75465A4C, 0) + body
    assert unpacked(raw) == b"ab ab ab ab "


def test_a_damaged_rich_wording_is_named_and_the_rest_kept():
    found = words(read(outlook(plain(binaries={RTF: b"torn"}))))
    assert ("text", "Dear Leanne,\nwe are sorry.") in found
    assert any(place == "unreadable" for place, _ in found)


@pytest.mark.parametrize(
    ("streams", "why"),
    [
        ({"EncryptedPackage": b"x" * 5000, "EncryptionInfo": b"y"}, "password"),
        ({"WordDocument": b"x" * 5000}, "before 2007"),
        ({"Workbook": b"x" * 5000}, "before 2007"),
        ({"Something": b"x"}, "kind of file"),
    ],
)
def test_old_and_locked_office_files_are_named(streams, why):
    with pytest.raises(UnreadableItem, match=why):
        read(streams, "minutes.docx")


def test_a_file_dropped_into_another_is_read():
    found = words(read({"\x01Ole10Native": native("note.txt", b"Dropped words.")}, "oleObject1.bin"))
    assert {("attachment-name", "note.txt"), ("attachment", "Dropped words.")} <= found


def test_a_torn_message_is_held_back_in_words():
    whole = compound(outlook(plain()))
    for cut in (600, 1100, len(whole) // 2):
        with pytest.raises(UnreadableItem) as fault:
            READER.read(whole[:cut], name="torn.msg")
        assert "torn.msg" not in fault.value.message


def listed(message, kind, field, value):
    """The message with one more line in its list of fields."""
    lines = message["__properties_version1.0"] + struct.pack("<HHIQ", kind, field, 6, value)
    return {**message, "__properties_version1.0": lines}


def test_categories_days_and_how_secret_a_message_is_are_read():
    message = plain()
    words_of_it = "Child protection".encode("utf-16-le")
    message |= {
        "__substg1.0_8005101F": struct.pack("<I", len(words_of_it)),
        "__substg1.0_8005101F-00000000": words_of_it,
    }
    begins = datetime(2024, 3, 9, 14, 30, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)
    message = listed(message, 0x0040, 0x0060, int(begins.total_seconds()) * 10**7)
    message = listed(message, 0x0003, 0x0036, 3)
    assert {
        ("other-header", "Outlook field: Child protection"),
        ("other-header", "Begins: 2024-03-09 14:30 UTC"),
        ("other-header", "Sensitivity: confidential"),
    } <= words(read(outlook(message)))


def test_what_the_list_of_fields_does_not_name_is_read_all_the_same():
    message = fields({SUBJECT: "Wrong patient"}, header=32)
    message["__substg1.0_1000001F"] = "Words of the letter".encode("utf-16-le")
    message["__substg1.0_8011001F"] = "A field of theirs".encode("utf-16-le")
    message[f"__substg1.0_{HTML:04X}0102"] = b"<p>On the page</p>"
    found = words(read(outlook(message)))
    assert {
        ("text", "Words of the letter"),
        ("text", "On the page"),
        ("other-header", "Outlook field: A field of theirs"),
    } <= found


def test_bytes_that_programs_keep_in_a_message_are_read_or_counted():
    message = plain()
    message["__substg1.0_80010102"] = b"Told by Mrs Tully"
    message["__substg1.0_80020102"] = (
        b"\x02\xff\x00\x01" + "Living at the refuge".encode("utf-16-le") + b"\x00\x00\xff"
    )
    message["__substg1.0_80030102"] = b"<html><p>On a page</p></html>"
    message["__substg1.0_80040102"] = bytes(range(0x80, 0xA0))
    message["__substg1.0_80051102"] = struct.pack("<II", 9, 0)
    message["__substg1.0_80051102-00000000"] = b"One of it"
    found = words(read(outlook(message)))
    assert {
        ("other-header", "Outlook field: Told by Mrs Tully"),
        ("other-header", "Outlook field: Living at the refuge"),
        ("attachment", "On a page"),
        ("other-header", "Outlook field: One of it"),
        ("other-header", "Outlook fields without words: 1, of 32 bytes"),
    } <= found


def test_where_an_attachment_is_kept_is_said():
    elsewhere = fields({0x3707: "note.txt", 0x370D: "https://cloud.example/isla"}, numbers={0x3705: 7})
    found = words(read(outlook(plain(), attachments=[elsewhere])))
    assert ("link", "https://cloud.example/isla") in found
    assert any(place == "unreadable" and "kept elsewhere" in text for place, text in found)
