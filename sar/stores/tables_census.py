"""The children in need census: one XML file a year, read child by child and never as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from sar.domain.parties import IdentifierKind
from sar.domain.records import Finding, Passage, RecordKind
from sar.stores.names import Candidate
from sar.stores.tables_reading import (
    ALSO,
    Child,
    Fact,
    UnreadableFileError,
    day_of,
    finding,
    in_words,
    number_set,
    unnumbered_row,
)
from sar.stores.values import readable

MAX_PARTS = 50_000
"""Elements in one child's entry; real ones have tens or hundreds."""
_ODD = "the XML declares entities or a document type, which a census file never does"
_BROKEN = "the XML is broken or in an unknown encoding; children before that place were read"
_ENDLESS = "one child's entry has more parts than can be right; children before it were read"
_NOT_ONE = "it is XML, but no children in need census"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """An element that is a record of its own."""

    name: str
    kind: RecordKind
    dated_on: tuple[str, ...]


GROUPS = {
    "CINdetails": Group(
        name="referral", kind=RecordKind.REFERRAL, dated_on=("CINreferralDate", "CINclosureDate")
    ),
    "Assessments": Group(
        name="assessment",
        kind=RecordKind.ASSESSMENT,
        dated_on=("AssessmentAuthorisationDate", "AssessmentActualStartDate", "AssessmentInternalReviewDate"),
    ),
    "CINPlanDates": Group(
        name="need-plan", kind=RecordKind.PLAN, dated_on=("CINPlanStartDate", "CINPlanEndDate")
    ),
    "Section47": Group(
        name="section-47", kind=RecordKind.SECTION_47, dated_on=("S47ActualStartDate", "DateOfInitialCPC")
    ),
    "ChildProtectionPlans": Group(
        name="protection-plan", kind=RecordKind.PLAN, dated_on=("CPPstartDate", "CPPendDate")
    ),
    "Reviews": Group(name="review", kind=RecordKind.REVIEW, dated_on=("CPPreviewDate",)),
}
LABELS = {
    "LAchildID": ("Council's child number", ""),
    "UPN": ("Unique pupil number", ""),
    "FormerUPN": ("Former unique pupil number", ""),
    "UPNunknown": ("Why there is no unique pupil number", "upn_unknown"),
    "PersonBirthDate": ("Born", ""),
    "ExpectedPersonBirthDate": ("Expected date of birth", ""),
    "PersonDeathDate": ("Died", ""),
    "GenderCurrent": ("Sex", "sex"),
    "Sex": ("Sex", "sex"),
    "Ethnicity": ("Ethnicity", "ethnicity"),
    "Disability": ("Disability", "disability"),
    "CINreferralDate": ("Referral on", ""),
    "ReferralSource": ("Who referred", "source"),
    "PrimaryNeedCode": ("Main need recorded", "need"),
    "ReferralNFA": ("Referral ended with no further action", "yes_no"),
    "CINclosureDate": ("Closed", ""),
    "ReasonForClosure": ("Reason for closing", "closure"),
    "DateOfInitialCPC": ("Initial child protection conference on", ""),
    "AssessmentActualStartDate": ("Assessment begun", ""),
    "AssessmentInternalReviewDate": ("Internal review due", ""),
    "AssessmentAuthorisationDate": ("Assessment finished", ""),
    "AssessmentFactors": ("Factor found", "factor"),
    "CINPlanStartDate": ("Child in need plan begun", ""),
    "CINPlanEndDate": ("Child in need plan ended", ""),
    "S47ActualStartDate": ("Section 47 enquiry begun", ""),
    "InitialCPCtarget": ("Conference due", ""),
    "ICPCnotRequired": ("No conference needed", "yes_no"),
    "CPPstartDate": ("Child protection plan begun", ""),
    "CPPendDate": ("Child protection plan ended", ""),
    "InitialCategoryOfAbuse": ("First category", "abuse"),
    "LatestCategoryOfAbuse": ("Latest category", "abuse"),
    "NumberOfPreviousCPP": ("Earlier child protection plans", ""),
    "CPPreviewDate": ("Review of the plan on", ""),
}
_FINDINGS = {"ReasonForClosure": "closure", "AssessmentFactors": "factor"}
_FINDING_DAY = {"ReasonForClosure": "CINclosureDate"}
_IDENTITY = frozenset({"ChildIdentifiers", "ChildCharacteristics"})


