"""Reading in processes of their own, with bounded memory and time: a hostile document ends its process, not ours."""

from __future__ import annotations

import json
import multiprocessing
import os
import queue
import resource
import signal
import threading
import time
from contextlib import suppress
from datetime import date
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from sar.documents.limits import MORE_TIME, too_large, unreadable
from sar.documents.reader import DocumentReading
from sar.domain.errors import UnreadableItem
from sar.ports.gathering import DocumentReader, ReadDocument, ReadPart

MOST_MEMORY = 1536 * 1024 * 1024
"""Bytes of address space. A page of text needs a few megabytes; nested forms made to hurt need gigabytes."""
MOST_SECONDS = 30.0
"""For one document; text recognition and files inside files ask for more, step by step."""
MOST_SECONDS_IN_ALL = 1800.0
MOST_SECONDS_TO_START = 120.0
AT_ONCE = 2
LOOK_EVERY_S = 1.0
Answer = dict[str, object]


class IsolatedReading:
    """Implements ``DocumentReader`` over another one. Each process reads one document at a time."""

    def __init__(
        self, reader: DocumentReader | None = None, *, seconds: float = MOST_SECONDS, at_once: int = AT_ONCE
    ) -> None:
        self._free: queue.LifoQueue[_Process] = queue.LifoQueue()
        for _ in range(at_once):
            self._free.put(_Process(reader or DocumentReading(), seconds))

    def read(self, content: bytes, *, name: str, media_type: str = "") -> tuple[ReadDocument, ...]:
        """As the reader inside.

        :raises UnreadableItem: also when the document uses up the memory or the time it is given.
        """
        process = self._free.get()
        try:
            return process.read(content, name, media_type)
        finally:
            self._free.put(process)


class _Process:
    """One child process, started when first needed and again after it had to be ended."""

    def __init__(self, reader: DocumentReader, seconds: float) -> None:
        self._reader = reader
        self._seconds = seconds
        self._child: BaseProcess | None = None
        self._line: Connection | None = None

    def read(self, content: bytes, name: str, media_type: str) -> tuple[ReadDocument, ...]:
        try:
            line = self._started()
            line.send_bytes(json.dumps([name, media_type]).encode())
            line.send_bytes(content)
            said = self._wait(line)
        except (EOFError, OSError, ValueError):
            self._end()
            raise unreadable("a document that ends the program that reads it") from None
        except BaseException:
            self._end()
            raise
        return _understood(said)

    def _wait(self, line: Connection) -> Answer:
        began = time.monotonic()
        until = began + self._seconds
        while True:
            left = min(until, began + MOST_SECONDS_IN_ALL) - time.monotonic()
            if left <= 0 or not line.poll(left):
                raise too_large("a document that takes too long to read")
            said: Answer = json.loads(line.recv_bytes())
            if "more" not in said:
                return said
            until += float(str(said["more"]))

    def _started(self) -> Connection:
        if self._line is None or self._child is None or not self._child.is_alive():
            self._end()
            spawning = multiprocessing.get_context("spawn")
            self._line, theirs = spawning.Pipe()
            self._child = spawning.Process(
                target=_serve, args=(self._reader, theirs, os.getpid()), daemon=True
            )
            self._child.start()
            theirs.close()
            # What it imports takes its time on a busy machine; that is no fault of the document.
            if not self._line.poll(MOST_SECONDS_TO_START):
                raise too_large("a document whose reader does not start")
            self._line.recv_bytes()
        return self._line

    def _end(self) -> None:
        """End the process and its children at once: it may be in the midst of something that never ends."""
        if self._child is not None and self._child.pid is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, signal.SIGKILL)
            self._child.kill()
            self._child.join()
            self._child.close()
        if self._line is not None:
            self._line.close()
        self._child = self._line = None


def _understood(said: Answer) -> tuple[ReadDocument, ...]:
    match said:
        case {"fault": [str(message), str(next_step), str(field)]}:
            raise UnreadableItem(message, next_step=next_step, field=field)
        case {"documents": list(documents)}:
            return tuple(map(_document, documents))
        case _:
            raise unreadable("a document built in a way this program does not know")


def _document(said: list[object]) -> ReadDocument:
    match said:
        case [str(media_type), str(dated_on), str(saved_on), list(parts)]:
            return ReadDocument(
                parts=tuple(ReadPart(place=place, text=text) for place, text in parts),
                media_type=media_type,
                dated_on=date.fromisoformat(dated_on) if dated_on else None,
                saved_on=date.fromisoformat(saved_on) if saved_on else None,
            )
        case _:
            raise unreadable("a document built in a way this program does not know")


# From here on: inside the child. What it says is JSON, since a hostile document may have made it its own.


def _serve(reader: DocumentReader, line: Connection, parent: int) -> None:
    _confine(parent)
    line.send_bytes(b"{}")
    MORE_TIME.set(lambda seconds: line.send_bytes(json.dumps({"more": seconds}).encode()))
    while True:
        try:
            name, media_type = json.loads(line.recv_bytes())
            content = line.recv_bytes()
        except EOFError:
            return
        line.send_bytes(json.dumps(_read(reader, content, name, media_type)).encode())


def _read(reader: DocumentReader, content: bytes, name: str, media_type: str) -> Answer:
    try:
        documents = reader.read(content, name=name, media_type=media_type)
        return {
            "documents": [
                [
                    d.media_type,
                    d.dated_on.isoformat() if d.dated_on else "",
                    d.saved_on.isoformat() if d.saved_on else "",
                    [[p.place, p.text] for p in d.parts],
                ]
                for d in documents
            ]
        }
    except UnreadableItem as fault:
        return {"fault": [fault.message, fault.next_step, fault.field]}
    except MemoryError:
        os._exit(1)  # nothing in this process can be relied on any more
    except Exception:  # noqa: BLE001 - a parser's surprise about one file must not stop the others
        return {}


def _confine(parent: int) -> None:
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_EVERY_S)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
