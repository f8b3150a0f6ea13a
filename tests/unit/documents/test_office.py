"""A presentation: every answer as often as it was given, and what stands behind the slides."""

import io
import zipfile

from sar.documents.reader import DocumentReading

READER = DocumentReading(recognise=lambda picture, budget: "")


def said(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        for name, content in parts.items():
            file.writestr(f"{name.replace('__', '/')}.xml", content)
    [document] = READER.read(out.getvalue(), name="x.pptx")
    return [(p.place, p.text) for p in document.parts]


def slide(*paragraphs):
    lines = "".join(f"<a:p>{line}</a:p>" for line in paragraphs)
    return f'<p:sld xmlns:a="urn:a" xmlns:p="urn:p"><p:sp>{lines}</p:sp></p:sld>'


def run(text):
    return f"<a:r><a:t>{text}</a:t></a:r>"


def test_an_answer_given_twice_or_of_one_letter_is_kept_where_it_was_given():
    answers = ("Hurt?", "No", "Father there?", "No", "How often?", "7", "Signed", "J")
    found = said(ppt__slides__slide1=slide(*map(run, answers)))
    assert found == [("text", " | ".join(answers))]


def test_a_name_set_in_pieces_is_one_name():
    line = f"{run('Is')}{run('la ')}\n{run('Hartley')}<a:br/>{run('seen')}"
    assert said(ppt__slides__slide1=slide(line)) == [("text", "Isla Hartley seen")]


def test_numbers_of_a_chart_are_each_kept():
    chart = '<c:chart xmlns:c="urn:c"><c:v>Bruises</c:v><c:v>5</c:v><c:v>5</c:v></c:chart>'
    assert said(ppt__charts__chart1=chart) == [("chart", "Bruises | 5 | 5")]


def test_what_stands_behind_every_slide_is_said_and_prompts_of_the_program_are_not():
    found = said(
        ppt__slides__slide1=slide(run("Shown")),
        ppt__slideMasters__slideMaster1=slide(run("Case conference on Isla"), run("Second level")),
        ppt__slideLayouts__slideLayout1=slide(run("Click to edit Master title style")),
    )
    assert [text for _, text in found] == ["Behind the slides: Case conference on Isla", "Shown"]


def test_a_part_too_deep_to_follow_is_named():
    deep = "<a>" * 5000 + "x" + "</a>" * 5000
    assert [place for place, _ in said(ppt__slides__slide1=slide(run("Shown")), ppt__deep=deep)] == [
        "unreadable",
        "text",
    ]
