"""Who may ask for whose information, what shows it, and what stops delivery until a person decides.

Three things are kept apart. *Missing* proof means the right to ask is not shown yet. A *conflict*
stops delivery, never the statutory clock and never another leg. *Routed elsewhere* means that the
request is good but another law answers it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from sar.domain.conflicts import Conflict
from sar.domain.errors import AuthorityNotShown, InvalidInput, UnknownName

_ADULT = 18
_WHY_NOT_THE_DEAD = (
    "Subject access is for living people. A health record of someone who has died is asked for under "
    "the 1990 Act. Whether to share a council file of someone who has died is a choice the council makes "
    "and records. What is held about you yourself is still a subject access request."
)
_WHY_NOT_GROWN_UP = (
    "The person is an adult now. They ask themselves, or give someone their written authority."
)
_WHY_NO_ATTORNEY = "Nobody of that age can give a power of attorney, so there is none to ask by."
_HEALTH = "health and care"


class Capacity(Enum):
    """By what right the requester asks."""

    SELF = "self"
    PARENTAL_RESPONSIBILITY = "parental-responsibility"
    COMPETENT_CHILD_AUTHORITY = "competent-child-authority"
    ATTORNEY = "attorney"
    DEPUTY = "deputy"
    AGENT = "agent"
    PERSONAL_REPRESENTATIVE = "personal-representative"
    CLAIM_FROM_DEATH = "claim-arising-from-death"
    BEREAVED_RELATIVE = "bereaved-relative"
    COUNCIL_CARE_ORDER = "council-care-order"

    @property
    def is_own_request(self) -> bool:
        """True where the person asks for what is held about themself, in person or by an agent."""
        return self in (Capacity.SELF, Capacity.AGENT, Capacity.COMPETENT_CHILD_AUTHORITY)

    @property
    def is_for_the_dead(self) -> bool:
        """True where the records are those of somebody who has died."""
        return self in (
            Capacity.PERSONAL_REPRESENTATIVE,
            Capacity.CLAIM_FROM_DEATH,
            Capacity.BEREAVED_RELATIVE,
        )


class Evidence(Enum):
    """What an officer can have seen. The values are the words shown."""

    IDENTITY_PROVED = "proof of who the requester is"
    BIRTH_CERTIFICATE = "the child's full birth certificate naming the parent"
    ADOPTION_CERTIFICATE = "the adoption certificate"
    RESPONSIBILITY_AGREEMENT = "a parental responsibility agreement"
    COURT_ORDER = "a court order that gives parental responsibility"
    CHILD_AUTHORITY = "the child's own signed authority"
    CHILD_UNDERSTANDS = "a record that the child understands what they agree to"
    HEALTH_ATTORNEY = "the registered lasting power of attorney for health and care"
    PROPERTY_ATTORNEY = "the registered lasting power of attorney for property and money"
    HEALTH_DEPUTY = "the court's order appointing the deputy for health and care"
    PROPERTY_DEPUTY = "the court's order appointing the deputy for property and money"
    WRITTEN_AUTHORITY = "the person's written authority"
    GRANT = "the grant of probate or letters of administration"
    CLAIM = "what shows the claim that arises from the death"
    CARE_ORDER = "the care order"
    POWER_REACHES_HEALTH = "a recorded reason why the power reaches health records"
    NAME_CHANGE = "the marriage certificate or deed poll for a changed name"

    @property
    def code(self) -> str:
        """As it stands in the trail: for good, never renamed."""
        return self.name.lower().replace("_", "-")

    @property
    def reach(self) -> str:
        """Which decisions a power or an order is about; empty for every other document."""
        about = {"HEALTH": _HEALTH, "PROPERTY": "property and money"}
        return about.get(self.name.partition("_")[0], "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One thing to be shown; any of the listed documents shows it."""

    any_of: tuple[Evidence, ...]

    @property
    def words(self) -> str:
        """For a letter: ``the adoption certificate or a parental responsibility agreement``."""
        return " or ".join(evidence.value for evidence in self.any_of)


def _proofs(*groups: tuple[Evidence, ...]) -> tuple[Proof, ...]:
    return tuple(Proof(any_of=group) for group in groups)


