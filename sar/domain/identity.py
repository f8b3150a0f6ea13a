"""How an officer knows who is asking, and what never shows it.

Identity is asked for only where a reasonable doubt is recorded (UK GDPR Article 12(6)). However it is
shown, facts about the family do not show it: a former partner knows the dates of birth, the old
addresses and the children's names as well as the requester does.
"""

from __future__ import annotations

from enum import Enum

from sar.domain.errors import NotAllowed, UnknownName


class IdentityMeans(Enum):
    """By what somebody was known. The values are the words an officer reads; the code stands in the trail."""

    PHOTO_DOCUMENT = "a document with a photo, seen beside the person"
    CHECKED_ACCOUNT = "an account whose holder was checked before, signed in with it"
    KNOWN_IN_PERSON = "known in person to a member of staff"
    CODE_THROUGH_KNOWN_CONTACT = "a code answered through a contact that was on record before the request"
    PROFESSIONAL_CONFIRMED = "a solicitor or another professional confirmed it"
    FACTS_ANSWERED = "facts: date of birth, old addresses, children’s names, answers to questions"

    @property
    def code(self) -> str:
        """As it stands in the trail: for good, never renamed."""
        return self.name.lower().replace("_", "-")

    @property
    def suffices(self) -> bool:
        """Facts never do, however many were right."""
        return self is not IdentityMeans.FACTS_ANSWERED


class KnownContact(Enum):
    """A contact that was on record before a change was asked for. The values are the words an officer reads."""

    EMAIL = "the e-mail address that was on record"
    PHONE = "the phone number that was on record"
    POST = "the postal address that was on record"

    @property
    def code(self) -> str:
        """As it stands in the trail."""
        return f"on-record-{self.name.lower()}"


BESIDE_CONTACT = (
    IdentityMeans.PHOTO_DOCUMENT,
    IdentityMeans.KNOWN_IN_PERSON,
    IdentityMeans.PROFESSIONAL_CONFIRMED,
)
"""What confirms a new contact where the old ones are not safe. An account is entered by the old mailbox, so
it is not among them."""


def means_of(code: str) -> IdentityMeans:
    """The means of that code.

    :raises UnknownName: there is none of that code.
    :raises NotAllowed: it never shows who somebody is.
    """
    found = next((means for means in IdentityMeans if means.code == code), None)
    if found is None:
        raise UnknownName(
            "That is not a way in which somebody can be known.",
            next_step="Choose one of: " + ", ".join(m.code for m in IdentityMeans if m.suffices) + ".",
            field="means",
        )
    if not found.suffices:
        raise NotAllowed(
            "Facts do not show who is asking: a former partner knows them too.",
            next_step="Use one of these: " + "; ".join(m.value for m in IdentityMeans if m.suffices) + ".",
            field="means",
        )
    return found


def confirmation_of(code: str) -> KnownContact | IdentityMeans:
    """What confirmed a changed contact.

    :raises UnknownName: there is no such way.
    :raises NotAllowed: it does not show that the person asked for the change.
    """
    for contact in KnownContact:
        if contact.code == code:
            return contact
    means = means_of(code)
    if means not in BESIDE_CONTACT:
        raise NotAllowed(
            "That does not show that the person themself asked for the change.",
            next_step="Use a contact that was on record, or: "
            + "; ".join(m.value for m in BESIDE_CONTACT)
            + ".",
            field="means",
        )
    return means
