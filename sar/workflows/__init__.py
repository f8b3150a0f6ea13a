"""Durable work: what must go on after a crash, in order, over an existing engine.

The engine keeps ids, codes and counts, sealed. Everything else lives in the archive.
"""

from sar.workflows.asking import AskingInProcesses
from sar.workflows.jobs import EngineJobs
from sar.workflows.steps import ASK_AGAIN, Work
from sar.workflows.worker import Worker, run_worker

__all__ = ["ASK_AGAIN", "AskingInProcesses", "EngineJobs", "Work", "Worker", "run_worker"]
