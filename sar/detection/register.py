"""The people register as one automaton: every written form of everybody, found in one pass.

A form borne by several people is settled once, when the register is built: full names win over
their parts, the data subject's and professionals' own names are never proposed, and what remains
ambiguous is proposed with both readings said.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ahocorasick_rs import AhoCorasick

from sar.detection.checks import canonical, canonical_phone
from sar.detection.folding import Folded, fold_words
from sar.detection.lexicon import MONTHS, ORDINARY_WORDS, TITLES, sex_of_title
from sar.detection.names import Form, sex_hint, written_forms
from sar.domain.matching import Match, Rule, Verdict
from sar.domain.needles import dates_of
from sar.domain.parties import Person, Role

KEPT = frozenset({Role.DATA_SUBJECT, Role.PROFESSIONAL, Role.ORGANISATION})
_SHARED = 0.5
_SAME_FULL_NAME = 0.4
_WORD_LIKE = 0.6
_BY_TITLE = 0.7
_CLUSTER = 64
"""More hits than this overlapping each other are settled left to right instead of pairwise."""

RegisterRules = Mapping[tuple[Role, str], Rule]
"""The register rule for a role and ``person``, ``contact``, ``relation`` or ``birth``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who a folded string may stand for, settled."""

    match: Match | None
    """What to propose, places left at 0; nothing where the string is to be kept."""
    form: Form
    capital: bool = False
    """Counts only where the text has a capital letter."""
    by_title: tuple[tuple[str, Match], ...] = ()
    """A kept surname may be proposed after a title of the other sex: the sex and the match."""

    @property
    def rank(self) -> tuple[int, int]:
        """Full names win over parts; what is known wins over what must be kept."""
        return (1 if self.form is Form.FULL else 0, 0 if self.match is None else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A settled form found in a text, in code points of the text."""

    start: int
    end: int
    claim: Claim
    match: Match | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bearer:
    person: Person
    form: Form
    field: str
    kind: str


class RegisterMatcher:
    """Ready for one leg's register."""

    def __init__(self, people: Sequence[Person], rules: RegisterRules) -> None:
        borne: dict[str, list[_Bearer]] = defaultdict(list)
        for person in people:
            for text, bearer in _bearers(person):
                borne[text].append(bearer)
        for text, bearer in _house_numbers(people):
            borne[text].append(bearer)
        self._numbers: dict[str, Claim] = {}
        self._claims: list[Claim] = []
        strings: list[str] = []
        alone: dict[tuple[Person, Form, str, bool], Claim | None] = {}
        for text, bearers in borne.items():
            claim = _settle_alone(text, bearers, rules, alone)
            if claim is None:
                continue
            if ":" in text:
                self._numbers[text] = claim
            else:
                strings.append(f" {text} ")
                self._claims.append(claim)
        self._automaton = AhoCorasick(strings, store_patterns=False) if strings else None
        self.known_words = frozenset(
            word
            for text, bearers in borne.items()
            if any(b.field != "birth" for b in bearers)
            for word in text.split()
        )
        self.size = len(strings)

    def number(self, text: str, kind: str) -> tuple[bool, Match | None]:
        """Whether the register knows this number or e-mail, and what to propose if so."""
        key = _key(text, kind)
        claim = self._numbers.get(key)
        return (claim is not None, claim.match if claim else None)

    def hits(self, text: str, folded: Folded) -> list[Hit]:
        """Every form of the register in the text, overlaps settled, in order."""
        if self._automaton is None:
            return []
        found: list[tuple[int, int, Claim]] = []
        # Somebody who writes without capitals still writes names.
        has_case = not text.islower()
        for index, start, end in self._automaton.find_matches_as_indexes(folded.text, overlapping=True):
            claim = self._claims[index]
            place = folded.span(start + 1, end - 1)
            if _stands(text, place, claim, has_case=has_case):
                found.append((place[0], place[1], claim))
        return [_told_by_title(text, *hit) for hit in _settle_overlaps(found)]


