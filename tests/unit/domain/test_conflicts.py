"""Who lifts which stop, and what never shows who somebody is."""

from datetime import date

import pytest

from sar.domain.authority import Capacity, Evidence, documents_for, evidence_of
from sar.domain.case import replay
from sar.domain.conflicts import RULES, ChildAsked, Conflict, conflict_of, known, require_may_lift
from sar.domain.errors import InvalidInput, NotAllowed, SARError, SecondPersonNeeded, UnknownName
from sar.domain.identity import BESIDE_CONTACT, IdentityMeans, KnownContact, confirmation_of, means_of
from sar.domain.parties import Actor, StaffRole
from sar.domain.references import StaffId
from sar.domain.trail import EventKind as K
from tests.unit.domain.test_case import step, trail


def who(*roles, name="anna"):
    return Actor(id=StaffId(name), name=name, roles=frozenset(roles))


@pytest.mark.parametrize("conflict", list(Conflict))
def test_every_kind_of_stop_says_who_lifts_it_and_why(conflict):
    rule = RULES[conflict]
    assert rule.lifted_by
    assert rule.why
    asked = ChildAsked.ASKED.code
    for role in StaffRole:
        if role in rule.lifted_by:
            require_may_lift(conflict, by=who(role), recorded_by=["sar", "olga"], child_asked=asked)
        else:
            with pytest.raises(NotAllowed, match=rule.who):
                require_may_lift(conflict, by=who(role), recorded_by=[], child_asked=asked)


def test_papers_of_a_family_court_are_for_a_lawyer_alone():
    assert RULES[Conflict.FAMILY_COURT_PAPERS].lifted_by == (StaffRole.LAWYER,)


@pytest.mark.parametrize("conflict", [c for c in Conflict if RULES[c].two_people])
def test_nobody_lifts_alone_what_they_recorded(conflict):
    by = who(*RULES[conflict].lifted_by)
    with pytest.raises(SecondPersonNeeded):
        require_may_lift(conflict, by=by, recorded_by=["olga", "anna"])
    require_may_lift(conflict, by=by, recorded_by=["olga", "sar"])


def test_every_stop_but_the_childs_own_voice_needs_two_people():
    assert [c for c in Conflict if not RULES[c].two_people] == [Conflict.CHILD_OLD_ENOUGH]


@pytest.mark.parametrize("said", ["", "perhaps"])
def test_whether_the_child_was_asked_has_to_be_said(said):
    by = who(StaffRole.APPROVER)
    with pytest.raises(InvalidInput) as refused:
        require_may_lift(Conflict.CHILD_OLD_ENOUGH, by=by, recorded_by=[], child_asked=said)
    assert refused.value.field == "child_asked"
    for code in ("asked", "not-asked"):
        require_may_lift(Conflict.CHILD_OLD_ENOUGH, by=by, recorded_by=[], child_asked=code)


def test_pressure_on_the_requester_is_never_spoken_of():
    silent = {c for c in Conflict if RULES[c].is_silent}
    assert {Conflict.SUSPECTED_COERCION, Conflict.DOMESTIC_ABUSE, Conflict.MARAC} <= silent


@pytest.mark.parametrize("code", ["", "MARAC", "no-such", "suspected_coercion"])
def test_an_unknown_kind_of_stop_is_refused(code):
    with pytest.raises(UnknownName) as refused:
        conflict_of(code)
    assert refused.value.field == "code"
    assert conflict_of("suspected-coercion") is Conflict.SUSPECTED_COERCION


A, L, S = StaffRole.APPROVER, StaffRole.LAWYER, StaffRole.SAFEGUARDING_LEAD


