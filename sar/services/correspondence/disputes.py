"""What letters about complaints and corrections say: dates from their own trails, words of the family and the law."""

from __future__ import annotations

from dataclasses import replace

from sar.domain.complaint_routes import Stage
from sar.domain.complaints import (
    ComplaintEvent,
    ComplaintFact,
    ComplaintState,
    Outcome,
    acknowledge_due,
    answer_dates,
    answer_due,
    next_step,
)
from sar.domain.complaints import state_of as complaint_state
from sar.domain.errors import NotFound, OutOfOrder, UnknownName
from sar.ports.casework import complaint_of, correction_of, recipients_of
from sar.services.correspondence.making import Making
from sar.services.correspondence.remedies import DATA_PROTECTION, court_time


def complaint_facts(making: Making) -> None:
    kept = complaint_of(making.file, making.wanted.complaint)
    if kept.leg is not None and kept.leg != making.leg.number:
        raise NotFound("That complaint is not about these records.", next_step="Open the complaint again.")
    if kept.leg is None and len(recipients_of(making.file)) > 1:
        raise OutOfOrder(
            "Nobody wrote down which of the people who ask has complained, so the answer could reach another.",
            next_step="Open the complaint again for the person who made it, and answer that one.",
        )
    state = complaint_state(kept.complaint, making.law)
    stage = making.law.route(kept.complaint.route).stage(state.stage)
    making.days["opened_on"] = state.stage_opened_on
    making.add_day("acknowledge_by", acknowledge_due(stage, state, making.law))
    if not making.is_automatic:
        making.codes.add("formal")
        # This letter is the acknowledgement from which some answers are counted.
        state = replace(state, acknowledged_on=state.acknowledged_on or making.on)
    _answer_days(making, stage, state)


def _answer_days(making: Making, stage: Stage, state: ComplaintState) -> None:
    """The day of the answer itself, and what has to happen before; a meeting or a report is no answer."""
    dates = answer_dates(stage, state, making.law)
    making.add_day("answer_by", answer_due(stage, state, making.law))
    if dates and stage.respond_does:
        making.add_day("first_by", dates[0].due_on)
        making.say(first_does=f"{stage.who} must {stage.respond_does}")
    if len(dates) > 2:  # noqa: PLR2004 - something lies between the first step and the answer
        making.add_day("report_by", dates[1].due_on)
        making.say(report_title=dates[1].limit.title)
    if not dates and stage.respond_limit:
        making.codes.add("answer-counted-later")


def outcome_of(code: str) -> Outcome:
    """How a complaint ended."""
    if code not in {o.value for o in Outcome}:
        raise UnknownName(
            "That is not an outcome.",
            next_step="Choose one of: " + ", ".join(o.value for o in Outcome) + ".",
            field="outcome",
        )
    return Outcome(code)


def answer_facts(making: Making) -> None:
    kept = complaint_of(making.file, making.wanted.complaint)
    outcome = outcome_of(making.wanted.outcome)
    making.codes.add(outcome.value.replace(" ", "-"))
    fact = ComplaintFact(event=ComplaintEvent.ANSWERED, on=making.on, outcome=outcome)
    answered = replace(kept.complaint, facts=(*kept.complaint.facts, fact))
    route = making.law.route(answered.route)
    if outcome is Outcome.WITHDRAWN:
        return
    if route.code == DATA_PROTECTION:
        making.codes.add(DATA_PROTECTION)
        making.say(court_time=court_time(making.law))
    step = next_step(answered, making.law, making.on)
    if step.stage == complaint_state(answered, making.law).stage:
        return  # The last stage of its route.
    following = route.stage(step.stage)
    making.add_day("next_by", step.due_on)
    more = step.discretion if step.due_on else following.time_words
    making.say(next_title=following.title, next_how=following.how, next_more=more)


def correction_facts(making: Making) -> None:
    kept = correction_of(making.file, making.wanted.correction)
    if kept.leg != making.leg.number:
        raise NotFound("That correction is not about these records.", next_step="Open the correction again.")
    making.days["asked_on"] = kept.asked_on
    making.days["answer_by"] = kept.answer_by


def wanted_facts(making: Making) -> None:
    """What the family wrote, for those who hold a copy."""
    kept = correction_of(making.file, making.wanted.correction)
    making.say(
        subject=making.request.subject_of(making.leg).name, alert=kept.alert_number,
        what_is_wrong=kept.what_is_wrong, what_it_should_say=kept.what_it_should_say,
    )  # fmt: skip
