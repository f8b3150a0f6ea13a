"""Whatever is decided: no withheld character leaves, and no other character is lost or changed."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from sar.domain.disclosure import Ground, Hidden, Shown
from sar.domain.exemptions import Saying
from sar.domain.matching import Span, Verdict
from sar.domain.redaction import Decision, GroundKey, Outcome, RecordDecision, redact
from sar.domain.references import ExemptionCode, LegName, StaffId
from tests.fakes.ports import record

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LEG, CODE = LegName("leanne"), ExemptionCode("3RD-PARTY")
LETTERS = {
    GroundKey(exemption=CODE, saying=said): Ground(letter="A", words="Others.", statute="") for said in Saying
}
WALL = "\u2588"
"""Marks a withheld place in the expected text; it is not in the alphabet of the texts."""


@st.composite
def decided_records(draw, saying=Saying.FULL):
    alphabet = st.characters(exclude_characters=WALL, exclude_categories=("Cs",))
    texts = draw(st.lists(st.text(alphabet=alphabet, max_size=40), min_size=1, max_size=3))
    note = record("1", *texts)
    made = []
    for number in range(draw(st.integers(0, 6))):
        passage = draw(st.integers(0, len(texts) - 1))
        if not texts[passage]:
            continue
        start = draw(st.integers(0, len(texts[passage]) - 1))
        end = draw(st.integers(start + 1, len(texts[passage])))
        span = Span(record=note.key, version=note.version, passage=passage, start=start, end=end)
        made.append(
            Decision(
                id=str(number),
                leg=LEG,
                span=span,
                verdict=draw(st.sampled_from(Verdict)),
                reason="Yes.",
                decided_by=StaffId("o"),
                decider_role="records officer",
                decided_at=AT,
                exemption=CODE,
                saying=saying,
            )
        )
    return note, made


def last_on_each_span(made):
    return {d.span: d for d in made}.values()


def disclosed(note, made):
    read = RecordDecision(
        leg=LEG, record=note.key, version=note.version, outcome=Outcome.DISCLOSE, reason="Read.",
        decided_by=StaffId("o"), decider_role="records officer", decided_at=AT,
    )  # fmt: skip
    return redact(note, decision=read, proposals=(), decisions=made, letters=LETTERS)


def walled(text, made, passage):
    """The text with every withheld character replaced, one for one."""
    chars = list(text)
    for d in last_on_each_span(made):
        if d.verdict is Verdict.WITHHOLD and d.span.passage == passage:
            chars[d.span.start : d.span.end] = WALL * (d.span.end - d.span.start)
    return "".join(chars)


@given(decided_records())
def test_nothing_withheld_leaves_and_nothing_else_is_touched(given_record):
    note, made = given_record
    left = [walled(p.text, made, i) for i, p in enumerate(note.passages)]
    assert _tells(disclosed(note, made).passages, left)


def _tells(passages, left):
    """Every passage in order; only one without a letter or a number to show may be left out."""
    if not left:
        return not passages
    if passages and _reads(passages[0].pieces, left[0]) and _tells(passages[1:], left[1:]):
        return True
    return not any(c.isalnum() for c in left[0]) and _tells(passages, left[1:])


def _reads(pieces, left):
    """Whether the pieces tell ``left`` in order: shown words one for one, a placeholder for each walled place."""
    if not pieces:
        return not left
    first, rest = pieces[0], pieces[1:]
    if isinstance(first, Shown):
        return (
            WALL not in first.text and left.startswith(first.text) and _reads(rest, left[len(first.text) :])
        )
    return any(_reads(rest, left[end:]) for end in _ends_of_hidden(left))


def _ends_of_hidden(left):
    """Where a placeholder may end: after walls, and over what parts two of them if no letter or number does."""
    for end in range(1, len(left) + 1):
        if left[0] != WALL or any(c.isalnum() for c in left[:end]):
            return
        if left[end - 1] == WALL and left[end : end + 1] != WALL:
            yield end


@given(decided_records())
def test_two_placeholders_never_stand_side_by_side(given_record):
    note, made = given_record
    for passage in disclosed(note, made).passages:
        for left, right in zip(passage.pieces, passage.pieces[1:], strict=False):
            assert not (isinstance(left, Hidden) and isinstance(right, Hidden))


@given(decided_records(), st.randoms(use_true_random=False))
def test_the_order_in_which_decisions_are_read_changes_nothing(given_record, shuffler):
    note, made = given_record
    once = list(last_on_each_span(made))
    shuffled = list(once)
    shuffler.shuffle(shuffled)
    assert disclosed(note, once) == disclosed(note, shuffled)


@given(decided_records(saying=Saying.NOTHING))
def test_where_nothing_may_be_said_there_is_no_mark_at_all(given_record):
    note, made = given_record
    done = disclosed(note, made)
    assert not any(isinstance(p, Hidden) for q in done.passages for p in q.pieces)
    shown = "".join(q.text for q in done.passages)
    kept = "".join(walled(p.text, made, i) for i, p in enumerate(note.passages)).replace(WALL, "")
    assert [c for c in shown if c.isalnum()] == [c for c in kept if c.isalnum()]
