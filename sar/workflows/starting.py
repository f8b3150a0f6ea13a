"""How a piece of work is put down, whoever does it: the site, the command line, or the one who looks after all work."""

from __future__ import annotations

from dbos import DBOSClient, WorkflowStatus, WorkflowStatusString

from sar.domain.references import CaseId
from sar.workflows.engine import PINNED_VERSION
from sar.workflows.lines import GATHER, JOBS_QUEUE, gather_id, later_prefix

GIVEN_UP_FOR = "given up for round"
OPEN = [
    WorkflowStatusString.PENDING.value, WorkflowStatusString.ENQUEUED.value, WorkflowStatusString.DELAYED.value,
]  # fmt: skip


def put_down(client: DBOSClient, name: str, job: str, *arguments: str | int) -> None:
    """The same job again changes nothing while it is known."""
    client.enqueue(
        {
            "workflow_name": name,
            "queue_name": JOBS_QUEUE,
            "workflow_id": job,
            "app_version": PINNED_VERSION,
        },
        *arguments,
    )


def give_up_earlier(client: DBOSClient, case: CaseId, round_number: int) -> None:
    """End the attempts that earlier rounds of a case still have before them: this round asks what they would ask."""
    earlier = [
        piece.workflow_id
        for piece in still_open(client, later_prefix(case))
        if round_of(piece.workflow_id) < round_number
    ]
    for piece in earlier:
        # Should the round be stopped, they are owed again.
        client.update_workflow_attributes(piece, {GIVEN_UP_FOR: round_number})
    if earlier:
        client.cancel_workflows(earlier)


def start_forgotten(client: DBOSClient, case: CaseId, round_number: int) -> bool:
    """Start a round's job where there is none: whoever began the round died before they put it down."""
    job = gather_id(case, round_number)
    if client.list_workflows(workflow_ids=[job], load_input=False, load_output=False):
        return False
    give_up_earlier(client, case, round_number)
    put_down(client, GATHER, job, case, round_number)
    return True


def still_open(client: DBOSClient, prefix: str) -> list[WorkflowStatus]:
    """Work of this name that has not ended."""
    return client.list_workflows(workflow_id_prefix=prefix, status=OPEN, load_input=False, load_output=False)


def round_of(later: str) -> int:
    """The round of a later attempt, by its name."""
    return int(later.split("/")[2])
