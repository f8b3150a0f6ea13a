"""Rendering in processes of its own: layout is one long calculation, and several packs should share the cores."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from sar.domain.disclosure import Pack
from sar.domain.errors import EnvironmentFault
from sar.packs.rendering import PackRenderer
from sar.ports.disclosing import RenderedPack

MOST_PROCESSES = 4
LOOK_EVERY_S = 1.0


class PooledRenderer:
    """Implements ``Renderer`` over ``PackRenderer``. Processes start at the first pack, or at ``warm``."""

    def __init__(self, renderer: PackRenderer, *, processes: int | None = None) -> None:
        self._renderer = renderer
        self._processes = processes or min(MOST_PROCESSES, os.cpu_count() or 1)
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def warm(self) -> None:
        """Start the processes and load the layout library in them, while something else is done."""
        pool = self._started()
        for _ in range(self._processes):
            pool.submit(_load)

    def render(self, pack: Pack) -> RenderedPack:
        """As ``PackRenderer.render``; a process that dies (no memory) is an EnvironmentFault."""
        try:
            return self._started().submit(self._renderer.render, pack).result()
        except BrokenProcessPool as fault:
            self.close()
            raise EnvironmentFault(
                "A process that lays out packs was ended by the system.",
                next_step="Free some memory and release the pack again: nothing was lost.",
            ) from fault

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(wait=False, cancel_futures=True)
                self._pool = None

    def _started(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                # A fork of a process with threads can hang; a fresh one cannot.
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(
                    self._processes, mp_context=context, initializer=_end_with, initargs=(os.getpid(),)
                )
            return self._pool


def _end_with(parent: int) -> None:
    """End this process when the one that started it is gone: killed, it could not close the pool."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_EVERY_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _load() -> None:
    import weasyprint  # noqa: F401, PLC0415 - loading it is the point