EVIDENCE_NEEDED: dict[Capacity, tuple[Proof, ...]] = {
    Capacity.SELF: (),
    Capacity.PARENTAL_RESPONSIBILITY: _proofs(
        (
            Evidence.BIRTH_CERTIFICATE, Evidence.ADOPTION_CERTIFICATE,
            Evidence.RESPONSIBILITY_AGREEMENT, Evidence.COURT_ORDER,
        ),
    ),
    Capacity.COMPETENT_CHILD_AUTHORITY: _proofs((Evidence.CHILD_AUTHORITY,)),
    Capacity.ATTORNEY: _proofs((Evidence.HEALTH_ATTORNEY, Evidence.PROPERTY_ATTORNEY)),
    Capacity.DEPUTY: _proofs((Evidence.HEALTH_DEPUTY, Evidence.PROPERTY_DEPUTY)),
    Capacity.AGENT: _proofs((Evidence.WRITTEN_AUTHORITY,)),
    Capacity.PERSONAL_REPRESENTATIVE: _proofs((Evidence.GRANT,)),
    Capacity.CLAIM_FROM_DEATH: _proofs((Evidence.CLAIM,)),
    Capacity.BEREAVED_RELATIVE: (),
    Capacity.COUNCIL_CARE_ORDER: _proofs((Evidence.CARE_ORDER,)),
}  # fmt: skip
"""Beside identity, which is asked for only where a reasonable doubt is recorded (Article 12(6))."""


_MAY_BE_YOUNG = (Capacity.COMPETENT_CHILD_AUTHORITY, Capacity.SELF, Capacity.AGENT)
_BY_A_POWER = (Capacity.ATTORNEY, Capacity.DEPUTY)
_OVER_A_CHILD = (Capacity.PARENTAL_RESPONSIBILITY, Capacity.DEPUTY, Capacity.COUNCIL_CARE_ORDER)
"""Somebody asks whom the child did not choose."""
_ENDS_WITH_CHILDHOOD = (
    Capacity.PARENTAL_RESPONSIBILITY, Capacity.COUNCIL_CARE_ORDER, Capacity.COMPETENT_CHILD_AUTHORITY,
)  # fmt: skip


def asks_as(capacity: Capacity, subject_age: int, presumption: AgePresumption) -> Capacity:
    """In what capacity the law sees somebody: an agent for a young child stands where a parent would."""
    if capacity is Capacity.AGENT and subject_age < presumption.age:
        return Capacity.PARENTAL_RESPONSIBILITY
    return capacity


def documents_for(capacity: Capacity) -> tuple[Evidence, ...]:
    """Every document that can be recorded for this capacity, whatever the age."""
    shown = tuple(evidence for proof in EVIDENCE_NEEDED[capacity] for evidence in proof.any_of)
    young = (Evidence.CHILD_UNDERSTANDS,) if capacity in _MAY_BE_YOUNG else ()
    reasons = (Evidence.POWER_REACHES_HEALTH,) if capacity in _BY_A_POWER else ()
    return (*shown, *young, *reasons, Evidence.NAME_CHANGE)


def reaches_health(capacity: Capacity, seen: Collection[Evidence]) -> bool:
    """Whether what was seen lets this requester have health records, or a person wrote down why it does.

    A power over money alone is about health records only where somebody can say why.
    """
    about_health = {e for e in Evidence if e.reach == _HEALTH} | {Evidence.POWER_REACHES_HEALTH}
    return capacity not in _BY_A_POWER or bool(about_health & set(seen))


