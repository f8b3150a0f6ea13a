"""The process that is killed."""

from __future__ import annotations

import logging
import os
import re
import threading
from pathlib import Path

from sar.workflows import Worker
from tests.chaos.world import Log, World


class _Adoptions(logging.Handler):
    """The moments at which this worker took over the work of another."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        told = re.search(r"Took over (\d+) pieces of work of (\S+),", record.getMessage())
        if told and int(told[1]):
            self._log.write("adopted", pieces=int(told[1]), of=told[2])
        else:
            self._log.write("said", words=record.getMessage())


def work(folder: Path, takes: float, database: str) -> None:
    """What ``sar worker`` does, and a line in the log when it is up."""
    world = World(folder, database, takes=takes)
    logging.getLogger("sar").addHandler(_Adoptions(world.log))
    with Worker(world.data, world.vault, world.work(), database=database) as worker:
        world.log.write("up", name=worker.name, pid=os.getpid())
        threading.Event().wait()
