"""What the program finds in a request and in records that a person should look at before delivery.

It only proposes: each find becomes a stop that a named person lifts or confirms. The words looked for are
few and plain, so that an officer is not drowned in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sar.domain.authority import Capacity
from sar.domain.conflicts import Conflict
from sar.domain.parties import AccessRequest, Leg, Person
from sar.domain.records import Record, RecordKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One reason to stop, and where it stands. Sealed: a place can be telling."""

    conflict: Conflict
    reason: str
    """What the find rests on, the same at every look: one that was decided does not come back."""
    where: str
    """For the officer, in words."""


_HYPHEN = r"[-\s\u00ad\u2010\u2011]*"


def _words(*alternatives: str) -> re.Pattern[str]:
    """Any of the words, however they are spaced or broken into lines. ``~`` is a hyphen, a space or nothing."""
    anywhere = "|".join(alternatives).replace(" ", r"\s+").replace("~", _HYPHEN)
    return re.compile(rf"\b(?:{anywhere})\b", re.IGNORECASE)


_ORDERS = (
    "non~mol(?:estation)? order", "restraining order", "no~contact order", "occupation order",
    "domestic abuse protection order", "prohibited steps order", "exclusion order", "interdict",
)  # fmt: skip
_HIDDEN = (
    "(?:address|whereabouts)(?: is| are| must be)? (?:hidden|protected|withheld|confidential)",
    "(?:protected|hidden|confidential) address", "(?:women['\u2019]?s['\u2019]?|a|the) refuge",
    "(?:not|never) (?:give|tell|share|show) (?:him|her|them|anyone|anybody) (?:my|our|the) address",
)  # fmt: skip
_MARAC = ("MARAC", "multi~agency risk assessment conference")


@dataclass(frozen=True, slots=True)
class _Rare:
    """Words to look for in every text, and what must stand there for any of them: most texts stop at that."""

    stems: tuple[str, ...]
    pattern: re.Pattern[str]


_ANYWHERE: dict[Conflict, _Rare] = {
    Conflict.MARAC: _Rare(("marac", "agency"), _words(*_MARAC)),
    Conflict.NO_CONTACT_ORDER: _Rare(("order", "interdict"), _words(*_ORDERS)),
    Conflict.FAMILY_COURT_PAPERS: _Rare(("cafcass", "report", "order", "court", "threshold"), _words(
        "cafcass", r"(?:section |s\.? ?)(?:7|37) report", "child(?:ren)? arrangements? order",
        "in the family court at", "filed (?:in|at|with) (?:the )?family court",
        "(?:report|statement|letter|evidence|application)s? (?:to|for|before) the family court",
        "guardian['\u2019]?s report", "threshold (?:document|statement)",
    )),
    Conflict.HIDDEN_ADDRESS: _Rare(("address", "whereabouts", "refuge"), _words(*_HIDDEN)),
}  # fmt: skip
"""Rare and exact enough to be looked for in the text itself."""
_IN_CODES: dict[Conflict, _Rare] = {
    Conflict.DOMESTIC_ABUSE: _Rare(("domestic", "coercive"), _words(
        "domestic abuse", "domestic violence", "coercive control",
    )),
    Conflict.COURT_ORDER: _Rare(("court",), _words("court order")),
}  # fmt: skip
"""Said too often in passing: looked for only in labels, codes, findings and the category of an alert."""
_IN_REQUEST: dict[Conflict, re.Pattern[str]] = {
    Conflict.DOMESTIC_ABUSE: _words(
        "ex~(?:partner|husband|wife|boyfriend|girlfriend)", "former (?:partner|husband|wife)", "my ex",
        "domestic abuse", "domestic violence", "violent", "abusive",
    ),
    Conflict.NO_CONTACT_ORDER: _words(*_ORDERS, "injunction"),
    Conflict.HIDDEN_ADDRESS: _words(*_HIDDEN),
    Conflict.MARAC: _words(*_MARAC),
}  # fmt: skip
_APART = _words(
    r"(?:estranged|separated|non~resident|absent) (?:father|mother|parent|husband|wife|partner)",
    "ex~(?:partner|husband|wife)", "former (?:partner|husband|wife)",
    r"(?:father|mother|parent),? (?:who )?lives (?:apart|elsewhere)",
)  # fmt: skip
_CLOSED = _words(
    r"ended", "closed", "concluded", "completed", "outcome", "no further action", "not substantiated",
    "unsubstantiated", "unfounded", "no concern", "no offence",
)  # fmt: skip
_STILL_OPEN = _words(
    "under investigation",
    r"investigation (?:is )?(?:open|ongoing|continues)",
    "on bail",
    "awaiting (?:charge|trial)",
)
_MAY_BE_OPEN: dict[RecordKind, tuple[Conflict, timedelta]] = {
    RecordKind.SECTION_47: (Conflict.OPEN_SECTION_47, timedelta(days=731)),
    RecordKind.POLICE_NOTIFICATION: (Conflict.POLICE_MATTER, timedelta(days=366)),
    RecordKind.DESIGNATED_OFFICER: (Conflict.ALLEGATION, timedelta(days=731)),
}
"""Kinds of record about a matter that may be open, and the age after which silence means that it is not."""

