"""Putting recorded decisions where a person's would go. Nothing else in the program decides like this."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sar.demonstration.sample import Recorded, RecordedOpinion, Said
from sar.domain.errors import UndecidedProposals
from sar.domain.matching import Proposal, Verdict
from sar.domain.parties import Actor
from sar.domain.records import DataClass, Record
from sar.domain.redaction import Outcome
from sar.domain.references import CaseId
from sar.ports.casework import leg_records, proposals_of, state_of
from sar.ports.keeping import Archive
from sar.services.opinions import Opinions
from sar.services.review import Choice, Review, Words

LAWYER = "lawyer"
HEALTH = "health professional"
SOURCE = "INFORMANT"


def replay_decisions(
    case: CaseId,
    *,
    leg: int,
    recorded: Recorded,
    staff: Mapping[str, Actor],
    archive: Archive,
    review: Review,
    opinions: Opinions,
    at: datetime,
) -> int:
    """Decide every proposal and record of a leg as recorded; how many decisions were made.

    :raises UndecidedProposals: something stands there that nobody recorded a decision for.
    """
    with archive.reading(case) as file:
        number = state_of(file).gathered_round
        proposals = proposals_of(file, number, leg)
        records = leg_records(file, number, leg)
    if recorded.opinion:
        _replay_opinion(
            case, leg=leg, recorded=recorded, opinion=recorded.opinion, records=records, staff=staff,
            opinions=opinions, at=at,
        )  # fmt: skip
    chosen = {p.id: _for_proposal(p, recorded) for p in proposals}
    made = 0
    for by, group in _by_person(chosen).items():
        review.decide_many(case, leg=leg, choices=group, at=at, by=staff[by])
        made += len(group)
    for proposal in proposals:
        said = chosen[proposal.id]
        if said.source_agreed_by and str(proposal.exemption) == SOURCE:
            approver = staff[said.source_agreed_by]
            review.approve_disclosure(case, leg=leg, proposal=proposal.id, at=at, by=approver)
    marked: dict[str, list[tuple[Words, Choice]]] = {}
    for words, said in _quoted(records, recorded):
        marked.setdefault(said.by, []).append((words, said.choice))
    for by, marks in marked.items():
        review.withhold_many(case, leg=leg, marks=marks, at=at, by=staff[by])
        made += len(marks)
    for by, those in _outcomes(records, recorded).items():
        review.decide_records(case, leg=leg, outcomes=those, at=at, by=staff[by])
        made += len(those)
    return made


def _replay_opinion(
    case: CaseId,
    *,
    leg: int,
    recorded: Recorded,
    opinion: RecordedOpinion,
    records: Sequence[Record],
    staff: Mapping[str, Actor],
    opinions: Opinions,
    at: datetime,
) -> None:
    """The invented professional's opinion on every health record that is to go out."""
    out = [
        r
        for r in records
        if r.data_class is DataClass.HEALTH
        and recorded.records.get(str(r.key), recorded.default)[0] is Outcome.DISCLOSE
    ]
    if out:
        opinions.give(
            case, leg=leg, results={str(r.key): opinion.result for r in out}, professional=opinion.professional,
            role=opinion.role, name=staff[opinion.by].name, words=opinion.words, given_on=opinion.given_on, at=at,
            by=staff[opinion.by],
        )  # fmt: skip


def _for_proposal(proposal: Proposal, recorded: Recorded) -> Said:
    said = recorded.people.get(str(proposal.person)) or recorded.kinds.get(proposal.kind)
    if said is None:
        raise UndecidedProposals(
            f"Nobody recorded a decision for a proposal of kind {proposal.kind} (rule {proposal.rule}).",
            next_step="Add one to the leg's decisions.toml: the demo never decides by itself.",
        )
    # Whoever the law names decides, or has given the opinion the officer relies on.
    if proposal.who_decides == LAWYER and said.choice.decider_role != LAWYER:
        return Said(by=recorded.lawyer, choice=replace(said.choice, decider_role=LAWYER))
    if proposal.who_decides == HEALTH and recorded.opinion:
        weighed = replace(said.choice, opinion_on=recorded.opinion.given_on, opinion_role=HEALTH)
        return Said(by=said.by, choice=weighed)
    return said


def _outcomes(records: Sequence[Record], recorded: Recorded) -> dict[str, dict[str, tuple[Outcome, Choice]]]:
    """By whom, each record's outcome."""
    outcomes: dict[str, dict[str, tuple[Outcome, Choice]]] = {}
    for record in records:
        outcome, said = recorded.records.get(str(record.key), recorded.default)
        outcomes.setdefault(said.by, {})[str(record.key)] = (outcome, said.choice)
    return outcomes


def _by_person(chosen: Mapping[str, Said]) -> dict[str, dict[str, Choice]]:
    groups: dict[str, dict[str, Choice]] = {}
    for proposal, said in chosen.items():
        groups.setdefault(said.by, {})[proposal] = said.choice
    return groups


def _quoted(records: Sequence[Record], recorded: Recorded) -> Iterable[tuple[Words, Said]]:
    for where, text, said in recorded.quotes:
        if said.choice.verdict is not Verdict.WITHHOLD:
            continue
        pattern = re.compile(r"\s+".join(re.escape(word) for word in text.split()))
        for record in records:
            if where not in {"*", str(record.key)}:
                continue
            for i, passage in enumerate(record.passages):
                for found in pattern.finditer(passage.text):
                    words = Words(
                        record=str(record.key),
                        passage=i,
                        start=found.start(),
                        end=found.end(),
                        quote=found.group(),
                    )
                    yield words, said
