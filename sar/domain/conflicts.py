"""What stops delivery until a person decides, who may lift each kind of stop, and why.

A stop never stops the statutory clock, the gathering or the review, and never touches another leg.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from sar.domain.errors import InvalidInput, NotAllowed, SecondPersonNeeded, UnknownName
from sar.domain.parties import Actor, StaffRole


class Conflict(Enum):
    """What stops delivery until a person decides. The values are the words an officer reads."""

    SEPARATED_PARENTS = "the parents live apart"
    COURT_ORDER = "a court order limits contact or what may be shared"
    DOMESTIC_ABUSE = "a domestic abuse marker"
    CHILD_OLD_ENOUGH = "the child is old enough to be asked"
    HIDDEN_ADDRESS = "an address must not be shown"
    OPEN_SECTION_47 = "a section 47 enquiry is open"
    POLICE_MATTER = "a police matter is open"
    ALLEGATION = "an allegation about the requester is open"
    COURT_CASE = "a court case is open"
    FAMILY_COURT_PAPERS = "papers of a family court are among the records"
    NO_CONTACT_ORDER = "a protective or no-contact order"
    MARAC = "the family is known to a domestic abuse conference (MARAC)"
    SUSPECTED_COERCION = "the requester may be acting under pressure"

    @property
    def code(self) -> str:
        """As it stands in the trail: for good, never renamed."""
        return self.name.lower().replace("_", "-")


class ChildAsked(Enum):
    """Whether a child who is old enough was asked. The values are the words an officer reads."""

    ASKED = "Yes: what the child said is written below"
    NOT_ASKED = "No: the reason is written below"

    @property
    def code(self) -> str:
        """As it stands in the trail."""
        return self.name.lower().replace("_", "-")


_A, _L, _S = StaffRole.APPROVER, StaffRole.LAWYER, StaffRole.SAFEGUARDING_LEAD


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictRule:
    """Who decides about one kind of stop."""

    lifted_by: tuple[StaffRole, ...]
    why: str
    two_people: bool = True
    """Whoever recorded it does not lift it alone: it protects somebody."""
    is_silent: bool = False
    """Not a word of it to the family, nor to anybody who may be with them."""

    @property
    def who(self) -> str:
        """In words: ``approver or safeguarding lead``."""
        return " or ".join(role.value for role in self.lifted_by)


RULES: dict[Conflict, ConflictRule] = {
    Conflict.SEPARATED_PARENTS: ConflictRule(
        lifted_by=(_A,), why="Each parent asks alone, and the other's life is not theirs to read.",
    ),
    Conflict.COURT_ORDER: ConflictRule(lifted_by=(_A, _L), why="An order may forbid what would be sent."),
    Conflict.DOMESTIC_ABUSE: ConflictRule(
        lifted_by=(_A, _S), is_silent=True, why="What is sent may be read by the person who is feared.",
    ),
    Conflict.CHILD_OLD_ENOUGH: ConflictRule(
        lifted_by=(_A,), two_people=False,
        why="The right is the child's. Record what the child said, or why the child was not asked.",
    ),
    Conflict.HIDDEN_ADDRESS: ConflictRule(
        lifted_by=(_A, _S), is_silent=True, why="One line that names a place can undo the hiding.",
    ),
    Conflict.OPEN_SECTION_47: ConflictRule(
        lifted_by=(_A, _S), is_silent=True, why="What is told may put a child at risk while it is looked into.",
    ),
    Conflict.POLICE_MATTER: ConflictRule(
        lifted_by=(_A, _S), is_silent=True, why="What is told may harm an investigation; ask the police first.",
    ),
    Conflict.ALLEGATION: ConflictRule(
        lifted_by=(_A, _S), is_silent=True, why="What is told may harm an enquiry or a person who spoke up.",
    ),
    Conflict.COURT_CASE: ConflictRule(lifted_by=(_A, _L), why="A court may have its own rules on what is shared."),
    Conflict.FAMILY_COURT_PAPERS: ConflictRule(
        lifted_by=(_L,), why="Sharing papers of a family court may be contempt: only a lawyer decides.",
    ),
    Conflict.NO_CONTACT_ORDER: ConflictRule(
        lifted_by=(_A, _L, _S), is_silent=True, why="What is sent may lead somebody to a person they must not meet.",
    ),
    Conflict.MARAC: ConflictRule(
        lifted_by=(_A, _S), is_silent=True, why="That the conference spoke of somebody may itself be a danger.",
    ),
    Conflict.SUSPECTED_COERCION: ConflictRule(
        lifted_by=(_A, _S), is_silent=True,
        why="Somebody may be made to ask. Speak to them alone, in a safe way, before anything is handed over.",
    ),
}  # fmt: skip
"""For every kind of stop. The reasons are our own practice, for the officer; no law lists them [K]."""


def conflict_of(code: str) -> Conflict:
    """The conflict of that code. Raises ``UnknownName``."""
    for conflict in Conflict:
        if conflict.code == code:
            return conflict
    raise UnknownName(
        "That is not a kind of stop.",
        next_step="Choose one of: " + ", ".join(conflict.code for conflict in Conflict) + ".",
        field="code",
    )


def known(codes: Iterable[str]) -> frozenset[Conflict]:
    """The conflicts among the codes of a trail, those of before the codes were fixed included."""
    wanted = {code.lower().replace("_", "-") for code in codes}
    return frozenset(conflict for conflict in Conflict if conflict.code in wanted)


def require_may_lift(
    conflict: Conflict, *, by: Actor, recorded_by: Iterable[str], child_asked: str = ""
) -> None:
    """Refuse whoever may not lift this stop.

    :param recorded_by: everybody who recorded it since it was last lifted.
    :param child_asked: a code of ``ChildAsked``, where the child is old enough.
    """
    rule = RULES[conflict]
    if not by.roles & set(rule.lifted_by):
        raise NotAllowed(
            f"Only a person with the role {rule.who} may lift this stop.",
            next_step=f"Ask a person with the role {rule.who}.",
            field="code",
        )
    if rule.two_people and str(by.id) in set(recorded_by):
        raise SecondPersonNeeded(
            "You recorded this stop yourself, and it protects somebody.",
            next_step=f"Ask another person with the role {rule.who}.",
            field="code",
        )
    if conflict is Conflict.CHILD_OLD_ENOUGH and child_asked not in {c.code for c in ChildAsked}:
        raise InvalidInput(
            "Whether the child was asked is missing.",
            next_step="Say whether the child was asked, with what they said or why they were not.",
            field="child_asked",
        )
