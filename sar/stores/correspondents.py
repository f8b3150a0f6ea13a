"""Who wrote a mail and to whom, by its headers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.utils import getaddresses

from sar.domain.parties import Person, Role
from sar.ports.gathering import ReadDocument
from sar.stores.answers import AnswerBuilder, unnumbered
from sar.stores.names import fold, names_of

_HEADERS = frozenset({"from", "to", "cc", "bcc", "reply-to"})


def correspondents(
    document: ReadDocument, answer: AnswerBuilder, domains: Mapping[str, str]
) -> Iterator[Person]:
    """Everyone but the subject; whoever writes from a listed domain writes in their work."""
    own = {fold(n) for n in names_of(answer.subject)}
    headers = [p.text for p in document.parts if p.place in _HEADERS]
    for name, address in getaddresses(headers):
        if not name or not address or fold(name) in own:
            continue
        employer = domains.get(address.rpartition("@")[2].casefold(), "")
        yield Person(
            id=unnumbered(answer.store, name),
            name=name,
            role=Role.PROFESSIONAL if employer else Role.THIRD_PARTY,
            employer=employer,
            emails=(address,),
            seen_in=(answer.store,),
        )
