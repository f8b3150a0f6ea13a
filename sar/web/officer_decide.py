"""One record, read and decided by a named person: word by word, person by person, or as a whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from sar.domain.exemptions import Saying
from sar.domain.matching import Verdict
from sar.domain.parties import Person, StaffRole
from sar.domain.redaction import Outcome
from sar.services.review import Choice, Words
from sar.web.access import open_to, staff_actor
from sar.web.context import site
from sar.web.forms import LONGEST_TEXT, Form
from sar.web.officer_review import OUTCOMES, Mark, RecordPage, open_record, reasons
from sar.web.staff_case import DECIDERS, READERS, Option, decider_roles, may, refused_on

blueprint = Blueprint(
    "officer_decide", __name__, url_prefix="/officer/cases/<reference>/legs/<int:leg>/records/<int:number>"
)

VERDICTS = (Option(value="withhold", text="Withhold"), Option(value="disclose", text="Disclose"))
OPINIONS = tuple(
    Option(value=r.value, text=r.value.capitalize())
    for r in (StaffRole.HEALTH_PROFESSIONAL, StaffRole.LAWYER)
)
READ_AS_A_WHOLE = "I have read the whole record. It goes out, with the withheld words taken out."
"""The sentence an officer ticks; it is kept as the reason of the decision on the record."""
_CONTEXT = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What one form says about why: it may hold for several decisions."""

    exemption: str
    saying: str
    reason: str
    role: str
    opinion_on: date | None
    opinion_role: str
    answers: Mapping[str, str]
    """What was written on the questions of the chosen exemption's test."""

    def choice(self, verdict: Verdict, *, proposed: str = "", reason: str = "") -> Choice:
        """One decision. What is left open falls back to what was proposed, and to what is usual to say."""
        code = self.exemption or proposed
        usual = site().services.enquiries.usual_sayings()
        return Choice(
            verdict=verdict,
            reason=self.reason or reason,
            exemption=code or None,
            saying=Saying(self.saying or usual.get(code, Saying.FULL.value)),
            decider_role=self.role,
            opinion_on=self.opinion_on,
            opinion_role=self.opinion_role,
            answers=self.answers if verdict is Verdict.WITHHOLD else {},
        )


@blueprint.get("")
@open_to(*READERS)
def record(reference: str, leg: int, number: int) -> str:
    """The record, unredacted, with everything that was proposed and decided."""
    return _form(open_record(reference, leg, number)).render()


@blueprint.post("/words")
@open_to(*DECIDERS)
def words(reference: str, leg: int, number: int) -> Response:
    """Decide the proposals that were answered, all or none; then, if ticked, the record."""
    page = open_record(reference, leg, number)
    form = _form(page)
    given = _verdicts(form, page)
    finish = form.value("finish") == "yes"
    if not given and not finish:
        form.fail("words", "Choose withhold or disclose for at least one place")
    basis = _basis(form, "", reason_needed=bool(given) and form.value("rule_reason") != "yes")
    _own_reason_where_different(form, basis, given)
    if finish:
        _all_answered(form, page, given)
    form.check()
    choices = {
        mark.part.proposal: basis.choice(verdict, proposed=mark.part.exemption, reason=mark.part.reason)
        for mark, verdict in given
    }
    here, by = site(), staff_actor()
    with refused_on(form, fields=_fields(""), otherwise="words"):
        if choices:
            here.services.review.decide_many(
                page.case.id, leg=leg, choices=choices, at=here.clock(), by=by, record=page.row.record
            )
        if finish:
            here.services.review.decide_record(
                page.case.id, leg=leg, record=page.row.record, outcome=Outcome.DISCLOSE, at=here.clock(), by=by,
                choice=Choice(verdict=Verdict.DISCLOSE, reason=READ_AS_A_WHOLE, decider_role=basis.role),
            )  # fmt: skip
    return _onwards(page)