@pytest.mark.parametrize(
    ("code", "lifted_by", "who_lifts", "is_silent"),
    [
        ("separated-parents", (A,), "approver", False),
        ("court-order", (A, L), "approver or lawyer", False),
        ("domestic-abuse", (A, S), "approver or safeguarding lead", True),
        ("child-old-enough", (A,), "approver", False),
        ("hidden-address", (A, S), "approver or safeguarding lead", True),
        ("open-section-47", (A, S), "approver or safeguarding lead", True),
        ("police-matter", (A, S), "approver or safeguarding lead", True),
        ("allegation", (A, S), "approver or safeguarding lead", True),
        ("court-case", (A, L), "approver or lawyer", False),
        ("family-court-papers", (L,), "lawyer", False),
        ("no-contact-order", (A, L, S), "approver or lawyer or safeguarding lead", True),
        ("marac", (A, S), "approver or safeguarding lead", True),
        ("suspected-coercion", (A, S), "approver or safeguarding lead", True),
    ],
)
def test_who_lifts_which_stop_and_which_is_never_spoken_of(code, lifted_by, who_lifts, is_silent):
    rule = RULES[conflict_of(code)]
    assert (rule.lifted_by, rule.who, rule.is_silent) == (lifted_by, who_lifts, is_silent)


CODES = [
    "separated-parents", "court-order", "domestic-abuse", "child-old-enough", "hidden-address", "open-section-47",
    "police-matter", "allegation", "court-case", "family-court-papers", "no-contact-order", "marac",
    "suspected-coercion",
]  # fmt: skip


def test_the_codes_of_stops_stand_in_trails_for_good():
    assert [conflict.code for conflict in Conflict] == CODES
    assert [asked.code for asked in ChildAsked] == ["asked", "not-asked"]
    assert [conflict_of(code).code for code in CODES] == CODES
    assert known(CODES) == frozenset(Conflict)


def test_an_unknown_stop_is_refused_with_every_stop_there_is():
    with pytest.raises(UnknownName) as refused:
        conflict_of("divorce")
    assert refused.value.message == "That is not a kind of stop."
    assert refused.value.next_step == f"Choose one of: {', '.join(CODES)}."
    assert refused.value.field == "code"


def lifting(conflict, *roles, recorded_by=(), **said):
    with pytest.raises(SARError) as refused:
        require_may_lift(conflict, by=who(*roles), recorded_by=recorded_by, **said)
    told = refused.value
    return type(told), told.field, told.message, told.next_step


def test_the_wrong_role_is_told_whom_to_ask():
    others = frozenset(StaffRole) - {StaffRole.APPROVER, StaffRole.SAFEGUARDING_LEAD}
    assert lifting(Conflict.MARAC, *others, recorded_by=["anna"]) == (
        NotAllowed,
        "code",
        "Only a person with the role approver or safeguarding lead may lift this stop.",
        "Ask a person with the role approver or safeguarding lead.",
    )


def test_whoever_recorded_a_stop_is_told_whom_else_to_ask():
    assert lifting(Conflict.COURT_ORDER, StaffRole.LAWYER, recorded_by=iter(["olga", "anna"])) == (
        SecondPersonNeeded,
        "code",
        "You recorded this stop yourself, and it protects somebody.",
        "Ask another person with the role approver or lawyer.",
    )


def test_whether_the_child_was_asked_is_missing_until_it_is_said():
    missing = (
        InvalidInput,
        "child_asked",
        "Whether the child was asked is missing.",
        "Say whether the child was asked, with what they said or why they were not.",
    )
    assert lifting(Conflict.CHILD_OLD_ENOUGH, StaffRole.APPROVER) == missing
    for said in ("ASKED", "not_asked", "yes"):
        assert lifting(Conflict.CHILD_OLD_ENOUGH, StaffRole.APPROVER, child_asked=said) == missing


def test_only_the_childs_own_voice_asks_whether_the_child_was_asked():
    for conflict in set(Conflict) - {Conflict.CHILD_OLD_ENOUGH}:
        require_may_lift(conflict, by=who(*RULES[conflict].lifted_by), recorded_by=[])


def test_the_childs_own_voice_is_lifted_by_whoever_recorded_it():
    require_may_lift(
        Conflict.CHILD_OLD_ENOUGH, by=who(StaffRole.APPROVER), recorded_by=["anna"], child_asked="not-asked"
    )


def test_stops_of_older_trails_are_still_known():
    assert known(["SUSPECTED_COERCION", "Open-Section_47"]) == {
        Conflict.SUSPECTED_COERCION, Conflict.OPEN_SECTION_47,
    }  # fmt: skip
    assert known([]) == frozenset()
    assert known(["MARAC", "court-case", "something"]) == {Conflict.MARAC, Conflict.COURT_CASE}


