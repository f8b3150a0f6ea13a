"""Whole names, and names that two people of a register bear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sar.domain.disclosure import fold
from sar.domain.parties import Person
from sar.domain.references import PersonId

_TITLES = frozenset(
    {"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "lady", "rev", "sister"}
)
_WHOLE_NAME = 2


def full_name(name: str) -> str:
    """A name of at least two words, for comparing; nothing for a first name, "Mrs Tully" or "K Lomax"."""
    words = [w for w in fold(name).replace(".", " ").split() if w not in _TITLES]
    return " ".join(words) if sum(len(w) > 1 for w in words) >= _WHOLE_NAME else ""


def shared_names(people: Iterable[Person]) -> tuple[str, ...]:
    """Full names that stand in two entries of the register: one name, perhaps two people. A person looks."""
    bearers: dict[str, dict[PersonId, str]] = defaultdict(dict)
    for person in people:
        for name in person.names:
            if key := full_name(name):
                bearers[key].setdefault(person.id, name)
    return tuple(sorted(next(iter(by.values())) for by in bearers.values() if len(by) > 1))
