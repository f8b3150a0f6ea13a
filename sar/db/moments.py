"""Several readings of a case in one thread that see one moment: a page asks many services, and each opens the case."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack

from sar.db.case_file import SqlCaseFile
from sar.db.connecting import faults
from sar.domain.references import CaseId

Opener = Callable[[CaseId], AbstractContextManager[SqlCaseFile]]


class _Moment:
    """The one case that is held open, and how many readings are in it now."""

    def __init__(self) -> None:
        self.case: CaseId | None = None
        self.file: SqlCaseFile | None = None
        self.users = 0
        self._held = ExitStack()

    def open(self, case: CaseId, opener: Opener) -> SqlCaseFile:
        self.close()
        self.file = self._held.enter_context(opener(case))
        self.case = case
        return self.file

    def close(self) -> None:
        self.case = self.file = None
        self._held.close()


class Moments:
    """Holds one case open for a thread that asked for it. A thread that did not opens a case anew each time."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._of_thread = threading.local()

    @contextlib.contextmanager
    def one_moment(self) -> Iterator[None]:
        """Inside, this thread's readings of one case see one moment, until it writes."""
        if self._now() is not None:
            yield
            return
        moment = self._of_thread.moment = _Moment()
        try:
            yield
        finally:
            self._of_thread.moment = None
            moment.close()

    @contextlib.contextmanager
    def reading(self, case: CaseId) -> Iterator[SqlCaseFile]:
        """The case as it is held open, or opened for this reading alone."""
        moment = self._now()
        if moment is None or (moment.users and moment.case != case):
            with self._opener(case) as file:
                yield file
            return
        with faults(), self._used(moment):
            file = moment.file if moment.case == case and moment.file else moment.open(case, self._opener)
            yield file

    def forget(self) -> None:
        """This thread writes: whatever it reads next is read anew."""
        moment = self._now()
        if moment is None:
            return
        if moment.users:
            # Whoever is in the middle of it reads on there; the next reading opens the case for itself.
            moment.case = None
        else:
            moment.close()

    def _now(self) -> _Moment | None:
        moment: _Moment | None = getattr(self._of_thread, "moment", None)
        return moment

    @contextlib.contextmanager
    def _used(self, moment: _Moment) -> Iterator[None]:
        moment.users += 1
        is_whole = False
        try:
            yield
            is_whole = True
        finally:
            moment.users -= 1
            if not moment.users and (not is_whole or moment.case is None):
                # After a failure the transaction may not be good for anything more.
                moment.close()
