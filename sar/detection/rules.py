"""``redaction_rules/*.toml`` -> rules that can be used, or a clear refusal.

A rule is data somebody can read and answer for: the statute, who decides, the reason, what it looks
for, and examples that must and must not match. Nothing is loaded half.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import re2

from sar.detection.checks import CHECKS
from sar.domain.errors import BadRule
from sar.domain.exemptions import DeciderRole
from sar.domain.matching import Rule, Verdict
from sar.domain.parties import Person, Role
from sar.domain.records import RecordKind
from sar.domain.references import ExemptionCode, PersonId, RuleId

LOOKS_FOR = ("register", "pattern", "cue")
EXTENTS = ("words", "sentence", "paragraph")
_REQUIRED = ("id", "title", "statute", "exemption", "who_decides", "looks_for", "reason")
_KNOWN = frozenset(
    {
        *_REQUIRED, "roles", "kinds", "pattern", "proposal_kind", "suggests", "certainty", "match", "not", "version",
        "unless", "extent", "check", "people",
    }
)  # fmt: skip
_PERSON_LISTS = ("aliases", "phones", "emails", "addresses", "identifiers", "phrases")
_ORDINARY = (
    "The child was well and the visit went as planned.\nNobody raised a worry about 3 of the 12 points."
)
"""A rule that finds every word of this finds everything."""

_SAME_SENTENCE = ("<...>", r"(?:[^.!?|\n]|\n[^.!?|\n])*?")
"""What rules write for any words of one sentence. Without a bound: counting costs RE2 far more than looking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRule:
    """A rule with what only detection needs of its file."""

    rule: Rule
    source: str
    """File name, for messages."""
    expression: Any = None
    """Compiled by re2, over ASCII bytes: linear time whatever the text."""
    unless: Any = None
    """What a match must not look like."""
    extent: str = "words"
    check: str = ""
    people: tuple[Person, ...] = ()
    """The register its examples are read with."""


def load_rules(folder: Path) -> tuple[WrittenRule, ...]:
    """Every rule of every family in the folder, in the order of file name and place."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise BadRule(
            f"There are no redaction rules in {folder.name}.",
            next_step="Name the folder that holds the rule families (*.toml).",
            field=folder.name,
        )
    loaded = tuple(written for file in files for written in _load_family(file))
    seen: set[RuleId] = set()
    for written in loaded:
        if written.rule.id in seen:
            raise _bad(
                written.source, written.rule.id, "the id is used twice", "Give each rule an id of its own."
            )
        seen.add(written.rule.id)
    return loaded


def _load_family(file: Path) -> list[WrittenRule]:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise BadRule(
            f"{file.name} is not readable TOML: {problem}",
            next_step="Mend the file at that line.",
            field=file.name,
        ) from problem
    entries = data.get("rule", [])
    if not isinstance(entries, list) or not entries:
        raise BadRule(
            f"{file.name} holds no [[rule]].", next_step="Add one or remove the file.", field=file.name
        )
    family = str(data.get("family", file.stem))
    return [_written(file.name, family, entry) for entry in entries]


def _written(source: str, family: str, entry: dict[str, Any]) -> WrittenRule:
    name = str(entry.get("id", "(no id)"))
    missing = [key for key in _REQUIRED if not str(entry.get(key, "")).strip()]
    if missing:
        raise _bad(source, name, f"'{missing[0]}' is missing", f'Write {missing[0]} = "..." in the rule.')
    unknown = sorted(set(entry) - _KNOWN)
    if unknown:
        raise _bad(source, name, f"'{unknown[0]}' is not a word rules use", "See redaction_rules/README.md.")
    for key in ("match", "not"):
        if not entry.get(key) or not all(isinstance(e, str) for e in entry[key]):
            raise _bad(
                source, name, f"it has no '{key}' example", f"Add at least one example under {key} = [...]."
            )
    _check_choices(source, name, entry)
    rule = _rule(source, family, entry)
    return WrittenRule(
        rule=rule,
        source=source,
        expression=_compiled(source, name, rule.pattern) if rule.pattern else None,
        unless=_compiled(source, name, entry["unless"]) if entry.get("unless") else None,
        extent=entry.get("extent", "words"),
        check=entry.get("check", ""),
        people=people_from(entry.get("people", []), source=source),
    )


def _check_choices(source: str, name: str, entry: dict[str, Any]) -> None:
    choices = (("looks_for", LOOKS_FOR, ""), ("extent", EXTENTS, "words"), ("check", ("", *CHECKS), ""))
    for key, allowed, default in choices:
        if entry.get(key, default) not in allowed:
            known = ", ".join(a for a in allowed if a)
            raise _bad(source, name, f"'{entry[key]}' is not a choice for {key}", f"Use one of: {known}.")
    by_register = entry["looks_for"] == "register"
    if by_register and not entry.get("roles"):
        raise _bad(
            source, name, "a register rule needs roles", "Say whose mentions it proposes: roles = [...]."
        )
    if by_register == bool(entry.get("pattern")):
        raise _bad(
            source, name, "register rules have no pattern and the others need one",
            "Give pattern = '...' to a pattern or cue rule only.",
        )  # fmt: skip
    certainty = entry.get("certainty", 1.0)
    if not isinstance(certainty, int | float) or not 0 < certainty <= 1:
        raise _bad(source, name, "certainty is not between 0 and 1", "Write certainty = 0.8, for example.")


def _rule(source: str, family: str, entry: dict[str, Any]) -> Rule:
    name = entry["id"]
    return Rule(
        id=RuleId(name),
        family=family,
        title=entry["title"],
        statute=entry["statute"],
        exemption=ExemptionCode(entry["exemption"]),
        who_decides=_member(DeciderRole, entry["who_decides"], source, name, "who_decides").value,
        looks_for=entry["looks_for"],
        roles=frozenset(_member(Role, r, source, name, "roles") for r in entry.get("roles", [])),
        kinds=frozenset(_member(RecordKind, k, source, name, "kinds") for k in entry.get("kinds", [])),
        pattern=str(entry.get("pattern", "")).replace(*_SAME_SENTENCE),
        proposal_kind=entry.get("proposal_kind", "person"),
        suggests=_member(Verdict, entry.get("suggests", "withhold"), source, name, "suggests"),
        reason=entry["reason"],
        certainty=float(entry.get("certainty", 1.0)),
        examples_match=tuple(entry["match"]),
        examples_not=tuple(entry["not"]),
        version=int(entry.get("version", 1)),
    )


def _member(kind: Any, word: str, source: str, name: str, key: str) -> Any:
    """An enumeration's member by its value or by its name in small letters."""
    plain = str(word).strip().casefold().replace("_", " ")
    for member in kind:
        if plain in (str(member.value).casefold(), member.name.casefold().replace("_", " ")):
            return member
    known = ", ".join(str(m.value) for m in kind)
    raise _bad(source, name, f"'{word}' is not known as {key}", f"Use one of: {known}.")


