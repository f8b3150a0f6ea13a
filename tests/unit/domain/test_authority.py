import pytest

from sar.domain.authority import (
    EVIDENCE_NEEDED,
    AgePresumption,
    AuthorityFacts,
    Capacity,
    Evidence,
    asks_as,
    assess_authority,
    documents_for,
    evidence_of,
    reaches_health,
)  # fmt: skip
from sar.domain.conflicts import Conflict
from sar.domain.errors import AuthorityNotShown, InvalidInput, UnknownName
from sar.law import load

TWELVE = AgePresumption(age=12, statutory=False, citation="A working assumption")


def facts(capacity=Capacity.SELF, age=30, **changes):
    return AuthorityFacts(capacity=capacity, subject_age=age, **changes)


def check(*args, require=False, **kwargs):
    return assess_authority(facts(*args, **kwargs), presumption=TWELVE, require=require)


def seen(*evidence):
    return frozenset(evidence)


def test_an_adult_asking_for_themself_needs_nothing_unless_doubt_is_recorded():
    assert check().may_deliver
    doubted = check(identity_doubt="The signature differs from the one on file.")
    assert doubted.missing[0].any_of == (Evidence.IDENTITY_PROVED,)
    assert not doubted.is_shown
    proved = check(identity_doubt="As above.", seen=seen(Evidence.IDENTITY_PROVED))
    assert proved.may_deliver


@pytest.mark.parametrize(
    "paper",
    [
        Evidence.BIRTH_CERTIFICATE,
        Evidence.ADOPTION_CERTIFICATE,
        Evidence.RESPONSIBILITY_AGREEMENT,
        Evidence.COURT_ORDER,
    ],
)
def test_any_one_paper_shows_parental_responsibility(paper):
    without = check(Capacity.PARENTAL_RESPONSIBILITY, 4)
    assert not without.is_shown
    assert "the adoption certificate or" in without.missing[0].words
    assert check(Capacity.PARENTAL_RESPONSIBILITY, 4, seen=seen(paper)).may_deliver


def test_every_capacity_says_what_shows_it():
    assert set(EVIDENCE_NEEDED) == set(Capacity)


@pytest.mark.parametrize(
    ("capacity", "age", "paper"),
    [
        (Capacity.ATTORNEY, 80, Evidence.HEALTH_ATTORNEY),
        (Capacity.DEPUTY, 40, Evidence.PROPERTY_DEPUTY),
        (Capacity.AGENT, 40, Evidence.WRITTEN_AUTHORITY),
        (Capacity.COUNCIL_CARE_ORDER, 6, Evidence.CARE_ORDER),
        (Capacity.COMPETENT_CHILD_AUTHORITY, 14, Evidence.CHILD_AUTHORITY),
    ],
)
def test_other_capacities_need_their_own_paper(capacity, age, paper):
    assert not check(capacity, age, seen=seen(Evidence.GRANT)).is_shown
    assert check(capacity, age, seen=seen(paper)).may_deliver


def test_a_child_old_enough_is_asked_before_delivery_to_a_parent():
    papers = seen(Evidence.BIRTH_CERTIFICATE)
    younger = check(Capacity.PARENTAL_RESPONSIBILITY, 11, seen=papers)
    older = check(Capacity.PARENTAL_RESPONSIBILITY, 12, seen=papers)
    assert younger.may_deliver
    assert older.conflicts == (Conflict.CHILD_OLD_ENOUGH,)
    assert older.is_shown
    assert not older.may_deliver


@pytest.mark.parametrize(("age", "missing"), [(11, True), (12, False)])
def test_below_the_presumed_age_someone_must_find_out_whether_the_child_understands(age, missing):
    found = check(Capacity.COMPETENT_CHILD_AUTHORITY, age, seen=seen(Evidence.CHILD_AUTHORITY))
    assert bool(found.missing) is missing
    assert bool(check(Capacity.SELF, age).missing) is missing
    assert check(Capacity.SELF, age, seen=seen(Evidence.CHILD_UNDERSTANDS)).is_shown


@pytest.mark.parametrize("conflict", list(Conflict))
def test_every_conflict_stops_delivery_until_a_person_decides(conflict):
    stopped = check(conflicts=frozenset({conflict}))
    assert stopped.is_shown
    assert not stopped.may_deliver

    one = frozenset({conflict})
    assert check(conflicts=one, decided=one).may_deliver


