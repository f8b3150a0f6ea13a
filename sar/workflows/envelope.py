"""What the engine stores of ours: JSON of ids, codes and counts, sealed under the installation's key."""

from __future__ import annotations

import base64
import json
from typing import Any

from dbos import Serializer

from sar.domain.errors import EnvironmentFault, InvalidInput, SARError
from sar.ports.sealing import Vault

_PLACE = "engine"


class WorkFailed(SARError):
    """A piece of work ended in a fault. Only the fault's code and our own plain words are kept of it."""

    code = "work"
    exit_code = 1


class SealedSerializer(Serializer):
    """The engine's own would write pickles, in clear."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def name(self) -> str:
        return "sar_sealed_json"

    def serialize(self, data: Any) -> str:
        """Seal plain JSON. An exception is reduced to its code: its words may be anybody's."""
        plain = {"fault": fault_code(data)} if isinstance(data, BaseException) else {"value": data}
        text = json.dumps(plain, separators=(",", ":"), default=_refuse)
        return base64.b64encode(self._vault.seal_own(_PLACE, text.encode())).decode("ascii")

    def deserialize(self, serialized_data: str) -> Any:
        """What was sealed; a fault comes back as ``WorkFailed``."""
        opened = json.loads(self._vault.open_own(_PLACE, base64.b64decode(serialized_data)))
        return work_failed(opened["fault"]) if "fault" in opened else opened["value"]


def fault_code(error: BaseException) -> str:
    """What may be kept and logged of any error: its code, or the name of its class."""
    if isinstance(error, WorkFailed):
        return error.field or error.code
    return error.code if isinstance(error, SARError) else type(error).__name__


def work_failed(code: str) -> WorkFailed:
    """The error a reader gets for work that failed with this code."""
    return WorkFailed(
        f"The work stopped with: {code}.",
        next_step="Open the case to see what is asked of you, put it right and start the work again.",
        field=code,
    )


def may_pass(error: BaseException) -> bool:
    """Whether another attempt of the same step makes sense: the disk or a lock, not a refusal."""
    return isinstance(error, WorkFailed) and error.field == EnvironmentFault.code


def _refuse(value: object) -> Any:
    raise InvalidInput(
        f"A {type(value).__name__} is not handed to the engine.",
        next_step="Hand over ids, codes and counts only.",
    )
