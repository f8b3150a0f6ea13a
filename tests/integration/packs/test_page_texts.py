"""Pages read by many threads at once, as the server's do: the library behind it allows one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sar.packs.page_texts import PageFault, page_texts
from tests.architecture.test_ground_floor import imported
from tests.architecture.tree import program_files, shown, syntax_of

READING = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from sar.packs.page_texts import page_texts
content = Path(sys.argv[1]).read_bytes()
alone = page_texts(content)
assert "".join(alone).strip()
with ThreadPoolExecutor(8) as threads:
    for texts in threads.map(page_texts, [content] * 30):
        assert texts == alone
print("the same", len(alone))
"""


def test_many_threads_read_the_same_words_and_the_process_lives(rendered, tmp_path: Path) -> None:
    pdf = tmp_path / "pack.pdf"
    pdf.write_bytes(rendered.pdf)
    said = subprocess.run(
        [sys.executable, "-c", READING, str(pdf)], capture_output=True, text=True, check=False, timeout=120
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("the same")


def test_what_is_no_pdf_raises() -> None:
    with pytest.raises(PageFault):
        page_texts(b"not a PDF")


def test_nothing_else_of_the_server_uses_the_library() -> None:
    """Documents are read in processes of one thread each; the rest has to go by the lock."""
    users = {shown(f) for f in program_files() if "pypdfium2" in imported(syntax_of(f))}
    assert {u for u in users if not u.startswith("sar/documents/")} == {"sar/packs/page_texts.py"}
