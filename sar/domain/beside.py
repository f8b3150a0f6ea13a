"""A record as it was and as it is, side by side, with the words that differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from sar.domain.alerts import say
from sar.domain.changes import alerts_of
from sar.domain.records import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Words that stand on both sides, or on one alone."""

    text: str
    is_changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One labelled piece of a record, as it was and as it is."""

    label: str
    before: tuple[Run, ...]
    after: tuple[Run, ...]

    @property
    def is_changed(self) -> bool:
        """Whether anything in it differs."""
        return any(run.is_changed for run in (*self.before, *self.after))


_LONGEST_MARKED = 3000
"""Up to so many words the words that differ are marked one by one; beyond, the whole piece is."""


def side_by_side(before: Record | None, after: Record | None) -> tuple[Beside, ...]:
    """The words of both sides in order, alerts as they stand last."""
    old, new = _pieces(before), _pieces(after)
    rows: list[Beside] = []
    # What is the same stands beside itself first: one new entry among many alike must not shift all after it.
    for _, i, j, k, n in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        rows += _by_label(old[i:j], new[k:n])
    return tuple(rows)


def _by_label(old: Sequence[tuple[str, str]], new: Sequence[tuple[str, str]]) -> Iterator[Beside]:
    matched = SequenceMatcher(a=[p[0] for p in old], b=[p[0] for p in new], autojunk=False)
    for _, i, j, k, n in matched.get_opcodes():
        for then, now in zip_longest(old[i:j], new[k:n]):
            yield from _beside(then, now)


def _pieces(record: Record | None) -> list[tuple[str, str]]:
    if record is None:
        return []
    alerts = alerts_of(record.alert)
    said = [
        (f"Alert {number}, as coded", "; ".join(w for w in found if w)) for number, found in alerts.items()
    ]
    return [("Dated", say(record.dated_on)), *((p.label, p.text) for p in record.passages), *said]


def _beside(then: tuple[str, str] | None, now: tuple[str, str] | None) -> list[Beside]:
    if then and now and then[0] != now[0]:
        return [*_beside(then, None), *_beside(None, now)]
    label = (then or now or ("", ""))[0]
    old, new = then[1] if then else "", now[1] if now else ""
    if old == new:
        same = (Run(text=old),)
        return [Beside(label=label, before=same, after=same)]
    a, b = old.split(), new.split()
    if len(a) + len(b) > _LONGEST_MARKED:
        whole = (Run(text=old, is_changed=True),), (Run(text=new, is_changed=True),)
        return [Beside(label=label, before=whole[0], after=whole[1])]
    steps = SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes()
    before = [Run(text=" ".join(a[i:j]), is_changed=s != "equal") for s, i, j, _, _ in steps if j > i]
    after = [Run(text=" ".join(b[k:n]), is_changed=s != "equal") for s, _, _, k, n in steps if n > k]
    return [Beside(label=label, before=tuple(before), after=tuple(after))]