@blueprint.post("/person")
@open_to(*DECIDERS)
def person(reference: str, leg: int, number: int) -> Response:
    """The same decision for every mention of one person in this leg."""
    page = open_record(reference, leg, number)
    form, here = _form(page), site()
    known = {str(p.id): p for p in _people(page)}
    chosen = form.choice("person_who", known, empty="Choose the person")
    verdict = form.choice("person_verdict", [v.value for v in VERDICTS], empty="Choose withhold or disclose")
    basis = _basis(form, "person_", reason_needed=True)
    form.check()
    proposed = next((m.part.exemption for m in page.proposals if m.part.person == known[chosen].name), "")
    with refused_on(form, fields=_fields("person_"), otherwise="person_who"):
        here.services.review.decide_person(
            page.case.id, leg=leg, person=known[chosen].id, at=here.clock(), by=staff_actor(),
            choice=basis.choice(Verdict(verdict), proposed=proposed),
        )  # fmt: skip
    return _onwards(page)


@blueprint.post("/marks")
@open_to(*DECIDERS)
def mark_words(reference: str, leg: int, number: int) -> Response:
    """Withhold words that no rule proposed, found by the words themselves."""
    page = open_record(reference, leg, number)
    form, here = _form(page), site()
    found = _found(form, page)
    basis = _basis(form, "marks_", reason_needed=True, exemption_needed=True)
    form.check()
    with refused_on(form, fields=_fields("marks_"), otherwise="marks_quote"):
        here.services.review.withhold_words(
            page.case.id, leg=leg, words=found, choice=basis.choice(Verdict.WITHHOLD), at=here.clock(),
            by=staff_actor(),
        )  # fmt: skip
    return _onwards(page)


@blueprint.post("/opened")
@open_to(*DECIDERS)
def open_marked(reference: str, leg: int, number: int) -> Response:
    """Take back words that were marked by hand, with a reason."""
    page = open_record(reference, leg, number)
    form, here = _form(page), site()
    by_hand = {str(m.number): m for m in _by_hand(page)}
    chosen = form.choice("opened_which", by_hand, empty="Choose the words")
    reason = form.words("opened_reason", empty="Write why they may stay in", longest=LONGEST_TEXT)
    form.check()
    mark = by_hand[chosen]
    taken_back = Words(
        record=page.row.record, passage=mark.passage, start=mark.start, end=mark.end, quote=mark.quote
    )
    with refused_on(form, fields={"reason": "opened_reason"}, otherwise="opened_which"):
        here.services.review.open_words(
            page.case.id, leg=leg, words=taken_back, reason=reason, at=here.clock(), by=staff_actor()
        )
    return _onwards(page)


@blueprint.post("/outcome")
@open_to(*DECIDERS)
def outcome(reference: str, leg: int, number: int) -> Response:
    """Decide the record as a whole."""
    page = open_record(reference, leg, number)
    form, here = _form(page), site()
    chosen = form.choice("outcome", OUTCOMES, empty="Choose what happens to the record")
    basis = _basis(form, "whole_", reason_needed=True, exemption_needed=chosen == Outcome.WITHHOLD.value)
    form.check()
    verdict = Verdict.WITHHOLD if chosen == Outcome.WITHHOLD.value else Verdict.DISCLOSE
    with refused_on(form, fields=_fields("whole_"), otherwise="outcome"):
        here.services.review.decide_record(
            page.case.id, leg=leg, record=page.row.record, outcome=Outcome(chosen), at=here.clock(),
            by=staff_actor(), choice=basis.choice(verdict),
        )  # fmt: skip
    return _onwards(page)


@blueprint.post("/agreement")
@open_to(StaffRole.APPROVER)
def agree(reference: str, leg: int, number: int) -> Response:
    """An approver agrees that words about a protected source may go out."""
    page = open_record(reference, leg, number)
    form, here = _form(page), site()
    proposal = form.choice("proposal", _to_agree(page), empty="Those words do not wait for an approver")
    form.check()
    with refused_on(form, otherwise="proposal"):
        here.services.review.approve_disclosure(
            page.case.id, leg=leg, proposal=proposal, at=here.clock(), by=staff_actor()
        )
    return _onwards(page)