def evidence_of(code: str, capacity: Capacity) -> Evidence:
    """The document of that code, if it can show this capacity.

    :raises UnknownName: there is no such document.
    :raises InvalidInput: it shows something else.
    """
    fits = documents_for(capacity)
    found = next((evidence for evidence in Evidence if evidence.code == code), None)
    # A recorded reason is not a paper that anybody can be asked for.
    papers = [evidence for evidence in fits if evidence is not Evidence.POWER_REACHES_HEALTH]
    would = " or ".join(evidence.value for evidence in papers)
    if found is None:
        raise UnknownName(
            "That is not a document we know.",
            next_step=f"For this capacity ask for {would}.",
            field="evidence",
        )
    if found not in fits:
        raise InvalidInput(
            f"That document does not show this right: it is {found.value}.",
            next_step=f"Ask for {would}.",
            field="evidence",
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class AgePresumption:
    """The age from which a child is taken to understand, as the law or local policy of a nation has it."""

    age: int
    statutory: bool
    citation: str
    uncertain: bool = False
    attorney_age: int = _ADULT
    """The age from which somebody can give a power of attorney."""
    attorney_citation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityFacts:
    """What is known about one leg's right to ask."""

    capacity: Capacity
    subject_age: int
    subject_is_living: bool = True
    identity_doubt: str = ""
    """The recorded reasonable doubt; empty means that identity is not asked for."""
    seen: frozenset[Evidence] = frozenset()
    conflicts: frozenset[Conflict] = frozenset()
    decided: frozenset[Conflict] = frozenset()
    """Lifted by a named person, with a reason that is sealed elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityCheck:
    """What is missing, what stops delivery, and where else the request belongs."""

    capacity: Capacity
    missing: tuple[Proof, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    routed_to: str = ""
    why: str = ""

    @property
    def is_shown(self) -> bool:
        """The right to ask is shown: gathering and review may go on."""
        return not self.missing and not self.routed_to

    @property
    def may_deliver(self) -> bool:
        """Shown, and every conflict has been decided by a person."""
        return self.is_shown and not self.conflicts


def assess_authority(
    facts: AuthorityFacts, *, presumption: AgePresumption, require: bool = False
) -> AuthorityCheck:
    """Say what is missing. With ``require`` raise ``AuthorityNotShown`` unless delivery may go on."""
    if facts.subject_age < 0:
        raise InvalidInput(
            "The age cannot be below zero.", next_step="Check the date of birth.", field="subject_age"
        )
    if elsewhere := _elsewhere(facts, presumption):
        check = AuthorityCheck(capacity=facts.capacity, routed_to=elsewhere[0], why=elsewhere[1])
    else:
        check = AuthorityCheck(
            capacity=facts.capacity,
            missing=_missing(facts, presumption),
            conflicts=_open_conflicts(facts, presumption),
        )
    if require:
        _require(check)
    return check


def _elsewhere(facts: AuthorityFacts, presumption: AgePresumption) -> tuple[str, str] | None:
    """A right that is not this one: the dead have no subject access, and children grow up."""
    capacity = facts.capacity
    if not facts.subject_is_living or capacity.is_for_the_dead:
        return "Access to Health Records Act 1990", _WHY_NOT_THE_DEAD
    if capacity in _ENDS_WITH_CHILDHOOD and facts.subject_age >= _ADULT:
        return "the person's own request", _WHY_NOT_GROWN_UP
    if capacity is Capacity.ATTORNEY and facts.subject_age < presumption.attorney_age:
        return "a request of the child, or of somebody with parental responsibility", _WHY_NO_ATTORNEY
    return None


def _missing(facts: AuthorityFacts, presumption: AgePresumption) -> tuple[Proof, ...]:
    needed = list(EVIDENCE_NEEDED[facts.capacity])
    if facts.identity_doubt.strip():
        needed.insert(0, Proof(any_of=(Evidence.IDENTITY_PROVED,)))
    young = facts.subject_age < presumption.age
    if young and facts.capacity in _MAY_BE_YOUNG:
        # Below the presumed age a child may still understand; somebody has to have found out.
        needed.append(Proof(any_of=(Evidence.CHILD_UNDERSTANDS,)))
    return tuple(proof for proof in needed if not facts.seen & frozenset(proof.any_of))


def _open_conflicts(facts: AuthorityFacts, presumption: AgePresumption) -> tuple[Conflict, ...]:
    found = set(facts.conflicts)
    if facts.capacity in _OVER_A_CHILD and presumption.age <= facts.subject_age < _ADULT:
        found.add(Conflict.CHILD_OLD_ENOUGH)
    return tuple(conflict for conflict in Conflict if conflict in found - facts.decided)


def _require(check: AuthorityCheck) -> None:
    if check.routed_to:
        raise AuthorityNotShown(
            "This is not a subject access request in this capacity.",
            next_step=f"Answer it as {check.routed_to}.",
            field="capacity",
        )
    if check.missing:
        raise AuthorityNotShown(
            "The right to ask for this person's information is not shown yet.",
            next_step="Ask for " + "; and ".join(proof.words for proof in check.missing) + ".",
            field="evidence",
        )
    if check.conflicts:
        raise AuthorityNotShown(
            "Delivery is stopped until a person decides: "
            + "; ".join(conflict.value for conflict in check.conflicts) + ".",
            next_step="Decide each point and record the reason. The due date does not change.",
            field="conflicts",
        )  # fmt: skip
