"""From the answers of the ask pages to a request as the services take it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sar.domain.authority import Capacity
from sar.domain.parties import DataSubject, Identifier, IdentifierKind, Requester, SafeContact
from sar.domain.references import SubjectId
from sar.services.intake import NewLeg, NewRequest
from sar.web.forms import as_date

Draft = Mapping[str, str]
UNPROVED = "[The e-mail address"
"""How the note about an address that is not proved begins."""


def request_from(
    draft: Draft,
    *,
    received_on: date,
    nation: str,
    words: tuple[Mapping[str, str], Mapping[str, str]],
    proved: bool,
) -> NewRequest:
    """One leg for each person asked about. The subjects' ids are numbers inside the case, not names."""
    wants_self, wants_child = draft["who"] in {"self", "both"}, draft["who"] in {"child", "both"}
    own_id = SubjectId("subject-1")
    requester = Requester(
        name=draft["name"],
        contact=contact_from(draft, proved=proved),
        subject=own_id if wants_self else None,
    )
    legs: list[NewLeg] = []
    if wants_self:
        subject = _subject(draft, own_id, prefix="")
        legs.append(
            NewLeg(name=_leg_name(subject.name, legs), subject=subject, recipient=requester,
                   capacity=Capacity.SELF.value)
        )  # fmt: skip
    if wants_child:
        subject = _subject(draft, SubjectId(f"subject-{len(legs) + 1}"), prefix="child_")
        legs.append(
            NewLeg(name=_leg_name(subject.name, legs), subject=subject, recipient=requester,
                   capacity=Capacity.PARENTAL_RESPONSIBILITY.value)
        )  # fmt: skip
    return NewRequest(
        received_on=received_on,
        channel="web",
        nation=nation,
        wording=_wording(draft, words, wants_child=wants_child),
        legs=tuple(legs),
        asked_as_foi=draft.get("foi", "") == "yes",
    )


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


def _wording(draft: Draft, words: tuple[Mapping[str, str], Mapping[str, str]], *, wants_child: bool) -> str:
    """The family's own words; what they said about proof goes along under a heading of ours."""
    text = draft["wording"]
    if not wants_child:
        return text
    proofs, shown = words
    parts = [proofs[draft["proof"]], shown[draft["shown"]], draft["proof_note"]]
    return f"{text}\n\n[Showing that I may ask for the child] " + " / ".join(part for part in parts if part)
