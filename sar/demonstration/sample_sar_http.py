"""A small service that speaks the subject-access contract, from one JSON file."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from sar.demonstration.sample_http import SampleHandler

_NOT_USED_HERE = 209
_PARAMETERS = {"nhs-number": "nhs", "tenancy-number": "tenancy"}


class Service:
    """What the service holds, by which number, and with which failures it begins."""

    def __init__(self, path: Path) -> None:
        settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self.parameter = _PARAMETERS.get(settings["identifier_type"], settings["identifier_type"])
        self.held: dict[str, Any] = settings.get("identifiers", {})
        self._first = list(settings.get("first_answers", []))
        self._lock = threading.Lock()

    def failure(self) -> int:
        """The next of its first failures; 0 when they are used up."""
        with self._lock:
            return int(self._first.pop(0)) if self._first else 0


def handler_for(service: Service) -> type[SampleHandler]:
    """A request handler bound to a service."""

    class ServiceHandler(SampleHandler):
        def reply(self, path: str, query: Mapping[str, list[str]]) -> None:
            """The one call of the contract."""
            if path != "/subject-access-request":
                self.say(HTTPStatus.NOT_FOUND)
                return
            numbers = {k: v[0] for k, v in query.items() if k not in {"fromDate", "toDate"}}
            if not numbers:
                self.say(HTTPStatus.BAD_REQUEST, {"status": 400, "userMessage": "A number is needed."})
            elif service.parameter not in numbers:
                self.say(_NOT_USED_HERE)
            elif numbers[service.parameter] == _CHECK_NUMBER:
                self.say(HTTPStatus.NO_CONTENT)
            elif failure := service.failure():
                self.say(failure)
            elif found := service.held.get(numbers[service.parameter]):
                self.say(HTTPStatus.OK, found)
            else:
                self.say(HTTPStatus.NO_CONTENT)

    return ServiceHandler


_CHECK_NUMBER = "0000000000"
"""What ``sar stores check`` asks with; it does not use up the failures that the demo wants to show."""