def test_a_decision_on_one_conflict_leaves_the_other():
    both = frozenset({Conflict.SEPARATED_PARENTS, Conflict.HIDDEN_ADDRESS})
    assert check(conflicts=both, decided=frozenset({Conflict.SEPARATED_PARENTS})).conflicts == (
        Conflict.HIDDEN_ADDRESS,
    )


def test_the_dead_have_no_subject_access():
    dead = check(subject_is_living=False)
    assert dead.routed_to == "Access to Health Records Act 1990"
    assert "still a subject access request" in dead.why
    assert not dead.is_shown
    assert check(Capacity.PERSONAL_REPRESENTATIVE, seen=seen(Evidence.GRANT)).routed_to


@pytest.mark.parametrize(
    "capacity",
    [Capacity.PARENTAL_RESPONSIBILITY, Capacity.COUNCIL_CARE_ORDER, Capacity.COMPETENT_CHILD_AUTHORITY],
)
def test_responsibility_ends_at_eighteen(capacity):
    assert not check(capacity, 17).routed_to
    assert check(capacity, 18).routed_to == "the person's own request"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"subject_is_living": False}, "capacity"),
        ({"capacity": Capacity.AGENT}, "evidence"),
        ({"conflicts": frozenset({Conflict.MARAC})}, "conflicts"),
    ],
)
def test_required_authority_is_refused_by_name_with_a_next_step(changes, field):
    with pytest.raises(AuthorityNotShown) as refusal:
        check(**changes, require=True)
    assert refusal.value.field == field
    assert refusal.value.next_step


def test_required_authority_passes_when_shown():
    assert check(require=True).may_deliver


def test_an_age_below_zero_is_refused():
    with pytest.raises(InvalidInput):
        check(age=-1)
    assert check(Capacity.PARENTAL_RESPONSIBILITY, 0, seen=seen(Evidence.BIRTH_CERTIFICATE)).may_deliver


def test_own_requests_are_told_from_requests_for_someone_else():
    assert Capacity.SELF.is_own_request
    assert Capacity.AGENT.is_own_request
    assert not Capacity.PARENTAL_RESPONSIBILITY.is_own_request
    assert not Capacity.DEPUTY.is_own_request


def test_identity_is_asked_for_first():
    both = check(Capacity.AGENT, identity_doubt="A new address.")
    assert [proof.any_of[0] for proof in both.missing] == [
        Evidence.IDENTITY_PROVED,
        Evidence.WRITTEN_AUTHORITY,
    ]


@pytest.mark.parametrize(("age", "missing"), [(5, True), (11, True), (12, False), (17, False), (30, False)])
def test_an_agent_for_a_young_child_needs_a_child_who_understands(age, missing):
    letter = seen(Evidence.WRITTEN_AUTHORITY)
    found = check(Capacity.AGENT, age, seen=letter)
    assert [proof.any_of for proof in found.missing] == [(Evidence.CHILD_UNDERSTANDS,)] * missing
    assert found.conflicts == ()
    assert check(Capacity.AGENT, age, seen=letter | {Evidence.CHILD_UNDERSTANDS}).may_deliver
    assert Evidence.CHILD_UNDERSTANDS in documents_for(Capacity.AGENT)


@pytest.mark.parametrize(
    ("capacity", "paper"),
    [(Capacity.DEPUTY, Evidence.HEALTH_DEPUTY), (Capacity.COUNCIL_CARE_ORDER, Evidence.CARE_ORDER)],
)
def test_a_child_old_enough_is_asked_before_a_court_appointee_or_a_council_gets_anything(capacity, paper):
    assert check(capacity, 11, seen=seen(paper)).may_deliver
    for age in (12, 17):
        assert check(capacity, age, seen=seen(paper)).conflicts == (Conflict.CHILD_OLD_ENOUGH,)


def test_an_adult_with_a_deputy_is_not_a_child_to_be_asked():
    assert check(Capacity.DEPUTY, 18, seen=seen(Evidence.HEALTH_DEPUTY)).may_deliver