_MAY_BE_A_PARENT = {Capacity.PARENTAL_RESPONSIBILITY.value, Capacity.AGENT.value, Capacity.DEPUTY.value}
"""Also who comes with the child's name under a letter."""


def in_request(request: AccessRequest, leg: Leg) -> tuple[Found, ...]:
    """What the request itself gives reason to look at, for one leg."""
    said = f"{request.wording}\n{leg.recipient.contact.do_not}"
    found = [
        Found(conflict=conflict, reason="request", where="What the requester wrote.")
        for conflict, pattern in _IN_REQUEST.items()
        if pattern.search(said)
    ]
    others = [o for o in request.legs if o.subject == leg.subject and o.recipient.name != leg.recipient.name]
    rivals = [one for one in (leg, *others) if one.capacity in _MAY_BE_A_PARENT]
    if leg in rivals and len(rivals) > 1 and any(_for_a_child(one) for one in rivals):
        found.append(
            Found(
                conflict=Conflict.SEPARATED_PARENTS,
                reason="request",
                where="Two people ask for the same child.",
            )
        )
    return tuple(found)


def in_records(
    records: Iterable[Record], *, people: Iterable[Person], leg: Leg, on: date
) -> tuple[Found, ...]:
    """What the records and the people named in them give reason to look at, for one leg."""
    found = [find for record in records if not record.kind.is_generated for find in in_record(record, on)]
    return (*found, *in_people(people, leg=leg))


def in_people(people: Iterable[Person], *, leg: Leg) -> tuple[Found, ...]:
    """What the people whom stores name give reason to look at, for one leg."""
    if not _for_a_child(leg):
        return ()
    return tuple(
        Found(
            conflict=Conflict.SEPARATED_PARENTS,
            reason=f"person {person.id}",
            where=f"The people register: {person.relation}.",
        )
        for person in people
        if _is_apart(person.relation)
    )


def _is_apart(relation: str) -> bool:
    """Said of the person, and not of somebody they belong to ("son of his former wife")."""
    found = _APART.search(relation)
    return found is not None and " of " not in relation[: found.start()]


def in_record(record: Record, on: date) -> Iterator[Found]:
    """What one record gives reason to look at, whosever leg it is in."""
    text, codes = _text_of(record), _codes_of(record)
    said = f"{codes}\n{text}"
    hits: set[Conflict] = set()
    folded = _folded(said)
    if [stem for stem in _STEMS if stem in folded]:
        hits |= {*_said_in(said, folded, _ANYWHERE), *_said_in(codes, _folded(codes), _IN_CODES)}
    if record.kind in _MAY_BE_OPEN and (open_matter := _open_matter(record, said, on)):
        hits.add(open_matter)
    if not hits:
        return
    where = f"{record.kind.value} of {record.dated_on.isoformat()}, {record.provenance.store_label}"
    for conflict in Conflict:
        if conflict in hits:
            # A record that changed since a person decided has to be looked at again.
            yield Found(conflict=conflict, reason=f"record {record.key} {record.version}", where=where)


_STEMS = tuple(sorted({stem for rare in (*_ANYWHERE.values(), *_IN_CODES.values()) for stem in rare.stems}))


def _folded(said: str) -> str:
    """As a pattern without regard to case sees it: to it the i without a dot is an i."""
    folded = said.casefold()
    return folded if said.isascii() else folded.replace("\u0131", "i").replace("i\u0307", "i")


def _said_in(said: str, folded: str, rares: Mapping[Conflict, _Rare]) -> Iterator[Conflict]:
    for conflict, rare in rares.items():
        if any(stem in folded for stem in rare.stems) and rare.pattern.search(said):
            yield conflict


def _open_matter(record: Record, said: str, on: date) -> Conflict | None:
    """A matter that nothing says is over; an old one only where the record itself says that it goes on."""
    conflict, until = _MAY_BE_OPEN[record.kind]
    if _STILL_OPEN.search(said):
        return conflict
    return conflict if on - record.dated_on <= until and not _CLOSED.search(said) else None


def _text_of(record: Record) -> str:
    return "\n".join([passage.text for passage in record.passages])


def _codes_of(record: Record) -> str:
    said = [passage.label for passage in record.passages]
    if record.findings or record.alert:
        said.extend(f"{finding.code} {finding.words}" for finding in record.findings)
        said.extend(entry.category for entry in record.alert)
    return "\n".join(said)


def _for_a_child(leg: Leg) -> bool:
    return leg.capacity == Capacity.PARENTAL_RESPONSIBILITY.value