def children(path: Path, place: str, child_number: IdentifierKind) -> Iterator[Child]:
    """Every child of a census file, one at a time.

    :raises UnreadableFileError: when it is no census, or from where on it cannot be read.
    """
    counted, counted_on, seen = 0, None, False
    holder: Any = None
    parts = 0
    try:
        with path.open("rb") as content:
            for event, element in iterparse(content, ("start", "end"), forbid_dtd=True):
                name = _name(element)
                if event == "start":
                    parts += 1
                    holder = element if name == "Children" else holder
                    seen = seen or name == "Children"
                    _few(parts)
                elif name == "ReferenceDate":
                    counted_on = day_of(element.text)
                elif name == "Child":
                    counted += 1
                    yield _child(element, place, counted, counted_on, child_number)
                    parts = 0
                    if holder is not None:
                        holder.clear()
    except DefusedXmlException as odd:
        raise UnreadableFileError(_ODD) from odd
    except (ParseError, LookupError, ValueError) as broken:
        raise UnreadableFileError(_BROKEN) from broken
    except OSError as gone:
        raise UnreadableFileError("the file cannot be opened") from gone
    if not seen:
        raise UnreadableFileError(_NOT_ONE, "unknown-kind")


def _few(parts: int) -> None:
    if parts > MAX_PARTS:
        raise UnreadableFileError(_ENDLESS, "too-large")


def _name(element: Any) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _child(
    element: Any, place: str, number: int, counted_on: date | None, child_number: IdentifierKind
) -> Child:
    values: dict[str, list[str]] = {name: [] for name in _KEYS}
    for part in element.iter():
        if (name := _name(part)) in values:
            values[name].append(readable(part.text))
    council = next(filter(None, values["LAchildID"]), "")
    numbers = {
        child_number: number_set(values["LAchildID"]),
        IdentifierKind.UPN: number_set([*values["UPN"], *values["FormerUPN"]]),
    }
    known = Candidate(
        names=(),
        born_on=next(filter(None, map(day_of, values["PersonBirthDate"])), None),
        numbers={kind: held for kind, held in numbers.items() if held},
    )
    return Child(
        place=place,
        native=council or unnumbered_row(place, known),
        born_on=known.born_on,
        numbers=known.numbers,
        made=lambda: _all_facts(element, counted_on or known.born_on),
        stands="" if council else f"child {number} of {place}",
    )


def _all_facts(element: Any, on: date | None) -> Iterator[Fact]:
    """The details of a child, then the record of each group; only while the child is the one that was read last."""
    own = [e for e in element if _name(e) not in GROUPS]
    yield Fact(
        name="details",
        kind=RecordKind.PERSON_DETAILS,
        dated_on=on,
        passages=tuple(p for e in own for p in _flat(e, ignored=_IDENTITY)),
    )
    for group in element:
        if _name(group) in GROUPS:
            yield from _facts(group)


_KEYS = ("LAchildID", "UPN", "FormerUPN", "PersonBirthDate")


def _facts(element: Any) -> Iterator[Fact]:
    """The record of a group, then those of the groups inside it."""
    group = GROUPS[_name(element)]
    inside = [e for e in element if _name(e) not in GROUPS]
    leaves = [e for part in inside for e in part.iter()]
    days = {_name(e): day_of(e.text) for e in leaves}
    on = next((days[f] for f in group.dated_on if days.get(f)), None)
    yield Fact(
        name=group.name,
        kind=group.kind,
        dated_on=on,
        passages=tuple(p for e in inside for p in _flat(e)),
        findings=tuple(_findings(leaves, days, on)),
    )
    for part in element:
        if _name(part) in GROUPS:
            yield from _facts(part)


def _findings(leaves: list[Any], days: dict[str, date | None], on: date | None) -> Iterator[Finding]:
    for leaf in leaves:
        name = _name(leaf)
        if name in _FINDINGS:
            yield from finding(leaf.text, _FINDINGS[name], days.get(_FINDING_DAY.get(name, "")) or on)


def _flat(element: Any, *, ignored: frozenset[str] = frozenset(), above: str = "") -> Iterator[Passage]:
    """Every text and attribute of an element and of those inside it; what has no label keeps its name."""
    name = _name(element)
    path = above if name in ignored else f"{above}{name}"
    text = readable(element.text)
    if text and name in LABELS:
        label, code_list = LABELS[name]
        yield Passage(label=label, text=in_words(text, code_list))
    elif text:
        yield Passage(label=ALSO, text=f"{path}: {text}")
    for key, value in element.attrib.items():
        if readable(value):
            yield Passage(label=ALSO, text=f"{path} {key.rpartition('}')[2]}: {value}")
    for part in element:
        yield from _flat(part, ignored=ignored, above=f"{path} " if path else "")
        if tail := readable(part.tail):
            yield Passage(label=ALSO, text=f"{path}: {tail}")
