"""Every error the program raises, in one tree.

Each carries a stable ``code`` for scripts, a sentence for people and a next step. None may carry
personal data: an error text ends up in logs, terminals and engine tables.

::

    SARError
    ├── InvalidInput            what was given cannot be used           (exit 2, HTTP 422)
    │   ├── ImpossibleDate
    │   ├── UnknownName         a nation, exemption, kind, store ... we do not have
    │   ├── CalendarNotCovered  a date past the published holidays
    │   ├── BadRule             a redaction rule that cannot be used
    │   ├── BadMapping          a store mapping or configuration that cannot be used
    │   └── BadLaw              a law file that contradicts itself
    ├── NotFound                                                        (HTTP 404)
    ├── NotAllowed              the law or a role forbids it            (exit 1, HTTP 403)
    │   ├── AuthorityNotShown
    │   ├── SecondPersonNeeded
    │   └── StoreNotOurs        another controller's store, no agreement recorded
    ├── OutOfOrder              the case is not at that step            (exit 1, HTTP 409)
    │   ├── UndecidedProposals
    │   ├── DecisionNotSupported  a decision lacks its person, reason, statute or opinion
    │   └── AlreadyDone
    ├── StoreFault
    │   ├── StoreUnavailable    may answer later: retried
    │   ├── StoreRefused        will not answer: a person must act
    │   └── UnreadableItem      one item held back; the rest goes on
    ├── WithheldTextFound       the release gate found what must not leave (exit 1)
    ├── IntegrityFault          something was altered                    (exit 1)
    │   ├── TrailBroken
    │   ├── SealBroken
    │   └── PackAltered
    └── EnvironmentFault        disk, keys, assets, network              (exit 2)
"""

from __future__ import annotations


class SARError(Exception):
    """Base of the tree. ``next_step`` says what the reader should do now."""

    code = "sar"
    exit_code = 2

    def __init__(self, message: str, *, next_step: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        self.field = field

    def __reduce__(self) -> tuple[object, ...]:
        """Survive a process border: the engine and the render pool pickle exceptions."""
        return (_rebuild, (type(self), self.message, self.next_step, self.field))


def _rebuild(kind: type[SARError], message: str, next_step: str, field: str) -> SARError:
    return kind(message, next_step=next_step, field=field)


class InvalidInput(SARError):
    """What was given cannot be used; ``field`` names the part."""

    code = "input"


class ImpossibleDate(InvalidInput):
    """A date that does not exist, lies in the future of a case, or contradicts another."""

    code = "input.date"


class UnknownName(InvalidInput):
    """A nation, exemption, record kind, store or rule that is not in the lists."""

    code = "input.unknown"


class CalendarNotCovered(InvalidInput):
    """A date beyond the years whose public holidays are known."""

    code = "input.calendar"


class BadRule(InvalidInput):
    """A redaction rule with a bad pattern, no citation, or an example that fails."""

    code = "rule"


class BadMapping(InvalidInput):
    """A store configuration or mapping that cannot be used."""

    code = "mapping"


class BadLaw(InvalidInput):
    """A law file with a missing citation or two entries for one day."""

    code = "law"


class NotFound(SARError):
    """The thing named does not exist, or is not yours to see; the two are not told apart."""

    code = "not-found"
    exit_code = 1


class NotAllowed(SARError):
    """The law, a role or a recorded decision forbids it."""

    code = "not-allowed"
    exit_code = 1


class AuthorityNotShown(NotAllowed):
    """The requester has not shown the right to ask for this person's data."""

    code = "not-allowed.authority"


class SecondPersonNeeded(NotAllowed):
    """The same person cannot decide and sign off."""

    code = "not-allowed.second-person"


class StoreNotOurs(NotAllowed):
    """The store belongs to another controller and no agreement in force covers it."""

    code = "not-allowed.controller"


class OutOfOrder(SARError):
    """The case is not at the step this needs."""

    code = "order"
    exit_code = 1


class QuestionsLeft(OutOfOrder):
    """A round has a question that nobody has put to its store yet."""

    code = "order.questions"


class UndecidedProposals(OutOfOrder):
    """Proposals or records still wait for a person."""

    code = "order.undecided"


class DecisionNotSupported(OutOfOrder):
    """A decision lacks the person, reason, statute, role or opinion the law asks for."""

    code = "order.decision"


class AlreadyDone(OutOfOrder):
    """It was done before and is not done twice."""

    code = "order.already"


class StoreFault(SARError):
    """A store did not give a usable answer."""

    code = "store"
    exit_code = 1


class StoreUnavailable(StoreFault):
    """May answer later; the attempt is repeated."""

    code = "store.unavailable"


class StoreRefused(StoreFault):
    """Will not answer as asked (credentials, contract); repeating does not help."""

    code = "store.refused"


class UnreadableItem(StoreFault):
    """One item cannot be read; it is held back for a person and the rest goes on."""

    code = "store.unreadable"


class WithheldTextFound(SARError):
    """The release gate found withheld text in something about to leave."""

    code = "gate"
    exit_code = 1


class IntegrityFault(SARError):
    """Something was altered, removed or put out of order."""

    code = "integrity"
    exit_code = 1


class TrailBroken(IntegrityFault):
    """An event was edited, removed, reordered or never signed for."""

    code = "integrity.trail"


class SealBroken(IntegrityFault):
    """A sealed item does not open under its key and place."""

    code = "integrity.seal"


class PackAltered(IntegrityFault):
    """A pack's bytes, digests or signature do not agree."""

    code = "integrity.pack"


class EnvironmentFault(SARError):
    """The machine lacks something: space, a key, an asset, a permission."""

    code = "environment"
