"""By what somebody is known: the codes that stand in trails, what each is worth, and what is refused."""

import pytest

from sar.domain.errors import NotAllowed, UnknownName
from sar.domain.identity import BESIDE_CONTACT, IdentityMeans, KnownContact, confirmation_of, means_of

SUFFICIENT = [
    "photo-document", "checked-account", "known-in-person", "code-through-known-contact", "professional-confirmed",
]  # fmt: skip
CHOOSE = (
    "Choose one of: photo-document, checked-account, known-in-person, code-through-known-contact, "
    "professional-confirmed."
)


def test_the_codes_stand_in_trails_for_good_and_only_facts_never_suffice():
    assert [(means.code, means.suffices) for means in IdentityMeans] == [
        *((code, True) for code in SUFFICIENT),
        ("facts-answered", False),
    ]
    assert [contact.code for contact in KnownContact] == [
        "on-record-email", "on-record-phone", "on-record-post",
    ]  # fmt: skip


@pytest.mark.parametrize("code", SUFFICIENT)
def test_each_way_of_being_known_is_found_by_its_code(code):
    assert means_of(code).code == code


@pytest.mark.parametrize("code", ["", "PHOTO-DOCUMENT", "photo_document", "on-record-email"])
def test_an_unknown_way_is_refused_with_those_that_suffice(code):
    with pytest.raises(UnknownName) as refused:
        means_of(code)
    assert refused.value.message == "That is not a way in which somebody can be known."
    assert refused.value.next_step == CHOOSE
    assert refused.value.field == "means"


@pytest.mark.parametrize("asked", [means_of, confirmation_of])
def test_facts_are_refused_with_what_does_show_who_is_asking(asked):
    with pytest.raises(NotAllowed) as refused:
        asked("facts-answered")
    assert refused.value.message == "Facts do not show who is asking: a former partner knows them too."
    assert refused.value.next_step == (
        "Use one of these: a document with a photo, seen beside the person; "
        "an account whose holder was checked before, signed in with it; "
        "known in person to a member of staff; "
        "a code answered through a contact that was on record before the request; "
        "a solicitor or another professional confirmed it."
    )
    assert refused.value.field == "means"


@pytest.mark.parametrize("contact", list(KnownContact))
def test_each_contact_on_record_confirms_a_new_one(contact):
    assert confirmation_of(contact.code) is contact


def test_only_who_was_seen_or_vouched_for_confirms_beside_a_contact():
    assert [means.code for means in BESIDE_CONTACT] == [
        "photo-document", "known-in-person", "professional-confirmed",
    ]  # fmt: skip
    for means in BESIDE_CONTACT:
        assert confirmation_of(means.code) is means


@pytest.mark.parametrize("code", ["checked-account", "code-through-known-contact"])
def test_what_the_old_mailbox_opens_is_refused_with_what_confirms(code):
    with pytest.raises(NotAllowed) as refused:
        confirmation_of(code)
    assert refused.value.message == "That does not show that the person themself asked for the change."
    assert refused.value.next_step == (
        "Use a contact that was on record, or: a document with a photo, seen beside the person; "
        "known in person to a member of staff; a solicitor or another professional confirmed it."
    )
    assert refused.value.field == "means"


def test_an_unknown_confirmation_is_refused_as_an_unknown_way():
    with pytest.raises(UnknownName) as refused:
        confirmation_of("on-record-fax")
    assert refused.value.next_step == CHOOSE
