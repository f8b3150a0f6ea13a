"""Texts, tables, pages and rich texts in the encodings and with the lies that really occur."""

import pytest

from sar.documents.kinds import kind_of
from sar.documents.reader import DocumentReading
from sar.domain.errors import UnreadableItem
from tests.fakes.compound import compound, native

READER = DocumentReading(recognise=lambda picture, budget: "PICTURE WORDS")


def said(content, name, media_type=""):
    [document] = READER.read(content, name=name, media_type=media_type)
    return [(p.place, p.text) for p in document.parts]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_the_encoding_of_a_text_is_found_with_a_mark_or_without(encoding):
    assert said("Dear Leanne, café – £10".encode(encoding), "x.txt") == [("text", "Dear Leanne, café – £10")]


def test_a_zero_in_the_text_does_not_end_it():
    assert said(b"x" * 5000 + b"\x00 and the rest", "x.txt") == [("text", "x" * 5000 + " and the rest")]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b" \n ", "a.txt"),
        (b"<html></html>", "a.html"),
        (b"{\\rtf1 }", "a.rtf"),
        (b"<a/>", "a.xml"),
        (b"\n\n", "a.csv"),
    ],
)
def test_a_file_that_says_nothing_is_held_back_and_not_read_as_empty(content, name):
    with pytest.raises(UnreadableItem):
        READER.read(content, name=name)


@pytest.mark.parametrize(
    ("table", "cells"),
    [
        ('a;b\n"1;5";2\n', ["1;5", "2"]),
        ('"a,b,c";d\n1;2\n', ["1", "2"]),
        ("sep=|\na|b\n1|2\n", ["1", "2"]),
        ("a\tb\r\n1\t2\r\n", ["1", "2"]),
        ('a,b\n"line\nbreak",2\n', ["line\nbreak", "2"]),
        ("\n\na,b\n=cmd(),2\n", ["=cmd()", "2"]),
    ],
)
def test_odd_tables_are_taken_apart(table, cells):
    assert [text for _, text in said(table.encode(), "t.csv")] == cells


def test_a_table_of_one_line_keeps_its_words():
    assert said(b"Isla,Fell", "t.csv") == [("column:", "Isla"), ("column:", "Fell")]


RICH = rb"""{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fcharset161 Greek;}}
{\colortbl;\red0\green0\blue0;}{\stylesheet{\s0 Normal;}}{\*\generator Program;}
{\info{\title Minutes}{\author Imran Baig}{\operator Yvonne}}
{\header Restricted\par}{\footer Page one}
Dear caf\'e9 \u8211?Leanne {\f1\'e1}\par
{\v Hidden words }shown{\deleted taken out}.{\footnote See the file.}
{\*\atnid IB}{\*\atnauthor Imran}{\*\annotation Is this so?}
{\field{\*\fldinst HYPERLINK "https://portal.example"}{\fldrslt the page}}
{\shp{\*\shpinst{\shptxt In a box\par}}}
{\*\unknownthing Odd words}
{\trowd Cell one\cell Cell two\cell\row}
}"""


def test_rich_text_keeps_its_words_and_apart_from_them_all_it_hides():
    found = said(RICH, "letter.rtf")
    text = dict(found)["text"]
    assert "Dear café –Leanne α" in text
    assert "shown." in text
    assert "the page" in text
    assert "Cell one|Cell two|" in text
    assert "Hidden words" not in text
    assert "taken out" not in text
    assert {
        ("hidden", "Hidden words"),
        ("deleted", "taken out"),
        ("header", "Restricted"),
        ("footer", "Page one"),
        ("footnote", "See the file."),
        ("comment", "Imran: Is this so?"),
        ("field", 'HYPERLINK "https://portal.example"'),
        ("text-box", "In a box"),
        ("property", "Minutes"),
        ("property", "Imran Baig"),
        ("hidden", "Odd words"),
    } <= set(found)
    assert not any("Arial" in words or "Normal" in words for _, words in found)


def test_what_rich_text_embeds_is_read_or_named():
    inside = compound({"\x01Ole10Native": native("note.txt", b"Dropped words.")}).hex().encode()
    content = (
        rb"{\rtf1 Words.{\object\objemb{\*\objclass Package}{\*\objdata 0105000002000000 "
        + inside
        + rb"}{\result Icon}}"
        rb"{\object{\*\objdata 01050000}}{\pict\wmetafile8 0100}{\pict\pngblip\bin4 \x00}}{}"
    )
    found = said(content, "x.rtf")
    assert ("attachment", "Dropped words.") in found
    named = [text for place, text in found if place == "unreadable"]
    assert any("object is embedded" in text for text in named)
    assert any("drawing" in text for place, text in found if place == "picture")


def test_letters_beyond_the_common_ones_are_put_together():
    assert said(rb"{\rtf1 \u-10179?\u-8704? \uc0\u233 t\u233}", "x.rtf")[0][1] == "😀 été"


