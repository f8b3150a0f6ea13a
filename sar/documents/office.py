"""An Office file that is neither letter nor workbook (a presentation): the words of every part."""

from __future__ import annotations

from sar.documents.inside import Inside
from sar.documents.kinds import OFFICE
from sar.documents.leftovers import leftovers
from sar.documents.limits import unreadable
from sar.documents.package import opened, properties, saved_on
from sar.ports.gathering import ReadDocument


def read_office(content: bytes, inside: Inside) -> tuple[ReadDocument, ...]:
    """One document: the words of its parts in the order of their names, then what it says of itself.

    :raises UnreadableItem: it is damaged, swollen, or says nothing.
    """
    package = opened(content, inside, what="an Office file")
    on = saved_on(package)
    about = list(properties(package, inside))
    parts = (*leftovers(package, inside), *about)
    if not parts:
        raise unreadable("an Office file of a kind this program cannot read")
    return (ReadDocument(parts=parts, media_type=OFFICE, saved_on=on),)
