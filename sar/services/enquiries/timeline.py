"""What happened in a case, in words: each event by itself, or long runs of decisions folded together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import groupby
from types import MappingProxyType
from typing import overload

from sar.domain.alerts import say
from sar.domain.calendar import uk_day
from sar.domain.trail import Event, EventKind
from sar.ports.pages import TimelineRow

ENTRIES = MappingProxyType(
    {
        EventKind.REQUEST_RECEIVED: "The request was received",
        EventKind.IDENTITY_ASKED: "Proof of identity was asked for",
        EventKind.IDENTITY_SHOWN: "Proof of identity came",
        EventKind.IDENTITY_JUDGED: "An officer recorded how they know who asks",
        EventKind.AUTHORITY_ASKED: "Proof of authority was asked for",
        EventKind.AUTHORITY_SHOWN: "Proof of authority came",
        EventKind.EVIDENCE_SEEN: "A document that shows the right to ask came",
        EventKind.LEG_ADDED: "This part was received",
        EventKind.CLARIFICATION_ASKED: "A question was put to the family",
        EventKind.CLARIFICATION_ANSWERED: "The family answered a question",
        EventKind.EXTENSION_NOTIFIED: "The family was told of more time",
    }
)


class Timeline(Sequence[TimelineRow]):
    """Every event in words, worked out when it is looked at: most pages of a case show none of them."""

    def __init__(self, events: Sequence[Event], *, stores: Mapping[str, str] = MappingProxyType({})) -> None:
        """``stores`` gives the labels of stores by name."""
        entries = {str(e.seq): ENTRIES[e.kind].lower() for e in events if e.kind in ENTRIES}
        self._events = events
        self._names = {"store": stores, "corrects": entries, "withdraws": entries}

    def __len__(self) -> int:
        return len(self._events)

    @overload
    def __getitem__(self, index: int) -> TimelineRow: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[TimelineRow]: ...
    def __getitem__(self, index: int | slice) -> TimelineRow | Sequence[TimelineRow]:
        if isinstance(index, slice):
            return tuple(self._row(event) for event in self._events[index])
        return self._row(self._events[index])

    def folded(self) -> tuple[TimelineRow, ...]:
        """The same, with the decisions that one person made on a leg one after the other in one row."""
        return tuple(self._together(list(group)) for _, group in groupby(self._events, key=_alike))

    def _together(self, events: Sequence[Event]) -> TimelineRow:
        newest = events[-1]
        if len(events) == 1:
            return self._row(newest)
        words = f"{_sentence(newest.kind.value)}: {len(events)} times"
        first_on = uk_day(events[0].at)
        if first_on != uk_day(newest.at):
            words += f", the first on {say(first_on)}"
        return TimelineRow(at=newest.at, words=words, who=_who(newest), leg=newest.leg)

    def _row(self, event: Event) -> TimelineRow:
        return TimelineRow(
            at=event.at, words=_event_words(event, self._names), who=_who(event), leg=event.leg
        )


_FOLDED = frozenset({EventKind.SPAN_DECIDED, EventKind.RECORD_DECIDED})


def _alike(event: Event) -> tuple[object, ...]:
    if event.kind not in _FOLDED:
        return (event.seq,)
    return event.kind, event.by, event.leg


def _who(event: Event) -> str:
    return event.by_role or ("family" if event.by == "family" else "sar")


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _event_words(event: Event, names: Mapping[str, Mapping[str, str]]) -> str:
    """An event and its facts. ``names`` says what a store, or an entry put right, is called."""
    said: list[str] = []
    for name, write in _FACTS.items():
        value = event.facts.get(name)
        if value is not None and value != "":
            said.append(names.get(name, {}).get(str(value)) or write(str(value)))
    words = _sentence(event.kind.value)
    return f"{words}: {', '.join(said)}" if said else words


def _dated(text: str) -> str:
    return say(date.fromisoformat(text))


def _numbered(one: str, many: str) -> Callable[[str], str]:
    return lambda text: f"{text} {one if text == '1' else many}"


_FACTS: dict[str, Callable[[str], str]] = {
    "store": str,
    "round": lambda text: f"round {text}",
    "answer": str,
    "records": _numbered("record", "records"),
    "changes": _numbered("change", "changes"),
    "proposals": _numbered("proposal", "proposals"),
    "task": lambda text: f"task {text}",
    "chase": lambda text: f"reminder {text}",
    "doing": lambda text: text.replace("-", " "),
    "how": lambda text: text.replace("-", " "),
    "attempt": lambda text: f"attempt {text}",
    "verdict": str,
    "outcome": lambda text: text.replace("_", " "),
    "exemption": str,
    "state": lambda text: text.replace("_", " "),
    "code": lambda text: text.replace("-", " "),
    "corrects": str,
    "withdraws": str,
    "letter": lambda text: text.replace("-", " "),
    "received_on": _dated,
    "asked_on": _dated,
    "got_on": _dated,
    "answered_on": _dated,
    "notified_on": _dated,
    "due_on": lambda text: f"due {_dated(text)}",
    "until": lambda text: f"until {_dated(text)}",
    "follows_on": lambda text: f"to follow by {_dated(text)}",
    "on": _dated,
}
"""Facts worth telling, in the order they are told, and how."""