@pytest.mark.parametrize(("nation", "age"), [("england", 18), ("wales", 18), ("scotland", 16)])
def test_nobody_too_young_to_give_a_power_is_asked_for_by_one(nation, age):
    papers = seen(Evidence.HEALTH_ATTORNEY)
    presumption = load(nation).age_presumption
    young, grown = (
        assess_authority(facts(Capacity.ATTORNEY, years, seen=papers), presumption=presumption)
        for years in (age - 1, age)
    )
    assert "power of attorney" in young.why
    assert not young.is_shown
    assert grown.may_deliver


@pytest.mark.parametrize(
    ("capacity", "papers", "reaches"),
    [
        (Capacity.ATTORNEY, {Evidence.PROPERTY_ATTORNEY}, False),
        (Capacity.DEPUTY, {Evidence.PROPERTY_DEPUTY, Evidence.NAME_CHANGE}, False),
        (Capacity.ATTORNEY, {Evidence.HEALTH_ATTORNEY}, True),
        (Capacity.DEPUTY, {Evidence.PROPERTY_DEPUTY, Evidence.HEALTH_DEPUTY}, True),
        (Capacity.ATTORNEY, {Evidence.PROPERTY_ATTORNEY, Evidence.POWER_REACHES_HEALTH}, True),
        (Capacity.SELF, set(), True),
    ],
)
def test_a_power_over_money_reaches_health_records_only_for_a_reason(capacity, papers, reaches):
    assert reaches_health(capacity, papers) is reaches


def test_a_reason_alone_shows_no_power():
    assert check(Capacity.ATTORNEY, 80, seen=seen(Evidence.POWER_REACHES_HEALTH)).missing


def test_an_agent_for_a_young_child_stands_where_a_parent_would():
    assert asks_as(Capacity.AGENT, 11, TWELVE) is Capacity.PARENTAL_RESPONSIBILITY
    assert asks_as(Capacity.AGENT, 12, TWELVE) is Capacity.AGENT
    assert asks_as(Capacity.SELF, 5, TWELVE) is Capacity.SELF


# --- what is written down for good, and what is said -----------------------------------------------


@pytest.mark.parametrize(
    ("capacity", "documents"),
    [
        (Capacity.SELF, [Evidence.CHILD_UNDERSTANDS]),
        (
            Capacity.PARENTAL_RESPONSIBILITY,
            [
                Evidence.BIRTH_CERTIFICATE,
                Evidence.ADOPTION_CERTIFICATE,
                Evidence.RESPONSIBILITY_AGREEMENT,
                Evidence.COURT_ORDER,
            ],
        ),
        (Capacity.COMPETENT_CHILD_AUTHORITY, [Evidence.CHILD_AUTHORITY, Evidence.CHILD_UNDERSTANDS]),
        (
            Capacity.ATTORNEY,
            [Evidence.HEALTH_ATTORNEY, Evidence.PROPERTY_ATTORNEY, Evidence.POWER_REACHES_HEALTH],
        ),
        (Capacity.DEPUTY, [Evidence.HEALTH_DEPUTY, Evidence.PROPERTY_DEPUTY, Evidence.POWER_REACHES_HEALTH]),
        (Capacity.AGENT, [Evidence.WRITTEN_AUTHORITY, Evidence.CHILD_UNDERSTANDS]),
        (Capacity.PERSONAL_REPRESENTATIVE, [Evidence.GRANT]),
        (Capacity.CLAIM_FROM_DEATH, [Evidence.CLAIM]),
        (Capacity.BEREAVED_RELATIVE, []),
        (Capacity.COUNCIL_CARE_ORDER, [Evidence.CARE_ORDER]),
    ],
)
def test_each_capacity_takes_its_own_documents_and_a_changed_name(capacity, documents):
    fits = documents_for(capacity)
    assert fits == (*documents, Evidence.NAME_CHANGE)
    for document in Evidence:
        if document in fits:
            assert evidence_of(document.code, capacity) is document
        else:
            with pytest.raises(InvalidInput):
                evidence_of(document.code, capacity)


