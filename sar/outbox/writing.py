"""A letter's facts put into its words. The words stand in ``templates/letters``, one file a letter."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, select_autoescape

from sar.domain.errors import NotFound
from sar.ports.disclosing import Letter, LetterFacts

_GAP = re.compile(r"\n\s*\n")


class LetterRoom:
    """Implements ``sar.ports.disclosing.LetterWriter``.

    :param templates: the folder that holds ``letters/``.
    :param say: how a date is written. It is given, because nothing here may see more of the program.
    """

    def __init__(self, *, templates: Path, say: Callable[[date], str]) -> None:
        # Letters are plain text: only a page of ours is written in HTML, and escapes what stands in it.
        self._environment = Environment(
            loader=FileSystemLoader(templates),
            undefined=StrictUndefined,
            autoescape=select_autoescape(),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters["day"] = say

    def write(self, facts: LetterFacts) -> Letter:
        """The letter exactly as it would leave.

        :raises NotFound: there are no words for this kind.
        """
        try:
            template = self._environment.get_template(f"letters/{facts.kind}.txt")
        except TemplateNotFound:
            raise NotFound(
                "There are no words for a letter of this kind.",
                next_step="Choose another kind of letter.",
                field="kind",
            ) from None
        text = template.render(facts=facts, days=facts.days, words=facts.words, codes=facts.codes)
        return Letter(
            to=facts.to,
            address=facts.address,
            # A locked screen shows the subject to whoever holds the telephone.
            subject=f"A message about {facts.reference}",
            paragraphs=tuple(p.strip() for p in _GAP.split(text) if p.strip()),
            kind=facts.kind,
        )