def search_options() -> Any:
    """How RE2 is used everywhere: silent, with room for its automata."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 64 << 20
    return options


def _compiled(source: str, name: str, pattern: str) -> Any:
    try:
        expression = re2.compile(pattern.encode("ascii"), search_options())
    except (re2.error, UnicodeEncodeError) as problem:
        raise _bad(
            source, name, f"the pattern cannot be used ({problem})",
            "Mend it: RE2 syntax, ASCII only, no look-around and no back-references.",
        ) from problem  # fmt: skip
    if expression.search(b""):
        raise _bad(
            source, name, "the pattern matches nothing at all", "Let it ask for at least one letter or digit."
        )
    sample = _ORDINARY.encode("ascii")
    found = sum(len(m.group()) for m in expression.finditer(sample))
    if expression.search(b"\x01") or found * 2 > len(sample):
        raise _bad(
            source, name, "the pattern matches everything", "Make it ask for what only the thing sought has."
        )
    return expression


def people_from(entries: list[Any], *, source: str) -> tuple[Person, ...]:
    """A small register written as ``{name, role, aliases?, phones?, ...}``."""
    return tuple(_person(entry, number, source) for number, entry in enumerate(entries, start=1))


def _person(entry: Any, number: int, source: str) -> Person:
    place = f"person {number}"
    if not isinstance(entry, dict) or not str(entry.get("name", "")).strip():
        raise _bad(source, place, "it has no name", 'Write name = "..." and role = "...".')
    lists: dict[str, Any] = {}
    for key in _PERSON_LISTS:
        values = entry.get(key, [])
        if not isinstance(values, list | tuple):
            raise _bad(source, place, f"'{key}' is not a list", f'Write {key} = ["...", "..."].')
        lists[key] = tuple(str(value) for value in values)
    return Person(
        id=PersonId(str(entry.get("id", f"p{number}"))),
        name=str(entry["name"]),
        role=_member(Role, entry.get("role", "third party"), source, place, "role"),
        relation=str(entry.get("relation", "")),
        born_on=_day(entry.get("born_on"), source, place),
        **lists,
    )


def _day(value: Any, source: str, place: str) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        raise _bad(source, place, "'born_on' is not a day", "Write born_on = 2022-02-08.") from None


def _bad(source: str, name: str, what: str, next_step: str) -> BadRule:
    return BadRule(f"{source}, {name}: {what}.", next_step=next_step, field=f"{source}:{name}")