@blueprint.post("/told")
@open_to(StaffRole.APPROVER)
def told(reference: str, leg: int, number: int) -> Response:
    """An approver decides how much the family is told of what is withheld here."""
    page = open_record(reference, leg, number)
    form, here = _form(page), site()
    saying = form.choice("told", [o.value for o in reasons().sayings], empty="Choose what the family is told")
    form.check()
    with refused_on(form, otherwise="told"):
        here.services.review.change_saying(
            page.case.id,
            leg=leg,
            record=page.row.record,
            saying=Saying(saying),
            at=here.clock(),
            by=staff_actor(),
        )
    return _onwards(page)


def _form(page: RecordPage) -> Form:
    options = reasons()
    review, by = site().services.review, staff_actor()
    return Form(
        "officer/record_review.html", page=page, case=page.case, leg=page.leg, view=page.view, may=may(),
        verdicts=VERDICTS, outcomes=OUTCOMES, opinions=OPINIONS, roles=decider_roles(), whole=READ_AS_A_WHOLE,
        people=[Option(value=str(p.id), text=f"{p.name} ({p.relation or p.role.value})") for p in _people(page)],
        by_hand=[Option(value=str(m.number), text=f"{m.number}. {m.quote}") for m in _by_hand(page)],
        occurrences=_occurrences(page), to_agree=_to_agree(page),
        exemptions=options.exemptions, sayings=options.sayings, questions=options.questions,
        # Looked for when the page is shown, not when a form of it is read.
        alike=lambda: review.alike(page.case.id, leg=page.leg.number, record=page.row.record, by=by),
    )  # fmt: skip


def _by_hand(page: RecordPage) -> list[Mark]:
    """Words that an officer marked and that stay out because of it."""
    return [mark for mark in page.marks if mark.is_by_hand and mark.state == "withhold"]


def _to_agree(page: RecordPage) -> frozenset[str]:
    """Proposals in this record whose disclosure waits for an approver; nothing for anybody else."""
    if not (may().approver and page.is_open):
        return frozenset()
    here = site()
    ready = here.services.signoff.readiness(page.case.id, leg=page.leg.number, on=here.today())
    return frozenset(proposal for record, proposal in ready.to_confirm if record == page.row.record)


def _people(page: RecordPage) -> list[Person]:
    names = set(page.people)
    return [p for p in site().services.enquiries.people(page.case.id) if p.name in names]


def _verdicts(form: Form, page: RecordPage) -> list[tuple[Mark, Verdict]]:
    """What was answered anew. An answer that only repeats what stands is left alone unless asked for."""
    again = form.value("again") == "yes"
    known = {v.value for v in VERDICTS}
    return [
        (mark, Verdict(given))
        for mark in page.proposals
        if (given := form.value(f"verdict-{mark.part.proposal}")) in known
        and (again or given != mark.part.verdict)
    ]


def _own_reason_where_different(form: Form, basis: Basis, given: list[tuple[Mark, Verdict]]) -> None:
    kept_in = [
        str(m.number)
        for m, verdict in given
        if verdict is Verdict.WITHHOLD and m.part.suggested == Verdict.DISCLOSE.value
    ]
    if kept_in and not basis.exemption:
        form.fail(
            "exemption",
            f"Choose the legal reason for words {', '.join(kept_in)}: it was proposed to disclose them",
        )
    other = [str(m.number) for m, verdict in given if verdict.value != m.part.suggested or not m.part.reason]
    if other and not basis.reason:
        form.fail("reason", f"Write a reason of your own: you decided differently from what was proposed "
                            f"(words {', '.join(other)})")  # fmt: skip


def _all_answered(form: Form, page: RecordPage, given: list[tuple[Mark, Verdict]]) -> None:
    answered = {mark.number for mark, _ in given}
    left = [str(m.number) for m in page.proposals if m.state == "open" and m.number not in answered]
    if left:
        form.fail(
            "words", f"Decide every place before the record goes out. Still open: words {', '.join(left)}"
        )


