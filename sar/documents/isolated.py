"""Reading in a process of its own, with bounded memory and time: a hostile document ends that process, not ours."""

from __future__ import annotations

import multiprocessing
import os
import resource
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from concurrent.futures.process import BrokenProcessPool

from sar.documents.limits import too_large, unreadable
from sar.documents.reader import DocumentReading
from sar.domain.errors import SARError
from sar.ports.gathering import DocumentReader, ReadDocument

MOST_MEMORY = 1536 * 1024 * 1024
"""Bytes of address space. A page of text needs a few megabytes; nested forms made to hurt need gigabytes."""
MOST_SECONDS = 30.0
LOOK_EVERY_S = 1.0


class IsolatedReading:
    """Implements ``DocumentReader`` over another one. One document at a time, so that only the culprit is held back."""

    def __init__(self, reader: DocumentReader | None = None, *, seconds: float = MOST_SECONDS) -> None:
        self._reader = reader or DocumentReading()
        self._seconds = seconds
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def read(self, content: bytes, *, name: str, media_type: str = "") -> tuple[ReadDocument, ...]:
        """As the reader inside.

        :raises UnreadableItem: also when the document uses up the memory or the time it is given.
        """
        with self._lock:
            asked = self._started().submit(_read, self._reader, content, name, media_type)
            try:
                return asked.result(timeout=self._seconds)
            except TookTooLong:
                self._end()
                raise too_large("a document that takes too long to read") from None
            except (BrokenProcessPool, MemoryError):
                self._end()
                raise unreadable("a document that ends the program that reads it") from None
            except SARError:
                raise
            except Exception:  # noqa: BLE001 - a parser's surprise about one file must not stop the others
                raise unreadable("a document built in a way this program does not know") from None

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_confine,
                initargs=(os.getpid(),),
            )
        return self._pool

    def _end(self) -> None:
        """End the process at once: it may be in the midst of something that never ends."""
        if self._pool is not None:
            for process in (self._pool._processes or {}).values():  # noqa: SLF001 - there is no public way to kill
                process.kill()
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def _confine(parent: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_EVERY_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _read(reader: DocumentReader, content: bytes, name: str, media_type: str) -> tuple[ReadDocument, ...]:
    return reader.read(content, name=name, media_type=media_type)