def test_the_codes_of_documents_stand_in_trails_for_good_and_say_what_they_reach():
    assert [(document.code, document.reach) for document in Evidence] == [
        ("identity-proved", ""),
        ("birth-certificate", ""),
        ("adoption-certificate", ""),
        ("responsibility-agreement", ""),
        ("court-order", ""),
        ("child-authority", ""),
        ("child-understands", ""),
        ("health-attorney", "health and care"),
        ("property-attorney", "property and money"),
        ("health-deputy", "health and care"),
        ("property-deputy", "property and money"),
        ("written-authority", ""),
        ("grant", ""),
        ("claim", ""),
        ("care-order", ""),
        ("power-reaches-health", ""),
        ("name-change", ""),
    ]


def test_the_codes_of_capacities_stand_in_trails_for_good():
    assert [capacity.value for capacity in Capacity] == [
        "self",
        "parental-responsibility",
        "competent-child-authority",
        "attorney",
        "deputy",
        "agent",
        "personal-representative",
        "claim-arising-from-death",
        "bereaved-relative",
        "council-care-order",
    ]


def test_every_capacity_is_an_own_request_or_for_the_dead_or_for_somebody_living():
    assert {c for c in Capacity if c.is_own_request} == {
        Capacity.SELF, Capacity.AGENT, Capacity.COMPETENT_CHILD_AUTHORITY,
    }  # fmt: skip
    assert {c for c in Capacity if c.is_for_the_dead} == {
        Capacity.PERSONAL_REPRESENTATIVE, Capacity.CLAIM_FROM_DEATH, Capacity.BEREAVED_RELATIVE,
    }  # fmt: skip


DEPUTY_NEEDS = (
    "the court's order appointing the deputy for health and care or "
    "the court's order appointing the deputy for property and money or "
    "the marriage certificate or deed poll for a changed name"
)


def test_an_unknown_document_is_refused_with_all_that_would_do():
    with pytest.raises(UnknownName) as refused:
        evidence_of("HEALTH-DEPUTY", Capacity.DEPUTY)
    assert refused.value.message == "That is not a document we know."
    assert refused.value.next_step == f"For this capacity ask for {DEPUTY_NEEDS}."
    assert refused.value.field == "evidence"


def test_a_document_for_another_capacity_is_named_and_refused_with_all_that_would_do():
    with pytest.raises(InvalidInput) as refused:
        evidence_of("care-order", Capacity.DEPUTY)
    assert type(refused.value) is InvalidInput
    assert refused.value.message == "That document does not show this right: it is the care order."
    assert refused.value.next_step == f"Ask for {DEPUTY_NEEDS}."
    assert refused.value.field == "evidence"


def test_an_age_below_zero_is_refused_before_anything_else():
    with pytest.raises(InvalidInput) as refused:
        check(Capacity.BEREAVED_RELATIVE, -1, require=True)
    assert refused.value.message == "The age cannot be below zero."
    assert refused.value.next_step == "Check the date of birth."
    assert refused.value.field == "subject_age"


def test_nothing_is_required_unless_it_is_said():
    asked = assess_authority(facts(Capacity.AGENT), presumption=TWELVE)
    assert asked.capacity is Capacity.AGENT
    assert [proof.words for proof in asked.missing] == ["the person's written authority"]
    assert (asked.conflicts, asked.routed_to, asked.why) == ((), "", "")
    assert not asked.may_deliver


def test_a_doubt_of_spaces_is_no_doubt():
    assert check(identity_doubt=" \n").may_deliver


@pytest.mark.parametrize("capacity", [Capacity.DEPUTY, Capacity.COUNCIL_CARE_ORDER])
def test_only_a_childs_own_request_asks_whether_the_child_understands(capacity):
    wanted = {document for proof in check(capacity, 5).missing for document in proof.any_of}
    assert wanted == set(documents_for(capacity)) - {Evidence.NAME_CHANGE, Evidence.POWER_REACHES_HEALTH}


def test_a_young_child_who_signs_shows_both_and_each_is_named_while_it_is_missing():
    def missing(*papers):
        found = check(Capacity.COMPETENT_CHILD_AUTHORITY, 11, seen=seen(*papers)).missing
        return [document for proof in found for document in proof.any_of]

    assert missing() == [Evidence.CHILD_AUTHORITY, Evidence.CHILD_UNDERSTANDS]
    assert missing(Evidence.CHILD_UNDERSTANDS) == [Evidence.CHILD_AUTHORITY]
    assert missing(Evidence.CHILD_AUTHORITY) == [Evidence.CHILD_UNDERSTANDS]
    assert missing(Evidence.CHILD_UNDERSTANDS, Evidence.CHILD_AUTHORITY) == []


