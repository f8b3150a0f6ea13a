from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sar.detection.folding import fold, surface
from sar.detection.reading import load_detector
from sar.domain.needles import dates_of, needles_of
from sar.domain.parties import Person, Requester, Role, SafeContact

DETECTOR = load_detector(Path(__file__).parents[2] / "redaction_rules")
NAMES = (
    "Marcus Hartley",
    "Kerry Lomax",
    "Anne-Marie Smith-Jones",
    "Sean O'Brien",
    "Zo\u00eb De La Cruz",
    "Grace May",
)
PEOPLE = (
    Person(id="s", name="Leanne Hartley", role=Role.DATA_SUBJECT),
    *(Person(id=f"p{n}", name=name, role=Role.THIRD_PARTY) for n, name in enumerate(NAMES)),
)
READING = DETECTOR.for_people(PEOPLE)
PIECES = (
    *NAMES, "Leanne Hartley", "Mrs Patel", "next door", "'s", " ", "\n", "-\n", ". ", ", ", "\u00ad", "\u200b",
    "\u0301", "\U0001f600", "\ufb01", "\u2019", "07700 900118", "suicide", "ring ", "\n\n", "(", "\u0130", "\u1e9e",
)  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=25).map("".join)


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_spans_are_real_ordered_and_never_twice_the_same(text):
    matches = READING.matches(text)
    for match in matches:
        assert 0 <= match.start < match.end <= len(text)
        assert text[match.start : match.end].strip()
        assert 0 < match.certainty <= 1
    assert [m.start for m in matches] == sorted(m.start for m in matches)
    assert len(set(matches)) == len(matches)


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_both_views_lead_back_into_the_text(text):
    assert len(surface(text)) == len(text)
    folded = fold(text)
    last = 0
    for position in range(1, len(folded.text) - 1):
        start, end = folded.span(position, position + 1)
        assert 0 <= start < end <= len(text)
        assert start >= last
        last = start


@given(
    st.sampled_from(NAMES),
    st.sampled_from((str.lower, str.upper, str.title)),
    st.sampled_from((" ", "\n", "  ")),
)
def test_changing_case_or_spacing_loses_no_registered_full_name(name, change, gap):
    text = f"then {change(name).replace(' ', gap)} came"
    covered = set()
    for match in READING.matches(text):
        if match.known:
            covered |= set(range(match.start, match.end))
    assert {i for i in range(5, len(text) - 5) if text[i].isalnum()} <= covered


@given(TEXTS, TEXTS)
@settings(max_examples=100, deadline=None)
def test_a_full_name_on_its_own_line_is_found_whatever_stands_around_it(before, after):
    text = f"{before}. \n\nKerry Lomax\n\n. {after}"
    at = len(before) + 4
    covered = {i for m in READING.matches(text) if m.person == "p1" for i in range(m.start, m.end)}
    assert {i for i in range(at, at + len("Kerry Lomax")) if text[i] != " "} <= covered


@given(st.dates(date(1920, 1, 1), date(2026, 11, 21)), st.data())
@settings(max_examples=150, deadline=None)
def test_every_date_of_birth_that_the_gate_would_stop_is_proposed_first(day, data):
    written = data.draw(st.sampled_from(dates_of(day)))
    child = Person(id="c", name="Isla Hartley", role=Role.THIRD_PARTY, born_on=day)
    text = f"Child, born {written}, seen."
    subject = PEOPLE[0]
    requester = Requester(name=subject.name, contact=SafeContact())
    needles = needles_of((), decisions=(), people=(subject, child), recipient=requester)
    assert list(needles.found_in(text))
    [match] = DETECTOR.for_people((subject, child)).matches(text)
    assert (text[match.start : match.end], match.kind, match.person) == (written, "birth", "c")
