"""A case replayed from its trail, once for each trail: pages ask many times."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from sar.domain.case import CaseState, replay
from sar.domain.trail import Event

_STATES_HELD = 64


class _Replayed:
    """The cases that were replayed last. They hold dates and codes, no personal data."""

    def __init__(self) -> None:
        self._states: OrderedDict[str, CaseState] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, events: Sequence[Event]) -> CaseState:
        """The state of a trail. Its newest digest binds every event before it."""
        head = events[-1].digest
        with self._lock:
            known = self._states.get(head)
            if known is not None:
                self._states.move_to_end(head)
                return known
        state = replay(events)
        with self._lock:
            self._states[head] = state
            while len(self._states) > _STATES_HELD:
                self._states.popitem(last=False)
        return state


_REPLAYED = _Replayed()


def replayed(events: Sequence[Event]) -> CaseState:
    """The case as its trail tells it. Raises OutOfOrder for a trail without a request."""
    return _REPLAYED.of(events) if events else replay(events)
