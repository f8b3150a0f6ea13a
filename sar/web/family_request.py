"""From the answers of the ask pages to a request as the services take it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sar.domain.authority import Capacity
from sar.domain.parties import DataSubject, Identifier, IdentifierKind, Requester, SafeContact
from sar.domain.references import SubjectId
from sar.services.intake import NewLeg, NewRequest
from sar.web.context import site
from sar.web.family_ask_pages import (
    ACTING,
    ADULT,
    FILES,
    KNOWS,
    PROOFS,
    RIGHTS,
    SHOWN,
    Draft,
    age,
    day_in,
    for_child,
    has_no_responsibility,
    is_asked_child,
    wants_own,
)
from sar.web.forms import as_date

_RIGHTS = {
    "representative": Capacity.PERSONAL_REPRESENTATIVE,
    "claim": Capacity.CLAIM_FROM_DEATH,
    "neither": Capacity.BEREAVED_RELATIVE,
}
UNPROVED = "[The e-mail address"
"""How the note about an address that is not proved begins."""


def request_from(draft: Draft, *, received_on: date, nation: str, proved: bool) -> NewRequest:
    """One leg for each person and file asked about. The subjects' ids are numbers inside the case, not names."""
    own_id = SubjectId("subject-1") if wants_own(draft) else None
    requester = Requester(name=draft["name"], contact=contact_from(draft, proved=proved), subject=own_id)
    legs: list[NewLeg] = []
    if own_id is not None:
        legs.append(_own_leg(draft, own_id, requester))
    other_id = SubjectId(f"subject-{len(legs) + 1}")
    for new in _other_legs(draft, other_id, requester):
        legs.append(replace(new, name=_leg_name(new.subject.name, legs)))
    only_information = draft["who"] == "information"
    return NewRequest(
        received_on=received_on,
        channel="web",
        nation=nation,
        wording=draft["info"] if only_information else _wording(draft),
        legs=tuple(legs),
        asked_as_foi=draft.get("foi", "") == "yes" and not only_information,
        information=draft.get("info") or None,
        requester=None if legs else requester,
    )


def _own_leg(draft: Draft, subject_id: SubjectId, requester: Requester) -> NewLeg:
    subject, past = _subject(draft, subject_id, prefix=""), draft.get("past", "").split("\n")
    return NewLeg(
        name=_leg_name(subject.name, []), subject=subject, recipient=requester, capacity=Capacity.SELF.value,
        was_in_care="care" in past, was_adopted="adopted" in past,
    )  # fmt: skip


def _other_legs(draft: Draft, subject_id: SubjectId, requester: Requester) -> list[NewLeg]:
    """The legs about somebody else: a child, an adult somebody acts for, or each file of somebody who has died."""
    if for_child(draft):
        return [_child_leg(draft, subject_id, requester)]
    if draft["who"] == "other":
        subject = _subject(draft, subject_id, prefix="other_")
        under_age = age(subject.born_on, site().today()) < ADULT
        capacity = (
            Capacity.COMPETENT_CHILD_AUTHORITY
            if under_age and draft["acting"] == "agent"
            else Capacity(draft["acting"])
        )
        return [NewLeg(name="", subject=subject, recipient=requester, capacity=capacity.value)]
    if draft["who"] == "died":
        subject = replace(_subject(draft, subject_id, prefix="died_"), died_on=day_in(draft, "died_on"))
        capacity = _RIGHTS[draft["died_right"]]
        return [
            NewLeg(name="", subject=subject, recipient=requester, capacity=capacity.value, records=file)
            for file in draft["died_files"].split("\n")
            if file in FILES
        ]
    return []


def _child_leg(draft: Draft, subject_id: SubjectId, requester: Requester) -> NewLeg:
    """The child's leg. Without parental responsibility a child who agrees can still let the parent ask."""
    without = has_no_responsibility(draft)
    lets_them = without and is_asked_child(draft) and draft.get("child_knows") == "agrees"
    capacity = Capacity.COMPETENT_CHILD_AUTHORITY if lets_them else Capacity.PARENTAL_RESPONSIBILITY
    return NewLeg(
        name="", subject=_subject(draft, subject_id, prefix="child_"), recipient=requester,
        capacity=capacity.value, has_responsibility=lets_them or not without,
    )  # fmt: skip


def contact_from(draft: Draft, *, proved: bool) -> SafeContact:
    """How the family may be reached. An address that is not proved stands in words only: nothing is sent there."""
    email, do_not = draft["email"], draft["do_not"]
    if email and not proved:
        note = f"{UNPROVED} {email} was given and is not proved. Do not write to it before it is checked.]"
        do_not = f"{do_not}\n{note}".strip()
    return SafeContact(
        email=email if proved else "", phone=draft["phone"], postal_address=draft["post"], do_not=do_not
    )


def _subject(draft: Draft, subject: SubjectId, *, prefix: str) -> DataSubject:
    number = "".join(draft[f"{prefix}nhs"].replace("-", "").split())
    known_by = (Identifier(kind=IdentifierKind.NHS_NUMBER, value=number),) if number else ()
    former = tuple(
        name.strip() for name in draft[f"{prefix}former"].replace("\n", ",").split(",") if name.strip()
    )
    born = {part: draft[f"{prefix}born-{part}"] for part in ("day", "month", "year")}
    return DataSubject(
        id=subject,
        name=" ".join(draft[f"{prefix}name"].split()),
        born_on=as_date(**born),
        former_names=former,
        identifiers=known_by,
    )


def _leg_name(full_name: str, others: list[NewLeg]) -> str:
    """A short name for the leg: the first name in plain letters, made different where two are alike."""
    first = full_name.split(maxsplit=1)[0].casefold()
    plain = "".join(letter for letter in first if letter.isascii() and letter.isalnum()) or "person"
    taken = {leg.name for leg in others}
    return plain if plain not in taken else f"{plain}-{len(others) + 1}"


def _wording(draft: Draft) -> str:
    """The family's own words; what they said beside goes along under headings of ours."""
    parts = [draft["wording"]]
    if is_asked_child(draft):
        parts.append(f"[Does the child know about this?] {KNOWS[draft['child_knows']]}")
    if for_child(draft):
        parts.append(_proof_words("Showing that I may ask for the child", PROOFS[draft["proof"]], draft))
    if draft["who"] == "other":
        parts.append(_proof_words("Showing that I may act for this person", ACTING[draft["acting"]], draft))
    if draft["who"] == "died":
        said = f"{draft['died_relation']} / {RIGHTS[draft['died_right']]}"
        parts.append(f"[Who I am to the person who has died] {said}")
    return "\n\n".join(parts)


def _proof_words(heading: str, proof: str, draft: Draft) -> str:
    said = [proof, SHOWN.get(draft["shown"], ""), draft["proof_note"]]
    return f"[{heading}] " + " / ".join(part for part in said if part)
