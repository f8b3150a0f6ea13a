"""The sample's files bear the dates of a real folder: none of them is of the day on which the demo is run."""

from datetime import UTC, datetime

from sar.demonstration.documents import date_documents


def test_every_file_bears_the_day_in_its_name_or_that_of_the_last_entry(tmp_path):
    for name in ("2023-08-12-police.pdf", "hartley.mbox", "more/2024-01-05-letter.txt"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(name)
    date_documents(tmp_path)
    days = {
        p.name: datetime.fromtimestamp(p.stat().st_mtime, UTC).date().isoformat()
        for p in tmp_path.rglob("*.*")
    }
    assert days == {
        "2023-08-12-police.pdf": "2023-08-12",
        "2024-01-05-letter.txt": "2024-01-05",
        "hartley.mbox": "2026-10-12",
    }
