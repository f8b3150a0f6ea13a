"""Asking a library that may hang: every question has a time limit, whatever the library does with it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import TypeVar

_T = TypeVar("_T")


class TooSlow(Exception):
    """The time for one question is over."""


class Asking:
    """A thread that can be left behind: a library that hangs in it keeps nobody waiting, not even at the end."""

    def __init__(self) -> None:
        self.given_up = False
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="folder", daemon=True)
        self._thread.start()

    def ask(self, question: Callable[[], _T], seconds: float) -> _T:
        """The answer or the error of one question."""
        if self.given_up:
            raise TooSlow
        answers: list[_T] = []
        errors: list[BaseException] = []
        done = threading.Event()

        def task() -> None:
            try:
                answers.append(question())
            except BaseException as fault:  # noqa: BLE001 (it is raised again, in the thread that asked)
                errors.append(fault)
            finally:
                done.set()

        self._tasks.put(task)
        if not done.wait(seconds):
            self.given_up = True
            raise TooSlow
        if errors:
            raise errors.pop()
        return answers.pop()

    def begin(self, task: Callable[[], None]) -> None:
        """Do this without anyone waiting for it, and whatever comes of it."""

        def quietly() -> None:
            # What is let go of can no longer fail anybody.
            with suppress(Exception):
                task()

        self._tasks.put(quietly)

    def stop(self) -> None:
        """No more questions; wait a little for the last one to end."""
        self._tasks.put(None)
        self._thread.join(_SHORT_S if self.given_up else _PARTING_S)

    def _work(self) -> None:
        while task := self._tasks.get():
            task()


_PARTING_S = 5
_SHORT_S = 0.5