def _key(text: str, kind: str) -> str:
    if kind == "phone":
        return "phone:" + canonical_phone(text)
    if kind == "email":
        return "email:" + text.casefold()
    return "identifier:" + canonical(text)


_NHS = re.compile(r"(\d{3})(\d{3})(\d{4})")
_SHORTEST_NUMBER = 4


def _written_number(value: str, kind: str) -> Iterable[str]:
    """Forms for the automaton, so that a number no pattern knows is still found."""
    joined = canonical(value).lower()
    forms = [fold_words(value)] if kind == "email" else [fold_words(value), joined, *_spaced(joined)]
    return [f for f in dict.fromkeys(forms) if len(f) >= _SHORTEST_NUMBER]


def _spaced(digits: str) -> list[str]:
    number = _NHS.fullmatch(digits)
    return [" ".join(number.groups())] if number else []


def _bearers(person: Person) -> Iterable[tuple[str, _Bearer]]:
    for text, form in written_forms(person).items():
        yield text, _Bearer(person=person, form=form, field="person", kind="person")
    yield from _reached_by(person)
    for phrase in person.phrases:
        if text := fold_words(phrase):
            yield text, _Bearer(person=person, form=Form.PHRASE, field="relation", kind="relation")
    if person.born_on:
        # The release gate looks for the same forms: what it would stop is put before a person first.
        born = _Bearer(person=person, form=Form.FULL, field="birth", kind="birth")
        yield from ((fold_words(day), born) for day in dates_of(person.born_on))


def _reached_by(person: Person) -> Iterable[tuple[str, _Bearer]]:
    for kind, values in (
        ("phone", person.phones),
        ("email", person.emails),
        ("identifier", person.identifiers),
    ):
        for value in values:
            if value.strip():
                bearer = _Bearer(person=person, form=Form.FULL, field="contact", kind=kind)
                yield _key(value, kind), bearer
                for text in _written_number(value, kind):
                    yield text, bearer
    for address in person.addresses:
        for text in _address_forms(address):
            yield text, _Bearer(person=person, form=Form.FULL, field="contact", kind="address")


_HOUSE = re.compile(r"(?:flat )?(\d{1,4} ?[a-z]?) (.+)")
_POSTCODE = re.compile(r"[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}")


def _address_forms(address: str) -> Iterable[str]:
    whole = fold_words(address)
    forms = [whole]
    for line in re.split(r"[,\n]", address):
        folded = fold_words(line)
        if _POSTCODE.fullmatch(folded):
            joined = folded.replace(" ", "")
            forms += [joined, f"{joined[:-3]} {joined[-3:]}"]
        elif house := _HOUSE.fullmatch(folded):
            forms += [folded, *([house[2]] if " " in house[2] else [])]
    return [f for f in dict.fromkeys(forms) if f]


def _street_of(address: str) -> tuple[str, str]:
    house = _HOUSE.fullmatch(fold_words(re.split(r"[,\n]", address)[0]))
    return (house[1], house[2]) if house else ("", "")


def _house_numbers(people: Sequence[Person]) -> Iterable[tuple[str, _Bearer]]:
    """The words "number 16" name a neighbour to a family who live at number 14 of the same street."""
    ours = {_street_of(a)[1] for p in people if p.role is Role.DATA_SUBJECT for a in p.addresses} - {""}
    for person in people:
        for number, street in map(_street_of, person.addresses):
            if street in ours:
                bearer = _Bearer(person=person, form=Form.PHRASE, field="contact", kind="address")
                yield from ((f"{word} {number}", bearer) for word in ("number", "no", "house"))


