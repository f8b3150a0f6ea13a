"""The columns of Annex A as councils head them, and what each list is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sar.domain.records import RecordKind


def folded(name: str) -> str:
    """A heading without case, punctuation and double spaces."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", name.casefold()).split())


IDENTITY = {
    "child": frozenset(
        {
            "child unique id", "child id", "child unique identifier", "la child id", "lachildid", "person id",
            "unique child id", "young person unique id", "care leaver unique id",
        }
    ),
    "upn": frozenset({"upn", "unique pupil number", "unique pupil number upn"}),
    "nhs": frozenset({"nhs number", "nhs no", "nhs"}),
    "born": frozenset({"date of birth", "dob", "d o b", "birth date", "date of birth or expected date of birth"}),
    "name": frozenset({"name", "child name", "full name", "name of child", "child s name"}),
    "first": frozenset({"forename", "first name", "forenames", "given name"}),
    "last": frozenset({"surname", "last name", "family name"}),
}  # fmt: skip
WORKERS = frozenset({"allocated worker", "social worker", "allocated social worker", "lead professional"})
DATES = re.compile(r"\bdates?\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnexList:
    """One list: what a row of it is and what dates it."""

    name: str
    kind: RecordKind
    dated_on: tuple[str, ...]
    words: re.Pattern[str]


def _list(name: str, kind: RecordKind, words: str, *dated_on: str) -> AnnexList:
    return AnnexList(name=name, kind=kind, dated_on=dated_on, words=re.compile(words))


LISTS = {
    1: _list("contact", RecordKind.REFERRAL, r"\bcontacts?\b", "date of contact", "contact date"),
    2: _list(
        "early-help", RecordKind.ASSESSMENT, r"\bearly help\b",
        "assessment completion date", "assessment start date",
    ),
    3: _list("referral", RecordKind.REFERRAL, r"\breferrals?\b", "date of referral", "referral date"),
    4: _list(
        "assessment", RecordKind.ASSESSMENT, r"\bassessments?\b",
        "continuous assessment date of authorisation", "assessment date of authorisation",
        "continuous assessment start date", "assessment start date",
    ),
    5: _list(
        "section-47", RecordKind.SECTION_47, r"\b(section ?47|s ?47|icpc)\b",
        "strategy discussion initiating section 47 enquiry start date", "section 47 enquiry start date",
        "section 47 start date", "strategy discussion date", "date of initial child protection conference",
    ),
    6: _list(
        "need-plan", RecordKind.PLAN, r"\b(children in need|child in need|cin)\b",
        "cin start date", "child in need start date", "cin plan start date",
    ),
    7: _list(
        "protection-plan", RecordKind.PLAN, r"\b(child protection|cpp?|protection plans?)\b",
        "child protection plan start date", "cp plan start date",
    ),
    8: _list(
        "looked-after", RecordKind.CASE_NOTE, r"\b(looked after|in care|lac|cla)\b",
        "date started to be looked after", "date became looked after",
    ),
    9: _list(
        "leaving-care", RecordKind.CASE_NOTE, r"\b(leaving care|care leavers?)\b",
        "latest pathway plan review date", "date of latest pathway plan review", "date of last contact",
    ),
}  # fmt: skip
# The more particular words first: a list of section 47 enquiries also speaks of assessments.
_ORDER = (2, 5, 9, 8, 7, 6, 1, 3, 4)
_NUMBERED = re.compile(r"\b(?:list|aa|annex a)\s?0?(\d{1,2})\b")


def list_named(name: str) -> int:
    """The number of a list by the name of its sheet or file; 0 when it says none."""
    words = folded(name)
    if (found := _NUMBERED.search(words)) and int(found[1]) in LISTS:
        return int(found[1])
    return next((n for n in _ORDER if LISTS[n].words.search(words)), 0)


_YES, _SEX = "yes_no", "sex"
COLUMNS = {
    "child unique id": ("Council's child number", ""),
    "child id": ("Council's child number", ""),
    "la child id": ("Council's child number", ""),
    "upn": ("Unique pupil number", ""),
    "unique pupil number": ("Unique pupil number", ""),
    "nhs number": ("NHS number", ""),
    "name": ("Name", ""),
    "child name": ("Name", ""),
    "full name": ("Name", ""),
    "forename": ("First name", ""),
    "first name": ("First name", ""),
    "surname": ("Surname", ""),
    "last name": ("Surname", ""),
    "gender": ("Sex", _SEX),
    "sex": ("Sex", _SEX),
    "ethnicity": ("Ethnicity", "ethnicity"),
    "date of birth": ("Born", ""),
    "age of child years": ("Age in years", ""),
    "date of contact": ("Contact on", ""),
    "contact source": ("Who made contact", "source"),
    "assessment start date": ("Assessment begun", ""),
    "assessment completion date": ("Assessment finished", ""),
    "organisation completing assessment": ("Who assessed", ""),
    "date of referral": ("Referral on", ""),
    "referral source": ("Who referred", "source"),
    "referral nfa": ("Referral ended with no further action", _YES),
    "number of referrals in last 12 months": ("Referrals in the last 12 months", ""),
    "allocated team": ("Team", ""),
    "allocated worker": ("Worker", ""),
    "social worker": ("Worker", ""),
    "does the child have a disability": ("Has a disability", _YES),
    "continuous assessment start date": ("Assessment begun", ""),
    "continuous assessment date of authorisation": ("Assessment finished", ""),
    "child seen during continuous assessment": ("Child seen", _YES),
    "was the child assessed as requiring la children s social care support": ("Support needed", _YES),
    "strategy discussion initiating section 47 enquiry start date": ("Strategy discussion on", ""),
    "was an initial child protection conference deemed unnecessary": ("No conference needed", _YES),
    "date of initial child protection conference": ("Child protection conference on", ""),
    "did the initial child protection conference result in a child protection plan": (
        "Ended in a plan",
        _YES,
    ),
    "cin start date": ("In need from", ""),
    "primary need code": ("Main need recorded", "need"),
    "date child was last seen": ("Child last seen", ""),
    "cin closure date": ("Closed", ""),
    "date of closure": ("Closed", ""),
    "reason for closure": ("Reason for closing", "closure"),
    "case status": ("State of the case", ""),
    "child protection plan start date": ("Child protection plan begun", ""),
    "child protection plan end date": ("Child protection plan ended", ""),
    "initial category of abuse": ("First category", "abuse"),
    "latest category of abuse": ("Latest category", "abuse"),
    "date of the last statutory visit": ("Last visit", ""),
    "was the child seen alone": ("Child seen alone", _YES),
    "date of latest review conference": ("Latest review", ""),
    "date started to be looked after": ("Looked after from", ""),
    "date ceased to be looked after": ("Looked after until", ""),
    "legal status": ("Legal status", "legal_status"),
    "child s legal status": ("Legal status", "legal_status"),
    "latest pathway plan review date": ("Latest review of the pathway plan", ""),
}
