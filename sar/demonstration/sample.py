"""Reading a sample case: the request, the officer's own entries, and the decisions somebody recorded."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sar.domain.authority import Capacity, evidence_of
from sar.domain.errors import ImpossibleDate, InvalidInput, UnknownName
from sar.domain.exemptions import Saying
from sar.domain.identity import means_of
from sar.domain.matching import Verdict
from sar.domain.opinions import OpinionResult, Professional
from sar.domain.parties import (
    Actor,
    DataSubject,
    Identifier,
    IdentifierKind,
    Person,
    Requester,
    Role,
    SafeContact,
    StaffRole,
)
from sar.domain.redaction import Outcome
from sar.domain.references import CaseId, PersonId, StaffId, SubjectId
from sar.services.intake import NewLeg, NewRequest
from sar.services.review import Choice
from sar.services.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Proof of identity or authority that an officer recorded, by leg."""

    leg: int
    what: str
    got_on: date
    asked_on: date | None
    code: str
    """The document, or the means by which they were known."""
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifted:
    """A stop that an invented person lifted, with the reason."""

    code: str
    by: str
    reason: str
    child_asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCase:
    """One sample request, as a family and an officer wrote it."""

    request: NewRequest
    proofs: tuple[Proof, ...]
    staff: Mapping[str, Actor]
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A recorded decision and who made it."""

    by: str
    choice: Choice
    source_agreed_by: str = ""
    """The approver who agreed that words about a protected source stay in; without one, sign-off refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedOpinion:
    """What an invented health professional found, having read the leg's health records."""

    by: str
    role: str
    professional: Professional
    given_on: date
    result: OpinionResult
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What an invented officer decided for one leg."""

    approved_by: str
    people: Mapping[str, Said]
    kinds: Mapping[str, Said]
    quotes: tuple[tuple[str, str, Said], ...]
    """Record (``*`` for any), exact words, decision."""
    records: Mapping[str, tuple[Outcome, Said]]
    default: tuple[Outcome, Said]
    lawyer: str
    opinion: RecordedOpinion | None


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file of the sample. Raises InvalidInput naming it."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise InvalidInput(
            f"The sample file {path.name} of {path.parent.name} cannot be read.",
            next_step="Restore it from the repository, or put the TOML right.",
            field=path.name,
        ) from fault


def read_case(folder: Path) -> SampleCase:
    """``request.toml`` and, if there is one, ``officer_people.toml``."""
    people = folder / "officer_people.toml"
    return read_request(folder / "request.toml", people=people if people.exists() else None)


def read_request(file: Path, *, people: Path | None = None) -> SampleCase:
    """One request as a file: who asks, for whom, in what capacity, and what an officer recorded.

    :raises InvalidInput: the file lacks a word or names somebody it does not describe; the word is named.
    """
    said = read_toml(file)
    try:
        return _case(said, people)
    except (KeyError, TypeError, AttributeError) as fault:
        raise InvalidInput(
            f"The request file {file.name} lacks something, or has it in another form: {fault}.",
            next_step="Compare it with sample_data/cases/hartley/request.toml and add what is missing.",
            field=str(fault).strip("'"),
        ) from fault


def _case(said: Mapping[str, Any], people: Path | None) -> SampleCase:
    subjects = {s["id"]: _subject(s) for s in said["subject"]}
    requesters = {r["id"]: _requester(r) for r in said["requester"]}
    legs = [
        NewLeg(
            name=leg["name"],
            subject=subjects[leg["subject"]],
            recipient=requesters[leg["recipient"]],
            capacity=leg["capacity"],
        )
        for leg in said["leg"]
    ]
    return SampleCase(
        request=NewRequest(
            received_on=_day(said, "received_on"),
            channel=said["channel"],
            nation=said["nation"],
            wording=said["wording"].strip(),
            legs=legs,
            asked_as_foi=said["asked_as_foi"],
        ),
        proofs=tuple(_proof(i, r) for i, leg in enumerate(said["leg"], 1) for r in leg.get("recorded", ())),
        staff={s["id"]: _staff(s) for s in said.get("staff", ())},
        people=tuple(_person(p) for p in read_toml(people)["person"]) if people else (),
    )


def read_lifted(path: Path) -> tuple[Lifted, ...]:
    """``<leg>/stops.toml``: why invented people lifted the stops of a leg; none without the file."""
    if not path.exists():
        return ()
    return tuple(
        Lifted(code=s["code"], by=s["by"], reason=s["reason"], child_asked=s.get("child_asked", ""))
        for s in read_toml(path).get("stop", ())
    )


def read_decisions(path: Path) -> Recorded:
    """``<leg>/decisions.toml``: an invented officer's decisions, replayed by the demo and by nothing else."""
    said = read_toml(path)
    by = said["decided_by"]
    default = said["default"]
    return Recorded(
        approved_by=said["approved_by"],
        people={p["person"]: _said(p, by) for p in said.get("person", ())},
        kinds={k["kind"]: _said(k, by) for k in said.get("kind", ())},
        quotes=tuple((q["record"], q["text"], _said(q, by)) for q in said.get("quote", ())),
        records={r["record"]: (Outcome(r["outcome"]), _said(r, by)) for r in said.get("record", ())},
        default=(Outcome(default["outcome"]), _said(default, by)),
        lawyer=said.get("lawyer", "eleanor-voss"),
        opinion=_opinion(said["health_opinion"]) if "health_opinion" in said else None,
    )


