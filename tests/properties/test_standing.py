"""Whatever is seen, and in whatever order: more proof never takes a right away, a stop never adds one."""

from hypothesis import given
from hypothesis import strategies as st

from sar.domain.authority import AgePresumption, AuthorityFacts, Capacity, Evidence, assess_authority
from sar.domain.case import replay
from sar.domain.conflicts import Conflict
from sar.domain.trail import EventKind as K
from tests.unit.domain.test_case import step, trail

TWELVE = AgePresumption(age=12, statutory=False, citation="A working assumption")
PAPERS = st.frozensets(st.sampled_from(list(Evidence)))
STOPS = st.frozensets(st.sampled_from(list(Conflict)))


@given(st.sampled_from(list(Capacity)), st.integers(0, 90), PAPERS, PAPERS, STOPS, STOPS)
def test_more_proof_never_takes_a_right_away(capacity, age, seen, more, stops, decided):
    facts = {"capacity": capacity, "subject_age": age, "conflicts": stops, "decided": decided}
    less = assess_authority(AuthorityFacts(seen=seen, **facts), presumption=TWELVE)
    all_of_it = assess_authority(AuthorityFacts(seen=seen | more, **facts), presumption=TWELVE)
    assert set(all_of_it.missing) <= set(less.missing)
    assert all_of_it.conflicts == less.conflicts
    if not less.routed_to:
        assert set(less.conflicts) >= stops - decided
    assert less.may_deliver == (not less.missing and not less.conflicts and not less.routed_to)


@given(
    st.permutations(["marac", "court-case", "allegation"]), st.sets(st.sampled_from(["marac", "allegation"]))
)
def test_stops_are_lifted_one_by_one_in_any_order(order, lifted):
    steps = [step(K.CONFLICT_RECORDED, 1, code=code) for code in order]
    steps += [step(K.CONFLICT_RESOLVED, 1, code=code) for code in order if code in lifted]
    leg = replay(trail(*steps)).leg(1)
    assert leg.conflicts == set(order) - lifted
    assert {code for code, _by in leg.stopped_by} == leg.conflicts
    assert leg.lifted == lifted


@given(st.permutations([("child-authority", "2026-10-25"), ("child-understands", "2026-10-23")]))
def test_documents_are_the_same_in_any_order(order):
    steps = [step(K.EVIDENCE_SEEN, 1, evidence=code, got_on=on) for code, on in order]
    assert sorted(replay(trail(*steps)).leg(1).evidence) == sorted(
        replay(trail(*steps[::-1])).leg(1).evidence
    )