def test_rich_text_that_is_made_to_hurt_is_refused_and_what_is_only_broken_is_read():
    with pytest.raises(UnreadableItem, match="too deep"):
        said(b"{\\rtf1 " + b"{" * 100_000, "x.rtf")
    assert said(b"{\\rtf1 before}}}}}} after", "x.rtf")[0][1] == "before after"
    assert "x" in said(b"{\\rtf1 \\'zz \\u99999999999? x", "x.rtf")[0][1]


def test_a_page_shows_hides_and_links():
    page = (
        "<!doctype html><html><head><meta charset=iso-8859-1><meta name=author content='Imran'><style>x</style></head>"
        "<body><h1>Caf\xe9</h1><table><tr><td>Isla<td>Fell</tr></table><input value='typed'>"
        "<span style='visibility:hidden'>unseen <b>at all</b></span> seen"
        "<iframe srcdoc='&lt;p&gt;framed&lt;/p&gt;'></iframe><noscript>without scripts</noscript></body></html>"
    ).encode("latin-1")
    found = said(page, "page.html")
    assert found[0] == ("text", "Café\n\nIsla Fell\n\nseen") or "seen" in found[0][1]
    assert "unseen" not in found[0][1]
    assert {
        ("hidden", "unseen at all"),
        ("hidden", "framed"),
        ("hidden", "without scripts"),
        ("form-field", "typed"),
        ("property", "author: Imran"),
    } <= set(found)


def test_svg_and_xml_are_read_without_expanding_anything():
    svg = "<svg xmlns='s'><title>Plan</title><text x='1'>Mother</text><desc>Who is who</desc></svg>"
    text = said(svg.encode(), "tree.svg")[0][1]
    for words in ("Plan", "Mother", "Who is who"):
        assert words in text
    laughs = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>'
    outside = '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l>&a;</l>'
    for bomb in (laughs, outside):
        with pytest.raises(UnreadableItem, match="entity"):
            said(bomb.encode(), "x.svg")
    [(place, text)] = said(b"<html><body>" + outside.encode() + b"kept</body></html>", "x.html")
    assert (place, "root:" in text, text.endswith("&a;kept")) == ("text", False, True)


@pytest.mark.parametrize(
    ("content", "name", "declared", "kind"),
    [
        (b"{\\rtf1 x}", "letter.docx", "", "application/rtf"),
        (b"%PDF-1.7", "letter.txt", "text/plain", "application/pdf"),
        (b"\xff\xd8\xff\xe0", "letter.pdf", "application/pdf", "image/*"),
        (b"Speaks of %PDF- only", "note.txt", "", "text/plain"),
        (b"<!DOCTYPE html><p>x", "page", "", "text/html"),
        (b"x", "thing", "text/csv; charset=utf-8", "text/csv"),
        (b"x", "thing.bin", "application/octet-stream", "application/octet-stream"),
        (b"From someone I heard", "note.txt", "", "text/plain"),
    ],
)
def test_the_bytes_win_over_a_lying_name_or_type(content, name, declared, kind):
    assert kind_of(content, name=name, media_type=declared) == kind


@pytest.mark.parametrize(
    "markup",
    [
        "<title>Note<body><p>kept</p></body>",
        "<body><p>before</p><title>Note<p>kept</p>",
        "<body><svg><title>icon</svg><p>kept</p>",
        "<body><svg><title>icon</svg>kept",
        "<body><p>before<style>p{}<p>kept</p>",
        "<body><p>before<script>x()<style>y<script>z<style><b>kept</b>",
    ],
)
def test_an_element_that_never_ends_swallows_no_words(markup):
    found = said(f"<html>{markup}".encode(), "x.html")
    assert any("kept" in text and not text.startswith("Title") for _, text in found)


def test_the_title_that_never_ends_is_said_too():
    assert ("property", "Title: Note") in said(b"<html><title>Note<body><p>kept</p>", "x.html")


def test_files_and_pictures_kept_in_the_markup_are_read_or_named():
    found = said(
        b"<html><body>See <img src='data:text/plain,Kept%20words'><img src='data:image/png;base64,AAAA'>"
        b"<div style='background: url(data:text/plain;base64,TW9yZSB3b3Jkcw==)'></div>"
        b"<img src='DATA:image/png;base64,A'><img src='https://photos.example/isla.jpg'></body></html>",
        "x.html",
    )
    assert ("attachment", "Kept words") in found
    assert ("attachment", "More words") in found
    assert ("link", "https://photos.example/isla.jpg") in found
    assert sum(place == "unreadable" for place, _ in found) == 2


def test_notes_in_the_markup_of_xml_are_kept():
    page = b'<?xml version="1.0"?><!-- father is not to know --><r><?keeper Isla?><a>x</a></r>'
    assert said(page, "a.xml") == [
        ("text", "a: x"),
        ("comment", "In the markup: father is not to know"),
        ("comment", "In the markup: keeper Isla"),
    ]