def _basis(form: Form, start: str, *, reason_needed: bool, exemption_needed: bool = False) -> Basis:
    options = reasons()
    exemption, saying, role = form.value(f"{start}exemption"), form.value(f"{start}saying"), decider_roles()
    if exemption or exemption_needed:
        known = [o.value for o in options.exemptions]
        form.choice(f"{start}exemption", known, empty="Choose the legal reason")
    if saying:
        form.choice(f"{start}saying", [o.value for o in options.sayings], empty="Choose what may be said")
    empty = "Write why, in a sentence" if reason_needed else ""
    reason = form.words(f"{start}reason", empty=empty, longest=LONGEST_TEXT)
    opinion = form.value(f"{start}opinion_role")
    opinion_on = None
    if opinion:
        form.choice(f"{start}opinion_role", [o.value for o in OPINIONS], empty="Choose whose opinion it is")
        opinion_on = form.day(f"{start}opinion_on", what="date of the opinion", latest=site().today())
    answers = {
        q.value: form.words(f"{start}answer-{q.value}", empty=q.text, longest=LONGEST_TEXT)
        for q in options.questions.get(exemption, ())
    }
    chosen = (
        role[0] if len(role) == 1 else form.choice(f"{start}role", role, empty="Choose your role in this")
    )
    return Basis(
        exemption=exemption, saying=saying, reason=reason, role=chosen, opinion_on=opinion_on,
        opinion_role=opinion, answers=answers,
    )  # fmt: skip


def _fields(start: str) -> dict[str, str]:
    """Where the page shows what a service says of one of its own fields."""
    return {
        "reason": f"{start}reason", "exemption": f"{start}exemption", "code": f"{start}exemption",
        "own_request": f"{start}exemption", "decided_by_role": f"{start}exemption",
        "capacity": f"{start}exemption", "data_class": f"{start}exemption", "whole_file": f"{start}reason",
        "saying": f"{start}saying", "opinion_on": f"{start}exemption",
    }  # fmt: skip


def _found(form: Form, page: RecordPage) -> Words:
    """The words typed, where they stand. White space may differ; nothing else may."""
    passages = {str(p.index): p for p in page.passages}
    chosen = form.choice("marks_passage", passages, empty="Choose the passage")
    quote = form.words("marks_quote", empty="Write or copy the words to withhold", longest=LONGEST_TEXT)
    places = _places(passages[chosen].text, quote) if chosen in passages and quote else []
    if quote and chosen in passages and not places:
        form.fail("marks_quote", "These words do not stand in that passage. Copy them from the text")
    which = form.value("marks_which")
    if len(places) > 1 and which not in {str(i) for i in range(len(places))}:
        form.fail("marks_which", f"These words stand there {len(places)} times. Choose which you mean")
    form.check()
    start, end = places[int(which) if len(places) > 1 else 0]
    text = passages[chosen].text
    return Words(record=page.row.record, passage=int(chosen), start=start, end=end, quote=text[start:end])


def _places(text: str, quote: str) -> list[tuple[int, int]]:
    """Every place of the words, in code points."""
    pattern = r"\s+".join(re.escape(word).replace("'", "['’]") for word in quote.split())
    return [found.span() for found in re.finditer(pattern, text)]


def _occurrences(page: RecordPage) -> list[Option]:
    """The places of words that stand in a passage more than once, each with a little of what is around it."""
    passage = next((p for p in page.passages if str(p.index) == request.form.get("marks_passage")), None)
    quote = request.form.get("marks_quote", "").strip()
    if passage is None or not quote:
        return []
    text, places = passage.text, _places(passage.text, quote)
    if len(places) < 2:  # noqa: PLR2004 - one place needs no choosing
        return []
    return [
        Option(value=str(i), text=f"… {text[max(0, start - _CONTEXT) : end + _CONTEXT]} …")
        for i, (start, end) in enumerate(places)
    ]


def _onwards(page: RecordPage) -> Response:
    """Stay at the record, or go to the next one that waits; to the list when nothing does."""
    reference, leg = page.case.reference, page.leg.number
    if request.form.get("then") != "next":
        return redirect(
            url_for("officer_decide.record", reference=reference, leg=leg, number=page.number), code=303
        )
    if page.next_open is None:
        return redirect(url_for("officer_review.records", reference=reference, leg=leg), code=303)
    following = url_for("officer_decide.record", reference=reference, leg=leg, number=page.next_open)
    return redirect(following, code=303)
