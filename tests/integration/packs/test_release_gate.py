"""One planted secret for every place a PDF can keep one; the gate must find each, and nothing in a clean pack."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, AttachedFileSpec, Dictionary, Name, OutlineItem, Stream, String
from PIL import Image
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from sar.domain.disclosure import Needles
from sar.domain.errors import InvalidInput
from sar.packs.inspection import PackInspection
from tests.unit.packs.sample_pack import SECRETS

SECRET = "Theodora Quillfeather"
NEEDLES = Needles([SECRET])
GATE = PackInspection()
PLANTS: dict[str, Callable[[], bytes]] = {}


def plant(make):
    PLANTS[make.__name__] = make
    return make


def drawn(*steps: Callable[[Canvas], object], **options) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, invariant=1, **options)
    for step in steps:
        step(canvas)
    canvas.drawString(72, 72, "Innocent words")
    canvas.save()
    return out.getvalue()


def edited(change: Callable[[pikepdf.Pdf], object], base: bytes | None = None) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(base or drawn())) as pdf:
        change(pdf)
        pdf.save(out)
    return out.getvalue()


def emptied_later(before: bytes) -> bytes:
    """A new revision in which the first page shows nothing; the old one stays in the file."""
    writer = IncrementalPdfFileWriter(BytesIO(before))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(StreamObject(stream_data=b""))
    writer.update_container(page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _on_page(pdf: pikepdf.Pdf, content: bytes, **resources) -> None:
    page = pdf.pages[0]
    for name, value in resources.items():
        page.Resources[Name("/" + name)] = value
    page.contents_add(Stream(pdf, content))


@plant
def visible_text():
    return drawn(lambda c: c.drawString(72, 500, SECRET))


@plant
def text_under_a_box():
    return drawn(lambda c: c.drawString(72, 500, SECRET), lambda c: c.rect(60, 490, 300, 30, fill=1))


@plant
def white_text():
    return drawn(lambda c: c.setFillGray(1), lambda c: c.drawString(72, 500, SECRET))


@plant
def invisible_text():
    def draw(canvas):
        text = canvas.beginText(72, 500)
        text.setTextRenderMode(3)
        text.textOut(SECRET)
        canvas.drawText(text)

    return drawn(draw)


@plant
def text_off_the_page():
    return drawn(lambda c: c.drawString(-4000, 9000, SECRET))


@plant
def cropped_text():
    return edited(
        lambda pdf: pdf.pages[0].obj.update({"/CropBox": Array([0, 0, 100, 100])}),
        drawn(lambda c: c.drawString(72, 700, SECRET)),
    )


@plant
def tiny_and_rotated_text():
    return drawn(
        lambda c: c.rotate(37), lambda c: c.setFont("Helvetica", 0.2), lambda c: c.drawString(300, 90, SECRET)
    )


@plant
def letters_set_one_by_one():
    def draw(canvas):
        for number, letter in enumerate(SECRET):
            canvas.drawString(72 + 7 * number, 500, letter)

    return drawn(draw)


@plant
def split_over_two_lines():
    first, last = SECRET.split()
    return drawn(
        lambda c: c.drawString(72, 500, f"It was {first}"),
        lambda c: c.drawString(72, 486, f"{last} who rang"),
    )


@plant
def split_over_two_pages_with_a_footer_between():
    first, last = SECRET.split()
    return drawn(
        lambda c: c.drawString(72, 90, f"It was {first}"), lambda c: c.drawString(72, 30, "SA-2031-0042 Page 1 of 2"),
        lambda c: c.showPage(), lambda c: c.drawString(72, 800, "Running head"),
        lambda c: c.drawString(72, 700, f"{last} who rang"),
    )  # fmt: skip


@plant
def hyphenated_at_the_line_end():
    return drawn(
        lambda c: c.drawString(72, 500, "It was Theodora Quill-"),
        lambda c: c.drawString(72, 486, "feather who rang"),
    )


@plant
def broken_by_soft_hyphens_and_odd_spaces():
    return drawn(lambda c: c.drawString(72, 500, "Theo\u00addora\u00a0Quill\u00adfeather"))


@plant
def other_case_and_wide_gaps():
    return drawn(lambda c: c.drawString(72, 500, "THEODORA      quillFEATHER"))


@plant
def attachment():
    return edited(
        lambda p: p.attachments.__setitem__("notes.txt", AttachedFileSpec(p, f"call from {SECRET}".encode()))
    )


@plant
def name_of_an_attachment():
    return edited(
        lambda p: p.attachments.__setitem__(
            f"{SECRET}.txt", AttachedFileSpec(p, b"x", filename=f"{SECRET}.txt")
        )
    )


@plant
def pdf_in_an_attachment():
    return edited(lambda p: p.attachments.__setitem__("in.pdf", AttachedFileSpec(p, visible_text())))


@plant
def office_file_in_an_attachment():
    inner = BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/comments.xml", f"<w:t>{SECRET}</w:t>")
    return edited(lambda p: p.attachments.__setitem__("in.docx", AttachedFileSpec(p, inner.getvalue())))


@plant
def document_information():
    return edited(lambda p: p.docinfo.__setitem__("/Keywords", SECRET))


@plant
def xmp_metadata():
    def change(pdf):
        with pdf.open_metadata() as meta:
            meta["dc:description"] = SECRET

    return edited(change)


@plant
def bookmark():
    def change(pdf):
        with pdf.open_outline() as outline:
            outline.root.append(OutlineItem(SECRET, 0))

    return edited(change)


@plant
def note_on_the_page():
    return edited(
        lambda p: p.pages[0].obj.update(
            {"/Annots": Array([p.make_indirect(Dictionary(
                Type=Name.Annot, Subtype=Name.Text, Rect=[0, 0, 9, 9], Contents=String(SECRET)))])}
        )
    )  # fmt: skip


@plant
def form_field():
    return edited(
        lambda p: p.Root.update(
            {"/AcroForm": Dictionary(Fields=Array([p.make_indirect(
                Dictionary(FT=Name.Tx, T=String("caller"), V=String(SECRET)))]))}
        )
    )  # fmt: skip


@plant
def actual_text_on_the_page():
    digits = ("\ufeff" + SECRET).encode("utf-16-be").hex().encode()
    return edited(lambda p: _on_page(p, b"/Span <</ActualText <" + digits + b">>> BDC EMC"))


@plant
def actual_text_of_a_tag():
    tag = Dictionary(Type=Name.StructElem, S=Name.Span, ActualText=String(SECRET))
    return edited(
        lambda p: p.Root.update({"/StructTreeRoot": p.make_indirect(Dictionary(K=p.make_indirect(tag)))})
    )


@plant
def alternative_text_in_utf16():
    return edited(
        lambda p: p.Root.update({"/StructTreeRoot": p.make_indirect(
            Dictionary(Type=Name.StructTreeRoot, Alt=String("Brief von " + SECRET + " \u2603")))})
    )  # fmt: skip


@plant
def earlier_revision():
    return emptied_later(visible_text())


@plant
def named_destination():
    return edited(
        lambda p: p.Root.update(
            {
                "/Names": Dictionary(
                    Dests=Dictionary(Names=Array([String(SECRET), Array([p.pages[0].obj, Name.Fit])]))
                )
            }
        )
    )


@plant
def old_style_name_key():
    return edited(
        lambda p: p.Root.update(
            {"/Dests": Dictionary({"/Theodora Quillfeather": Array([p.pages[0].obj, Name.Fit])})}
        )
    )


@plant
def page_label():
    return edited(
        lambda p: p.Root.update({"/PageLabels": Dictionary(Nums=Array([0, Dictionary(P=String(SECRET))]))})
    )


@plant
def javascript():
    return edited(
        lambda p: p.Root.update(
            {"/OpenAction": Dictionary(S=Name.JavaScript, JS=Stream(p, f"app.alert('{SECRET}')".encode()))}
        )
    )


@plant
def hidden_layer():
    def change(pdf):
        layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("off")))
        pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
        _on_page(
            pdf,
            f"/OC /L BDC BT /F1 12 Tf 72 300 Td ({SECRET}) Tj ET EMC".encode(),
            Properties=Dictionary(L=layer),
        )

    return edited(change)


@plant
def nested_form():
    def change(pdf):
        fonts = pdf.pages[0].Resources.Font
        inner = Stream(
            pdf, f"BT /F1 12 Tf [({SECRET[:7]}) -20 ({SECRET[7:]})] TJ ET".encode(), Type=Name.XObject,
            Subtype=Name.Form, BBox=[0, 0, 9, 9], Resources=Dictionary(Font=fonts),
        )  # fmt: skip
        pdf.make_indirect(inner)

    return edited(lambda p: (change(p), p.Root.update({"/Piece": p.objects[-1]})))


@plant
def page_taken_out_of_the_tree():
    def change(pdf):
        pdf.Root["/Kept"] = pdf.pages[0].obj
        del pdf.pages[0]

    return edited(change, drawn(lambda c: c.drawString(72, 500, SECRET), lambda c: c.showPage()))


@plant
def unreferenced_object_in_the_bytes():
    base = drawn()
    head, tail = base.split(b"xref", 1)
    return head.rstrip() + b"\n99 0 obj\n(" + SECRET.encode() + b")\nendobj\n" + b"xref" + tail


@plant
def comment_in_the_bytes():
    return drawn().replace(b"%%EOF", b"% " + SECRET.encode() + b"\n%%EOF")


@plant
def bytes_after_the_end():
    return drawn() + SECRET.encode() + b"\n"


@plant
def private_data_of_a_program():
    return edited(
        lambda p: p.Root.update(
            {"/PieceInfo": Dictionary(App=Dictionary(Private=Stream(p, SECRET.encode("utf-16-le"))))}
        )
    )


@pytest.mark.parametrize("name", sorted(PLANTS))
def test_a_planted_secret_is_found(name):
    content = PLANTS[name]()
    if name in ("unreferenced_object_in_the_bytes", "comment_in_the_bytes"):
        # The table of offsets moved; put it right, as a careful attacker would.
        position = content.rindex(b"xref\n", 0, content.rindex(b"startxref"))
        start = content.rindex(b"startxref\n")
        rest = content[start:].split(b"\n")
        content = content[:start] + b"\n".join([rest[0], str(position).encode(), *rest[2:]])
    leaks = GATE.inspect_pdf(content, NEEDLES)
    assert leaks, name
    assert all(leak.needle == 0 for leak in leaks)
    assert "heodora" not in repr(leaks)


def test_a_planted_secret_is_found_in_our_own_pack(rendered):
    content = edited(lambda p: p.docinfo.__setitem__("/Subject", SECRET), rendered.pdf)
    assert GATE.inspect_pdf(content, Needles(SECRETS))


def test_clean_packs_signed_or_not_are_clean(rendered, signed):
    assert GATE.inspect_pdf(drawn(), NEEDLES) == ()
    assert GATE.inspect_pdf(rendered.pdf, Needles(SECRETS)) == ()
    assert GATE.inspect_pdf(signed, Needles(SECRETS)) == ()
    assert GATE.inspect_text(rendered.html.decode(), Needles(SECRETS), place="html") == ()
    assert GATE.inspect_text(rendered.data.decode(), Needles(SECRETS), place="data") == ()


def test_words_that_are_there_are_found_in_every_copy(rendered, signed):
    needles = Needles(
        ["Priya Raman", "The kitchen was clean", "Nadia was asleep for most of the visit and woke settled"]
    )
    for leaks in (
        GATE.inspect_pdf(signed, needles),
        GATE.inspect_text(rendered.html.decode(), needles, place="html"),
        GATE.inspect_text(rendered.data.decode(), needles, place="data"),
    ):
        assert {leak.needle for leak in leaks} == {0, 1, 2}


def test_fingerprints_and_offsets_are_not_mistaken_for_numbers(rendered):
    """House numbers and short dates must not be found in digests, cross-reference tables or glyph codes."""
    numbers = Needles([f"{n:04d}" for n in (*range(3000, 3600), *range(7000, 7600))])
    assert GATE.inspect_pdf(rendered.pdf, numbers) == ()


@pytest.mark.parametrize(
    "text",
    [
        "<p>Theodora</p> <b>Quill</b>feather",
        "Theodora&nbsp;Quillfeather",
        "Th&#101;odora Quillfeather",
        '{"note": "Theodora\\nQuillfeather"}',
        '{"note": "\\u0054heodora Quillfeather"}',
        "mailto:Theodora%20Quillfeather",
        "Theodora Quill-\nfeather",
    ],
)
def test_text_copies_and_letters_are_searched_as_they_will_be_read(text):
    assert GATE.inspect_text(text, NEEDLES, place="letter")[0].place == "letter"


def test_what_cannot_be_read_is_never_called_clean():
    locked = BytesIO()
    with pikepdf.open(BytesIO(drawn())) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(owner="a", user=""))
    for content in (locked.getvalue(), b"%PDF-1.7\nnothing", b"", drawn()[:-200]):
        with pytest.raises(InvalidInput) as stop:
            GATE.inspect_pdf(content, NEEDLES)
        assert "gate cannot read" in stop.value.message


def test_a_picture_blocks_until_a_person_has_looked():
    picture = ImageReader(Image.new("RGB", (8, 8), "red"))
    content = drawn(lambda c: c.drawImage(picture, 100, 100))
    with pytest.raises(InvalidInput, match="picture"):
        GATE.inspect_pdf(content, NEEDLES)
    assert PackInspection(pictures_allowed=True).inspect_pdf(content, NEEDLES) == ()
