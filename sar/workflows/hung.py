"""Work that is neither done nor dead: no step of it was finished for a long time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from dbos import DBOSClient, WorkflowStatus, WorkflowStatusString

RUNNING = WorkflowStatusString.PENDING.value


def last_step_at(client: DBOSClient, work: WorkflowStatus) -> datetime:
    """When the newest step of a running piece of work ended, or when it was begun."""
    steps = client.list_workflow_steps(work.workflow_id, load_output=False)
    ended = [at for one in steps if (at := one["completed_at_epoch_ms"]) is not None]
    begun = work.dequeued_at or work.updated_at or 0
    return datetime.fromtimestamp(max([begun, *ended]) / 1000, tz=UTC)


def hung_among(
    client: DBOSClient, running: Iterable[WorkflowStatus], *, after: float, now: datetime
) -> list[tuple[WorkflowStatus, datetime]]:
    """Those of them that finished no step for so many seconds."""
    found = []
    for work in running:
        begun = work.dequeued_at or work.updated_at or 0
        if work.status != RUNNING or now.timestamp() - begun / 1000 < after:
            continue
        since = last_step_at(client, work)
        if (now - since).total_seconds() >= after:
            found.append((work, since))
    return found
