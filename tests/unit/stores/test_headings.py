"""Which headings of a table may stand as a label, where nobody looks for a name."""

import pytest

from sar.domain.headings import is_common_heading
from sar.domain.records import Passage
from sar.ports.gathering import ReadDocument, ReadPart
from sar.stores.documents import passages_of_documents


@pytest.mark.parametrize("heading", ["date", "recorded_by", "recordedBy", "Pupil name", "NHS no.", "A", ""])
def test_what_every_office_writes_above_a_column_is_a_heading(heading):
    assert is_common_heading(heading)


@pytest.mark.parametrize(
    "heading", ["Marcus Webb", "Father in prison", "Isla", "9992311584", "Pupil: Isla", "date " * 20, "Ё"]
)
def test_what_could_be_about_somebody_is_not(heading):
    assert not is_common_heading(heading)


def test_a_heading_that_could_be_about_somebody_is_text_and_never_a_label():
    cells = (
        ReadPart(place="column:Marcus Webb", text="Leanne Hartley"),
        ReadPart(place="column:entry", text="Seen"),
        ReadPart(place="column:SEN register", text="No"),
    )
    document = ReadDocument(parts=cells, media_type="text/csv")
    assert list(passages_of_documents([document], headings={"SEN register"})) == [
        Passage(label="Column", text="Marcus Webb: Leanne Hartley"),
        Passage(label="Entry", text="Seen"),
        Passage(label="SEN register", text="No"),
    ]