def test_the_childs_own_voice_stops_whoever_asks_for_them_and_once_decided_no_more():
    parent = {"capacity": Capacity.PARENTAL_RESPONSIBILITY, "seen": seen(Evidence.COURT_ORDER)}
    council = {"capacity": Capacity.COUNCIL_CARE_ORDER, "seen": seen(Evidence.CARE_ORDER)}
    assert check(age=17, **parent).conflicts == (Conflict.CHILD_OLD_ENOUGH,)
    assert check(age=17, **council).conflicts == (Conflict.CHILD_OLD_ENOUGH,)
    assert check(age=11, **council).conflicts == ()
    assert check(age=17, decided=frozenset({Conflict.CHILD_OLD_ENOUGH}), **parent).may_deliver


def test_stops_stand_in_one_order_however_they_were_found():
    found = check(
        Capacity.PARENTAL_RESPONSIBILITY, 13, conflicts=frozenset({Conflict.MARAC, Conflict.SEPARATED_PARENTS})
    ).conflicts  # fmt: skip
    assert found == (Conflict.SEPARATED_PARENTS, Conflict.CHILD_OLD_ENOUGH, Conflict.MARAC)


@pytest.mark.parametrize("capacity", list(Capacity))
def test_whoever_asks_the_records_of_the_dead_go_by_another_law(capacity):
    dead = check(capacity, 5, subject_is_living=False, conflicts=frozenset({Conflict.MARAC}))
    assert dead.capacity is capacity
    assert dead.routed_to == "Access to Health Records Act 1990"
    assert (dead.missing, dead.conflicts) == ((), ())
    assert not dead.may_deliver
    living = Capacity.ATTORNEY if capacity is Capacity.ATTORNEY else None
    assert bool(check(capacity, 5).routed_to) is (capacity.is_for_the_dead or living is capacity)


def test_a_grown_up_is_told_why_a_parent_or_council_no_longer_asks():
    grown = check(Capacity.COUNCIL_CARE_ORDER, 18)
    assert grown.capacity is Capacity.COUNCIL_CARE_ORDER
    assert grown.why == (
        "The person is an adult now. They ask themselves, or give someone their written authority."
    )
    assert not check(Capacity.ATTORNEY, 18).routed_to


REQUIRED = {
    "the dead": (
        {"capacity": Capacity.CLAIM_FROM_DEATH},
        "capacity",
        "This is not a subject access request in this capacity.",
        "Answer it as Access to Health Records Act 1990.",
    ),
    "grown up": (
        {"capacity": Capacity.PARENTAL_RESPONSIBILITY, "age": 18},
        "capacity",
        "This is not a subject access request in this capacity.",
        "Answer it as the person's own request.",
    ),
    "two proofs": (
        {"capacity": Capacity.AGENT, "identity_doubt": "A new address."},
        "evidence",
        "The right to ask for this person's information is not shown yet.",
        "Ask for proof of who the requester is; and the person's written authority.",
    ),
    "proof before stops": (
        {"capacity": Capacity.ATTORNEY, "conflicts": frozenset({Conflict.MARAC})},
        "evidence",
        "The right to ask for this person's information is not shown yet.",
        "Ask for the registered lasting power of attorney for health and care or "
        "the registered lasting power of attorney for property and money.",
    ),
    "two stops": (
        {"conflicts": frozenset({Conflict.COURT_CASE, Conflict.SEPARATED_PARENTS})},
        "conflicts",
        "Delivery is stopped until a person decides: the parents live apart; a court case is open.",
        "Decide each point and record the reason. The due date does not change.",
    ),
}


@pytest.mark.parametrize("what", REQUIRED)
def test_what_is_required_is_refused_in_full(what):
    changes, field, message, next_step = REQUIRED[what]
    with pytest.raises(AuthorityNotShown) as refused:
        check(**changes, require=True)
    assert refused.value.field == field
    assert refused.value.message == message
    assert refused.value.next_step == next_step