def _settle_alone(
    text: str,
    bearers: list[_Bearer],
    rules: RegisterRules,
    alone: dict[tuple[Person, Form, str, bool], Claim | None],
) -> Claim | None:
    """The same, remembered: one person's forms of one kind that nobody shares say the same."""
    if len(bearers) > 1:
        return _settle(text, bearers, rules)
    only = bearers[0]
    key = (only.person, only.form, only.kind, text in ORDINARY_WORDS)
    if key not in alone:
        alone[key] = _settle(text, bearers, rules)
    return alone[key]


def _settle(text: str, bearers: list[_Bearer], rules: RegisterRules) -> Claim | None:
    """Who is meant, as far as the string alone can say."""
    out = [b for b in bearers if b.person.role not in KEPT and (b.person.role, b.field) in rules]
    kept = [b for b in bearers if b.person.role in KEPT]
    form = max((b.form for b in bearers), key=lambda f: f.value)
    if not out:
        return Claim(match=None, form=form) if kept else None
    capital = (text in ORDINARY_WORDS and form is not Form.FULL) or form is Form.LETTER
    if not kept:
        return Claim(match=_proposal(text, out, (), rules), form=form, capital=capital)
    if " " in text and form is Form.FULL:
        # A full name wins over another person's part of it.
        if all(b.form is not Form.FULL for b in out):
            return Claim(match=None, form=form)
        kept = [b for b in kept if b.form is Form.FULL]
        if not kept:
            return Claim(match=_proposal(text, out, (), rules), form=form)
    if any(b.field != "person" for b in bearers):
        return Claim(match=None, form=form)
    return _settle_shared(text, out, kept, rules, Claim(match=None, form=form, capital=capital))


def _settle_shared(
    text: str, out: list[_Bearer], kept: list[_Bearer], rules: RegisterRules, claim: Claim
) -> Claim:
    by_subject = [b for b in kept if b.person.role is Role.DATA_SUBJECT]
    relatives = [b for b in out if b.form.is_family_name and any(s.form.is_family_name for s in by_subject)]
    # Every "Leanne" in Leanne's own records would otherwise be the other patient.
    others = [b for b in out if by_subject and b.person.role is Role.NAMESAKE and b.form is not Form.FULL]
    wanted = [b for b in out if b not in relatives and b not in others]
    if wanted:
        return replace(claim, match=_proposal(text, wanted, kept, rules))
    return replace(claim, by_title=_by_title(text, relatives, by_subject, rules))


def _by_title(
    text: str, out: list[_Bearer], kept: list[_Bearer], rules: RegisterRules
) -> tuple[tuple[str, Match], ...]:
    taken = {sex_hint(b.person) for b in kept}
    found = []
    for sex in ("m", "f"):
        fitting = [b for b in out if sex_hint(b.person) in (sex, "")]
        if sex not in taken and "" not in taken and fitting:
            match = _proposal(text, fitting, (), rules)
            found.append((sex, replace(match, certainty=min(match.certainty, _BY_TITLE))))
    return tuple(found)


def _proposal(text: str, out: Sequence[_Bearer], kept: Sequence[_Bearer], rules: RegisterRules) -> Match:
    first = max(out, key=lambda b: (b.person.role is Role.SOURCE, b.form.value))
    rule = rules[first.person.role, first.field]
    others = [b for b in (*out, *kept) if b.person.id != first.person.id]
    certainty = min(first.form.value, rule.certainty)
    reason, suggests = rule.reason, rule.suggests
    if others:
        readings = [f"{b.person.name} ({b.person.role.value})" for b in (first, *others)]
        reason = f"{reason} Could be {' or '.join(dict.fromkeys(readings))}: read the sentence."
        certainty = min(certainty, _SHARED if kept else Form.FIRST.value)
    if kept and " " in text and first.form is Form.FULL:
        certainty, suggests = _SAME_FULL_NAME, Verdict.DISCLOSE
    elif text in ORDINARY_WORDS:
        certainty = min(certainty, _WORD_LIKE)
    return Match(
        start=0, end=0, rule=rule.id, kind=first.kind, exemption=rule.exemption, person=first.person.id, known=True,
        suggests=suggests, reason=reason, certainty=certainty,
    )  # fmt: skip


