"""What the pages show of the law: the choices an officer has, and the law as it is applied."""

from __future__ import annotations

from sar.domain.exemptions import Saying
from sar.domain.law_shown import LawSection, law_as_shown
from sar.domain.statutes import Law


class LawPages:
    """Reads of the law alone; no case is needed."""

    def __init__(self, *, law: Law) -> None:
        self._law = law

    def exemptions(self) -> tuple[tuple[str, str], ...]:
        """Code and title of every exemption a person may choose."""
        rules = [self._law.exemption(code) for code in self._law.exemptions]
        return tuple((str(r.code), r.title) for r in rules if r.withholds)

    def questions(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """For each exemption that asks something, the questions its decider answers in writing."""
        rules = [self._law.exemption(code) for code in self._law.exemptions]
        return {str(r.code): tuple((q.code, q.text) for q in r.questions) for r in rules if r.questions}

    def law_applied(self) -> tuple[LawSection, ...]:
        """The law as this installation applies it, with what is uncertain and what a setting changed."""
        return law_as_shown(self._law)

    def usual_sayings(self) -> dict[str, str]:
        """For each exemption, how much is usually said of a decision under it."""
        return {str(code): self._law.exemption(code).saying.value for code in self._law.exemptions}

    def sayings(self) -> tuple[tuple[str, str], ...]:
        """How much may be said of a decision."""
        words = {
            Saying.FULL: "the full reason",
            Saying.GENERAL: "a general reason",
            Saying.NOTHING: "nothing",
        }
        return tuple((s.value, words[s]) for s in Saying)

    def routes(self) -> tuple[tuple[str, str], ...]:
        """Code and title of every complaint route that is opened with us or passed on by us."""
        return tuple((r.code, r.title) for r in self._law.routes.values() if r.opened_here)

    def glossary(self) -> tuple[tuple[str, str], ...]:
        """Words of the trade and what they mean."""
        return tuple((g.term, g.meaning) for g in self._law.glossary)
