"""Marks that systems and word processors leave beside documents: how a folder looks, who has a file open."""

from __future__ import annotations

import re
from collections.abc import Callable

from sar.domain.errors import UnreadableItem
from sar.stores.files_tree import Listed

_BY_NAME = re.compile(r"(\.ds_store|thumbs\.db|desktop\.ini)\Z", re.IGNORECASE)
_COPY_OF_LOOKS = re.compile(r"\._.")
_OPENED_BY = re.compile(r"~\$.")
_LOCKED_BY = re.compile(r"\.~lock\..*#\Z")
_LOOKS_BEGIN = (b"\x00\x05\x16\x07", b"\x00\x05\x16\x00")
_OPENED_SIZES = frozenset({162, 165})
"""Bytes: as Word, and as Excel and PowerPoint write whoever has a file open."""
_LONGEST_NAME = 54
_LOCK_SIZE = 2_000


def is_left_by_program(file: Listed, read: Callable[[str], bytes]) -> bool:
    """Whether a file is such a mark. A name alone proves nothing where people could give it to a letter."""
    name = file.name.rpartition("/")[2]
    if _BY_NAME.match(name):
        return True
    if file.why or not any(kind.match(name) for kind in (_COPY_OF_LOOKS, _OPENED_BY, _LOCKED_BY)):
        return False
    if not file.size:
        return True
    if not _COPY_OF_LOOKS.match(name) and file.size > _LOCK_SIZE:
        return False
    try:
        content = read(file.name)
    except UnreadableItem:
        return False
    if _COPY_OF_LOOKS.match(name):
        return content.startswith(_LOOKS_BEGIN)
    if _OPENED_BY.match(name):
        return len(content) in _OPENED_SIZES and 0 < content[0] <= _LONGEST_NAME
    return content.startswith(b",") and content.rstrip().endswith(b";")
