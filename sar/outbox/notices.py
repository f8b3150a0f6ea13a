"""Notices to the keepers of stores: fixed sentences, a reference, days and a link. Nothing of anybody's case."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, select_autoescape

from sar.domain.errors import NotFound
from sar.ports.disclosing import Letter, NoticeFacts

_GAP = re.compile(r"\n\s*\n")


class NoticeRoom:
    """Implements ``sar.ports.disclosing.NoticeWriter``.

    :param templates: the folder that holds ``notices/``, one file a notice.
    :param say: how a date is written. It is given, because nothing here may see more of the program.
    """

    def __init__(self, *, templates: Path, say: Callable[[date], str]) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(templates),
            undefined=StrictUndefined,
            autoescape=select_autoescape(),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["day"] = say

    def notice(self, facts: NoticeFacts) -> Letter:
        """The notice exactly as it would leave.

        :raises NotFound: there are no words for this kind.
        """
        try:
            template = self._environment.get_template(f"notices/{facts.kind}.txt")
        except TemplateNotFound:
            raise NotFound(
                "There are no words for a notice of this kind.",
                next_step="Choose another kind.",
                field="kind",
            ) from None
        text = template.render(facts=facts, days=facts.days)
        return Letter(
            to="",
            address=facts.address,
            subject=f"A message about {facts.reference}",
            paragraphs=tuple(p.strip() for p in _GAP.split(text) if p.strip()),
            kind=facts.kind,
            message_id=facts.message_id,
        )
