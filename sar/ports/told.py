"""What staff write and a family reads on its own page: it passes the gate before anything of it is kept."""

from __future__ import annotations

from sar.domain.errors import WithheldTextFound
from sar.ports.casework import request_of, withheld_from
from sar.ports.disclosing import Inspector
from sar.ports.keeping import CaseFile


def require_tellable(file: CaseFile, inspector: Inspector, *, leg: int | None, **said: str) -> None:
    """Refuse words that hold something withheld from whoever reads them. The field is the argument's name.

    :param leg: whose recipient reads them; without one (None or 0) every leg's recipient may.
    :raises WithheldTextFound: nothing may be kept.
    """
    written = {field: words for field, words in said.items() if words.strip()}
    if not written:
        return
    readers = [leg] if leg else [one.number for one in request_of(file).legs]
    for number in readers:
        needles = withheld_from(file, number)
        for field, words in written.items():
            if inspector.inspect_text(words, needles, place=field):
                raise WithheldTextFound(
                    "These words hold something that is withheld from the family, who would read them.",
                    next_step="Take names and other words about other people out, and try again.",
                    field=field,
                )