def _opinion(entry: Mapping[str, Any]) -> RecordedOpinion:
    return RecordedOpinion(
        by=entry["given_by"],
        role=entry["role"],
        professional=Professional[str(entry["professional"]).upper()],
        given_on=entry["given_on"],
        result=OpinionResult[str(entry["finding"]).upper().replace(" ", "_")],
        words=entry["words"],
    )


def _said(entry: Mapping[str, Any], by: str) -> Said:
    verdict = entry.get("verdict", "withhold" if entry.get("outcome") == "withhold" else "disclose")
    return Said(
        by=entry.get("decided_by", by),
        source_agreed_by=entry.get("source_agreed_by", ""),
        choice=Choice(
            verdict=Verdict(verdict),
            reason=entry["reason"],
            exemption=entry.get("exemption"),
            saying=Saying(entry.get("saying", "full")),
            decider_role=entry.get("decider_role", "").replace("_", " "),
            opinion_on=entry.get("opinion_on"),
            opinion_role=entry.get("opinion_role", "").replace("_", " "),
            answers=entry.get("answers", {}),
        ),
    )


def _subject(entry: Mapping[str, Any]) -> DataSubject:
    kinds = (
        ("nhs_number", IdentifierKind.NHS_NUMBER),
        ("council_person_id", IdentifierKind.COUNCIL_PERSON_ID),
        ("upn", IdentifierKind.UPN),
    )
    return DataSubject(
        id=SubjectId(entry["id"]),
        name=entry["name"],
        born_on=_day(entry, "born_on"),
        former_names=tuple(entry.get("former_names", ())),
        identifiers=tuple(Identifier(kind=kind, value=entry[key]) for key, kind in kinds if entry.get(key)),
        addresses=tuple(entry.get("addresses", ())),
    )


def _requester(entry: Mapping[str, Any]) -> Requester:
    contact = entry["safe_contact"]
    subject = entry.get("subject")
    return Requester(
        name=entry["name"],
        contact=SafeContact(
            email=contact.get("email", ""),
            phone=contact.get("phone", ""),
            postal_address=contact.get("postal_address", ""),
            do_not=contact.get("do_not", ""),
        ),
        subject=SubjectId(subject) if subject else None,
    )


def _proof(leg: int, entry: Mapping[str, Any]) -> Proof:
    return Proof(
        leg=leg,
        what=entry["what"],
        got_on=_day(entry, "got_on"),
        asked_on=_day(entry, "asked_on") if "asked_on" in entry else None,
        code=entry["means"] if entry["what"] == "identity" else entry["evidence"],
        words=str(entry["how"]),
    )


def _staff(entry: Mapping[str, Any]) -> Actor:
    roles = frozenset(StaffRole[str(r).upper().replace("-", "_")] for r in entry["roles"])
    acts_for = frozenset(map(str, entry.get("controllers", ())))
    return Actor(id=StaffId(entry["id"]), name=entry["name"], roles=roles, controllers=acts_for)


def _person(entry: Mapping[str, Any]) -> Person:
    def words(name: str) -> tuple[str, ...]:
        return tuple(str(v) for v in entry.get(name, ()))

    return Person(
        id=PersonId(entry["id"]),
        name=entry["name"],
        role=Role[str(entry["role"]).upper()],
        aliases=words("aliases"),
        relation=entry.get("relation", ""),
        job_title=entry.get("job_title", ""),
        employer=entry.get("employer", ""),
        phones=words("phones"),
        emails=words("emails"),
        addresses=words("addresses"),
        identifiers=words("identifiers"),
        phrases=words("phrases"),
    )


def _day(entry: Mapping[str, Any], name: str) -> date:
    """A day without quotation marks: TOML has dates of its own."""
    found = entry[name]
    if isinstance(found, datetime) or not isinstance(found, date):
        raise ImpossibleDate(
            f"{name} is not a date.",
            next_step=f"Write it without quotation marks, like {name} = 2026-11-20.",
            field=name,
        )
    return found


def check_proofs(case: SampleCase, *, today: date) -> None:
    """Refuse what could not be recorded, before the case is opened: all of a file is received, or nothing."""
    for proof in case.proofs:
        if not proof.words.strip():
            raise InvalidInput(
                "It does not say what was seen.", next_step="Write it, without copying numbers.", field="how"
            )
        if not case.request.received_on <= proof.got_on <= today:
            raise ImpossibleDate(
                "A proof is dated before the request, or in the future.",
                next_step="Enter the day it came.",
                field="got_on",
            )
        _check_code(proof, case.request.legs[proof.leg - 1].capacity)


def _check_code(proof: Proof, capacity: str) -> None:
    if proof.what == "identity":
        means_of(proof.code)
    elif proof.what != "authority":
        raise UnknownName(
            "It does not say what the proof is of.", next_step="Write authority or identity.", field="what"
        )
    elif capacity in {known.value for known in Capacity}:  # Receiving refuses any other, and stores nothing.
        evidence_of(proof.code, Capacity(capacity))


def record_proof(standing: Standing, case: CaseId, proof: Proof, *, at: datetime, by: Actor) -> None:
    """Record what an officer recorded: who asks, or by what right."""
    if proof.what == "authority":
        standing.record_authority(
            case, leg=proof.leg, got_on=proof.got_on, evidence=proof.code, how=proof.words, at=at, by=by
        )
    else:
        standing.record_identity(
            case, leg=proof.leg, got_on=proof.got_on, means=proof.code, how=proof.words, at=at, by=by
        )
