"""What the law's words lead to: places left open in braces, and pathways that name letters and capacities."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import combinations
from string import Formatter

from sar.domain.authority import Capacity
from sar.domain.errors import BadLaw
from sar.domain.guidance import RIGHTS_PLACES, STEP_PLACES
from sar.domain.letters import LETTERS
from sar.domain.pathways import Condition, Pathway
from sar.domain.statutes import Law


def check_places(law: Law) -> None:
    """Every place in braces is one that a pack can fill.

    :raises BadLaw: naming the entry.
    """
    for entry in law.guidance:
        known = STEP_PLACES | ({"by"} if entry.limit else set())
        _only_known((entry.heading, *entry.paragraphs), known, f"guidance/{entry.code}")
    for item in law.article15:
        _only_known((item.text,), RIGHTS_PLACES, f"article15/{item.code}")


def _only_known(texts: Iterable[str], known: frozenset[str], where: str) -> None:
    for text in texts:
        try:
            places = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        except ValueError as error:
            raise _bad("a brace is not closed", where) from error
        if unknown := sorted(places - known):
            said = ", ".join(f"{{{name}}}" for name in sorted(known))
            raise _bad(f"nothing fills '{{{unknown[0]}}}'; there is {said}", where)


def check_pathways(law: Law) -> None:
    """Every pathway names capacities and letters that there are, and no two answer the same request.

    :raises BadLaw: naming the entry.
    """
    entries = [entry for found in law.pathways.values() for entry in found]
    for entry in entries:
        _check_pathway(entry)
    for one, other in combinations((entry for entry in entries if not entry.beside), 2):
        if one.order == other.order and _share_a_day(one, other) and _share_a_case(one.when, other.when):
            raise _bad(
                f"'{other.code}' has the same order, and one request can be of both kinds", _where(one)
            )


def _check_pathway(entry: Pathway) -> None:
    capacities = {capacity.value for capacity in Capacity}
    named = {*entry.when.capacities, *((entry.asks_as,) if entry.asks_as else ())}
    if unknown := sorted(named - capacities):
        raise _bad(f"'{unknown[0]}' is not a capacity", _where(entry))
    if entry.letter not in {letter.code for letter in LETTERS.values()}:
        raise _bad(f"there is no letter '{entry.letter}'", _where(entry))
    codes = [outcome.code for outcome in entry.outcomes]
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise _bad(f"two outcomes are called '{twice[0]}'", _where(entry))


def _share_a_day(one: Pathway, other: Pathway) -> bool:
    return one.in_force_from <= (other.in_force_until or date.max) and other.in_force_from <= (
        one.in_force_until or date.max
    )


def _share_a_case(one: Condition, other: Condition) -> bool:
    """Whether one set of facts could fit both."""
    if (one.living, one.information) != (other.living, other.information):
        return False
    lists = ((one.capacities, other.capacities), (one.records, other.records))
    if any(a and b and not set(a) & set(b) for a, b in lists):
        return False
    said = (
        (one.responsibility, other.responsibility),
        (one.was_in_care, other.was_in_care),
        (one.was_adopted, other.was_adopted),
        (one.asked_as_foi, other.asked_as_foi),
    )
    if any(a is not None and b is not None and a != b for a, b in said):
        return False
    ages = [(rule.age_from or 0, 200 if rule.age_below is None else rule.age_below) for rule in (one, other)]
    return max(first for first, _ in ages) < min(below for _, below in ages)


def _where(entry: Pathway) -> str:
    return f"pathway/{entry.code}"


def _bad(why: str, where: str) -> BadLaw:
    return BadLaw(
        f"Law file entry {where}: {why}.", next_step="Correct the entry in the law files.", field=where
    )
