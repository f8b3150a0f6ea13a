import pytest

from sar.domain.errors import InvalidInput
from sar.domain.references import CaseReference, RecordKey, StoreName


@pytest.mark.parametrize("text", ["SA-2026-0001", "SA-2026-12345"])
def test_a_reference_is_what_people_quote(text):
    assert str(CaseReference(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "SA-2026-001", "sa-2026-0001", "SA-26-0001", "SA-2026-0001\n", " SA-2026-0001", "SA-2026-0001/../x"],
)
def test_anything_else_is_refused_without_repeating_it(text):
    with pytest.raises(InvalidInput) as refused:
        CaseReference(text)
    assert refused.value.field == "reference"
    assert not text.strip() or text not in refused.value.message


def test_a_record_is_named_by_its_store_and_its_own_number():
    key = RecordKey(StoreName("ward"), "Flag/17")
    assert str(key) == "ward/Flag/17"
    assert key == RecordKey(StoreName("ward"), "Flag/17")
    assert key != RecordKey(StoreName("desk"), "Flag/17")
