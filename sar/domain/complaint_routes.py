"""Routes of complaint and appeal, with their stages, as the law files say them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from sar.domain.errors import BadLaw, UnknownName
from sar.domain.pathways import RecordsOf


class LodgeFrom(Enum):
    """What the family's time to use a stage runs from."""

    KNOWLEDGE = "knowledge"
    """The day they first knew of the matter: it runs while an earlier stage is still open."""
    PREVIOUS_ANSWER = "previous-answer"
    EVENT = "event"
    """The day of the matter itself. It is not recorded, so the time is said in words and never as a date."""


class RespondFrom(Enum):
    """What the time for the answer runs from."""

    OPENING = "opening"
    ACKNOWLEDGEMENT = "acknowledgement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of a route: who looks at it, how to ask, and by when each side must act."""

    code: str
    title: str
    who: str
    how: str
    citation: str
    lodge_limit: str = ""
    lodge_from: LodgeFrom = LodgeFrom.PREVIOUS_ANSWER
    acknowledge_limit: str = ""
    respond_limit: str = ""
    longest_limit: str = ""
    """Where the answer may lawfully take longer, the outside limit."""
    respond_from: RespondFrom = RespondFrom.OPENING
    respond_does: str = ""
    """What must be done by ``respond_limit``, where that is not yet the answer: "meet", or to tell how it is going."""
    further_limits: tuple[str, ...] = ()
    """What follows ``respond_limit`` until the answer, each counted from the one before."""
    reminders: tuple[str, ...] = ()
    """Limits of our own, shown as reminders where the law fixes no number of days."""
    time_words: str = ""
    """What the law says about time where it fixes no number of days."""
    next_stage: str = ""
    also: tuple[str, ...] = ()
    """Other stages of this route that are open from here, beside the next one."""
    uncertain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way to complain or appeal, from the first stage to the last."""

    code: str
    body_kind: str
    title: str
    covers: str
    not_covered: str
    stages: tuple[Stage, ...]
    citation: str
    in_force_from: date
    dead_files: tuple[RecordsOf, ...] = ()
    """Whose files of somebody who died are complained about on this route: the letters name it, and its ombudsman."""
    opened_here: bool = True
    """False for a body or a court that is gone to directly: shown, never opened as a complaint with us."""

    def __post_init__(self) -> None:
        codes = [stage.code for stage in self.stages]
        named = {code for stage in self.stages for code in (stage.next_stage, *stage.also)}
        dangling = named - set(codes) - {""}
        if not codes or len(set(codes)) != len(codes) or dangling:
            raise BadLaw(
                f"{self.code}: a route needs stages with different codes that lead to each other.",
                next_step="Correct the stages of the route in the law files.",
                field=self.code,
            )

    def stage(self, code: str) -> Stage:
        """The stage of that code."""
        for stage in self.stages:
            if stage.code == code:
                return stage
        raise UnknownName(
            f"The route '{self.code}' has no stage of that name.",
            next_step="Choose one of: " + ", ".join(stage.code for stage in self.stages) + ".",
            field="stage",
        )
