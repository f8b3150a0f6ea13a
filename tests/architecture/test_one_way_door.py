"""After sign-off nothing can reach an unredacted word: outward types are made in one place each."""

from __future__ import annotations

import ast
from pathlib import Path

import grimp
import pytest

from tests.architecture.tree import PROGRAM, called_name, program_files, shown, syntax_of

REDACTION = "sar/domain/redaction.py"
VIEWING = "sar/domain/viewing.py"
CONSULTING = "sar/domain/consulting.py"
LETTER_FACTS = "sar/services/correspondence/facts.py"
LETTER_MAKING = "sar/services/correspondence/making.py"
LETTER_ROOMS = (
    LETTER_FACTS,
    LETTER_MAKING,
    "sar/services/correspondence/disputes.py",
    "sar/services/correspondence/remedies.py",
)
MADE_IN = {
    "Shown": REDACTION,
    "DisclosedPassage": REDACTION,
    "DisclosedRecord": REDACTION,
    "ConsultedPassage": CONSULTING,
    "LetterFacts": LETTER_FACTS,
    "LetterWords": LETTER_MAKING,
    "NoticeFacts": "sar/services/tending.py",
    "ReviewView": VIEWING,
    "ReviewPassage": VIEWING,
    "ReviewPart": VIEWING,
}
ROOMS_OUTSIDE_THE_DOOR = ("sar.packs", "sar.outbox")
MAY_BE_SEEN = {
    "sar.ports.disclosing",
    "sar.domain.disclosure",
    "sar.domain.errors",
    "sar.domain.references",
    "sar.domain.wording",  # How strings are compared: it holds no type at all that could carry a record.
}


def made_elsewhere(file: str, tree: ast.AST) -> list[str]:
    """Outward types made in a file that is not theirs, also under another name or by copying one."""
    aliases = {
        alias.asname: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname and alias.name in MADE_IN
    }
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    made = [aliases.get(called_name(call), called_name(call)) for call in calls]
    return sorted({name for name in made if MADE_IN.get(name, file) != file})


def test_outward_types_are_made_in_one_place_each() -> None:
    found = {shown(file): made_elsewhere(shown(file), syntax_of(file)) for file in program_files()}
    assert {file: names for file, names in found.items() if names} == {}


@pytest.mark.parametrize(("name", "file"), MADE_IN.items())
def test_each_outward_type_is_made_where_it_is_said_to_be(name: str, file: str) -> None:
    tree = syntax_of(PROGRAM.parent / file)
    assert name in {called_name(node) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def test_what_renders_and_sends_sees_only_what_may_leave() -> None:
    graph = grimp.build_graph("sar", cache_dir=None)
    for room in ROOMS_OUTSIDE_THE_DOOR:
        inside = {room} | graph.find_descendants(room)
        seen = set().union(*(graph.find_upstream_modules(module) for module in inside)) - inside
        assert seen <= MAY_BE_SEEN, f"{room} reaches {sorted(seen - MAY_BE_SEEN)}"


def test_passing_through_a_room_opens_nothing() -> None:
    # Importing sar.ports.disclosing runs sar/__init__.py and sar/ports/__init__.py too.
    for room in (PROGRAM, PROGRAM / "ports", PROGRAM / "domain"):
        imports = [
            node
            for node in ast.walk(syntax_of(room / "__init__.py"))
            if isinstance(node, ast.Import | ast.ImportFrom) and getattr(node, "module", "") != "__future__"
        ]
        assert imports == [], f"{shown(room / '__init__.py')} imports"


def test_what_puts_letters_together_cannot_name_a_record() -> None:
    """Words of a record could otherwise be typed into a letter as if a person had written them."""
    unseen = {"sar.domain.records", "sar.domain.redaction", "sar.domain.matching", "sar.domain.needles"}
    readers = {"leg_records", "answers_of", "proposals_of", "decisions_of", "register_of"}
    for room in LETTER_ROOMS:
        named = {
            node.module
            for node in ast.walk(syntax_of(PROGRAM.parent / room))
            if isinstance(node, ast.ImportFrom) and node.module
        }
        assert named & unseen == set(), room
        text = (PROGRAM.parent / room).read_text(encoding="utf-8")
        assert {name for name in readers if name in text} == set(), room


@pytest.mark.parametrize(
    "planted",
    [
        "from sar.domain.disclosure import Shown\nShown(text=record.text)",
        "from sar.domain import disclosure\ndisclosure.DisclosedRecord(passages=())",
        "from sar.domain.disclosure import Shown as Piece\nPiece(text='a')",
    ],
)
def test_a_second_maker_is_noticed(planted: str) -> None:
    assert made_elsewhere("sar/packs/layout.py", ast.parse(planted))


def test_the_rightful_maker_is_not() -> None:
    assert made_elsewhere(REDACTION, ast.parse("Shown(text='a')")) == []
    assert Path(PROGRAM.parent / REDACTION).is_file()