_SENTENCE_END = re.compile(r"[^\W\d_]{3,}[\"')]*[.!?;:][\"')]*\s+\S|\n\s*\n\s*[-*\u2022\d]")
_BRACKET = re.compile(r"[()\[\]{}!?;]")
_DATE_BEFORE = re.compile(r"\d(?:st|nd|rd|th)?\s+(?:of\s+)?$")
_DATE_AFTER = re.compile(r"\s+\d")


def _stands(text: str, place: tuple[int, int], claim: Claim, *, has_case: bool) -> bool:
    """Whether the place reads as the form: a capital where a word needs one, not across two sentences."""
    start, end = place
    written = text[start:end]
    asks = has_case or written in _NEEDS_A_CAPITAL
    if claim.capital and asks and not _is_name_like(text, start, end):
        return False
    if len(written) < _SPLIT_FROM or (claim.match is not None and claim.match.kind != "person"):
        return True
    return not (_SENTENCE_END.search(written) or _BRACKET.search(written))


_SPLIT_FROM = 6
_NEEDS_A_CAPITAL = MONTHS | {"a", "i", "s", "t", "d", "m"}
"""Words and endings that mean nothing without a capital, even in a text that has none."""


def _is_name_like(text: str, start: int, end: int) -> bool:
    written = text[start:end]
    if not written[0].isupper():
        return False
    if written.casefold() not in MONTHS:
        return True
    return not (_DATE_BEFORE.search(text[max(0, start - 8) : start]) or _DATE_AFTER.match(text, end))


_TITLE_BEFORE = re.compile(r"(?:^|[^\w.])(([^\W\d_]{2,11})\.?\s{1,3})$")


def _told_by_title(text: str, start: int, end: int, claim: Claim) -> Hit:
    """A title belongs to the name, and may say which bearer of a shared surname is meant."""
    match = claim.match
    if (match is None and not claim.by_title) or (match is not None and match.kind != "person"):
        return Hit(start=start, end=end, claim=claim, match=match)
    before = _TITLE_BEFORE.search(text[max(0, start - 16) : start])
    title = before[2].casefold() if before else ""
    if title not in TITLES or before is None:
        return Hit(start=start, end=end, claim=claim, match=match)
    if match is None:
        match = dict(claim.by_title).get(sex_of_title(title))
    begin = start - len(before[1]) if match else start
    return Hit(start=begin, end=end, claim=claim, match=match)


def _settle_overlaps(found: list[tuple[int, int, Claim]]) -> list[tuple[int, int, Claim]]:
    """Leftmost-longest, except that full names win over whatever else overlaps them."""
    found.sort(key=lambda hit: (hit[0], -hit[1], tuple(-r for r in hit[2].rank)))
    settled: list[tuple[int, int, Claim]] = []
    cluster: list[tuple[int, int, Claim]] = []
    reach = -1
    for hit in found:
        if hit[0] >= reach or len(cluster) >= _CLUSTER:
            settled.extend(_settle_cluster(cluster))
            cluster = []
        cluster.append(hit)
        reach = max(reach, hit[1]) if len(cluster) > 1 else hit[1]
    settled.extend(_settle_cluster(cluster))
    return settled


def _settle_cluster(cluster: list[tuple[int, int, Claim]]) -> list[tuple[int, int, Claim]]:
    if len(cluster) <= 1:
        return cluster
    if cluster[0][2].form is Form.FULL and cluster[0][1] >= max(hit[1] for hit in cluster):
        return cluster[:1]
    chosen: list[tuple[int, int, Claim]] = []
    for hit in sorted(cluster, key=lambda h: (-h[2].rank[0], h[0], -h[1], -h[2].rank[1])):
        if all(hit[0] >= other[1] or hit[1] <= other[0] for other in chosen):
            chosen.append(hit)
    return sorted(chosen, key=lambda h: h[0])
