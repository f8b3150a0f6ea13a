"""Facts put into the words of a letter or a notice. The words stand in ``templates``, one file a kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, select_autoescape

from sar.domain.errors import NotFound
from sar.ports.disclosing import Letter, LetterFacts, NoticeFacts

_GAP = re.compile(r"\n\s*\n")


class LetterRoom:
    """Implements ``LetterWriter`` and ``NoticeWriter`` of ``sar.ports.disclosing``.

    Whoever writes to the keeper of a store is given the second alone: a notice has no words that anybody typed.

    :param templates: the folder that holds ``letters/`` and ``notices/``.
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
        paragraphs = self._worded("letters", "letter", facts, words=facts.words, codes=facts.codes)
        return Letter(
            to=facts.to,
            address=facts.address,
            subject=_subject(facts),
            paragraphs=paragraphs,
            kind=facts.kind,
        )

    def notice(self, facts: NoticeFacts) -> Letter:
        """The notice exactly as it would leave: fixed sentences, a reference, days and a link.

        :raises NotFound: there are no words for this kind.
        """
        return Letter(
            to="",
            address=facts.address,
            subject=_subject(facts),
            paragraphs=self._worded("notices", "notice", facts),
            kind=facts.kind,
            message_id=facts.message_id,
        )

    def _worded(
        self, folder: str, noun: str, facts: LetterFacts | NoticeFacts, **seen: object
    ) -> tuple[str, ...]:
        """The paragraphs of the file of this kind in this folder; it sees the facts, and what is named here."""
        try:
            template = self._environment.get_template(f"{folder}/{facts.kind}.txt")
        except TemplateNotFound:
            raise NotFound(
                f"There are no words for a {noun} of this kind.",
                next_step=f"Choose another kind of {noun}.",
                field="kind",
            ) from None
        text = template.render(facts=facts, days=facts.days, **seen)
        return tuple(p.strip() for p in _GAP.split(text) if p.strip())


def _subject(facts: LetterFacts | NoticeFacts) -> str:
    """Says nothing of anybody: a locked screen shows the subject to whoever holds the telephone."""
    return f"A message about {facts.reference}"
