"""What somebody who is refused can do. Each law has its own remedies: the words and days of another would mislead."""

from __future__ import annotations

from datetime import date

from sar.domain.calendar import say_date
from sar.domain.complaint_routes import Route, Stage
from sar.domain.errors import OutOfOrder
from sar.domain.limits import TimeLimit
from sar.domain.pathways import Pathway
from sar.domain.statutes import Law

DATA_PROTECTION = "data-protection"


def own_remedies(law: Law, pathway: Pathway, on: date) -> str:
    """The remedies of a law other than data protection, from the day of the letter; a blank line between two.

    :raises OutOfOrder: nothing is known to say; a refusal without its remedies never leaves.
    """
    if pathway.if_refused:
        return "\n\n".join(("If you do not agree, this is what you can do.", *pathway.if_refused))
    if not pathway.appeal:
        raise OutOfOrder(
            "The law that answers this part has no letter of this kind.",
            next_step="Choose the letter that this law asks for: it comes first in the list.",
        )
    steps = _steps(law, law.route(pathway.appeal), on)
    return "\n\n".join(("If you do not agree, you can take these steps, one by one.", *steps))


def _steps(law: Law, route: Route, on: date) -> list[str]:
    stage, found = route.stages[0], []
    while stage.lodge_limit:
        found.append(_step(law, stage, on, is_first=stage == route.stages[0]))
        if not stage.next_stage:
            break
        stage = route.stage(stage.next_stage)
    return found


def _step(law: Law, stage: Stage, on: date, *, is_first: bool) -> str:
    limit = law.find_time_limit(stage.lodge_limit, on)
    said = [f"{stage.title}.", stage.how]
    if stage.who == "the regulator":
        said.append(f"The regulator is the {law.regulator_on(on).name}.")
    if limit is not None:
        # Only the first step runs from this letter; the days of the others are told with the answer before.
        by = f"Do so by {say_date(law.due(limit.code, on))}." if is_first else _time(limit)
        said += [by, limit.discretion]
    if not stage.next_stage:
        said.append(stage.time_words)
    said.append(f"({_spelled(stage.citation)})")
    return " ".join(part for part in said if part)


def _time(limit: TimeLimit) -> str:
    start = "As a rule you have" if limit.uncertain else "You have"
    return f"{start} {span(limit)} from {limit.runs_from}."


def span(limit: TimeLimit) -> str:
    """``20 working days``."""
    unit = limit.unit.value.replace("-", " ")
    return f"1 {unit.removesuffix('s')}" if limit.count == 1 else f"{limit.count} {unit}"


def _spelled(citation: str) -> str:
    """Families are not used to ``s.50``."""
    return citation.replace(" ss.", " sections ").replace(" s.", " section ").replace(" r.", " rule ")


def court_time(law: Law) -> str:
    """In words: it runs from the day of the wrong, which nobody has recorded."""
    return law.route(DATA_PROTECTION).stage("court").time_words