def test_facts_never_show_who_somebody_is_and_the_refusal_says_what_would():
    with pytest.raises(NotAllowed, match="former partner") as refused:
        means_of("facts-answered")
    assert refused.value.field == "means"
    assert "photo" in refused.value.next_step
    assert [m for m in IdentityMeans if not m.suffices] == [IdentityMeans.FACTS_ANSWERED]
    with pytest.raises(UnknownName):
        means_of("she-sounded-right")
    assert means_of("photo-document") is IdentityMeans.PHOTO_DOCUMENT


@pytest.mark.parametrize("code", ["facts-answered", "checked-account", "code-through-known-contact"])
def test_the_old_mailbox_does_not_confirm_its_own_successor(code):
    with pytest.raises(NotAllowed):
        confirmation_of(code)


def test_a_contact_on_record_confirms_a_new_one_and_so_does_a_person_seen():
    assert confirmation_of("on-record-phone") is KnownContact.PHONE
    assert [confirmation_of(m.code) for m in BESIDE_CONTACT] == list(BESIDE_CONTACT)


def test_a_document_that_shows_something_else_is_refused_with_what_would():
    with pytest.raises(InvalidInput) as refused:
        evidence_of("grant", Capacity.PARENTAL_RESPONSIBILITY)
    assert refused.value.field == "evidence"
    assert "birth certificate" in refused.value.next_step
    with pytest.raises(UnknownName):
        evidence_of("a-letter", Capacity.AGENT)
    assert evidence_of("property-attorney", Capacity.ATTORNEY).reach == "property and money"
    assert evidence_of("health-deputy", Capacity.DEPUTY).reach == "health and care"
    assert evidence_of("birth-certificate", Capacity.PARENTAL_RESPONSIBILITY).reach == ""


def test_a_childs_understanding_can_be_recorded_where_it_counts():
    assert Evidence.CHILD_UNDERSTANDS in documents_for(Capacity.COMPETENT_CHILD_AUTHORITY)
    assert Evidence.CHILD_UNDERSTANDS not in documents_for(Capacity.PARENTAL_RESPONSIBILITY)


def test_an_older_trail_without_codes_still_shows_the_authority():
    got = step(K.AUTHORITY_SHOWN, 1, got_on="2026-10-22")
    leg = replay(trail(step(K.AUTHORITY_ASKED, 1, asked_on="2026-10-20"), got)).leg(1)
    assert leg.is_authority_uncoded
    assert leg.waits_for == ""


def test_a_trail_tells_which_document_came_when():
    first = step(K.EVIDENCE_SEEN, 1, evidence="child-authority", got_on="2026-10-25")
    last = step(K.AUTHORITY_SHOWN, 1, evidence="child-understands", seen_on="2026-10-23", got_on="2026-10-25")
    leg = replay(trail(first, last)).leg(1)
    assert leg.evidence == (
        ("child-authority", date(2026, 10, 25)),
        ("child-understands", date(2026, 10, 23)),
    )
    assert leg.authority_got == (date(2026, 10, 25),)


def test_a_lifted_stop_that_is_recorded_again_is_in_force_again():
    on, off = step(K.CONFLICT_RECORDED, 1, code="marac"), step(K.CONFLICT_RESOLVED, 1, code="marac")
    assert replay(trail(on, off)).leg(1).lifted == {"marac"}
    again = replay(trail(on, off, on)).leg(1)
    assert again.conflicts == {"marac"}
    assert again.lifted == frozenset()


def test_a_changed_contact_waits_until_it_is_confirmed_and_older_ones_do_not():
    old = step(K.CONTACT_CHANGED, None)
    changed = step(K.CONTACT_CHANGED, 1, waits=True)
    proved = step(K.CONTACT_CHANGED, 1, proved=True)
    assert not replay(trail(old)).leg(1).contact_waits
    assert replay(trail(changed, proved)).leg(1).contact_waits
    assert not replay(trail(changed, step(K.CONTACT_CONFIRMED, 1))).leg(1).contact_waits
