"""Each process of the two sample families is a kind of record, comes from a store, and is explained."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sar.demonstration.databases import build_databases
from sar.demonstration.sample import read_case
from sar.demonstration.servers import sample_servers
from sar.domain.records import AnswerKind, Record, RecordKind
from sar.law import load
from sar.packs.verification import PackVerification
from tests.journeys.conftest import Demo
from tests.journeys.stage import (
    FAMILY,
    HARTLEY,
    LEGS,
    STORES,
    Journey,
    begin_okafor,
    close,
    decide_as_suggested,
    disclosed_text,
    house_at,
    plain,
    words_of_html,
)

pytestmark = pytest.mark.timeout(900)

HARTLEY_PROCESSES = {
    RecordKind.ALERT: "Alert",
    RecordKind.REFERRAL: "Referral",
    RecordKind.ASSESSMENT: "Assessment",
    RecordKind.STRATEGY_DISCUSSION: "Strategy discussion",
    RecordKind.SECTION_47: "Section 47",
    RecordKind.SECTION_42: "Section 42",
    RecordKind.SAFEGUARDING_PLAN: "Safeguarding plan",
    RecordKind.PRACTICE_REVIEW: "Child safeguarding practice review",
    RecordKind.DBS: "DBS check",
    RecordKind.POLICE_NOTIFICATION: "Police notification",
    RecordKind.ACCESS_LOG: "Access log",
}
OKAFOR_PROCESSES = {
    RecordKind.STRATEGY_DISCUSSION: "Strategy discussion",
    RecordKind.SECTION_47: "Section 47",
    RecordKind.CONFERENCE: "Child protection conference",
    RecordKind.PLAN: "Child protection plan",
    RecordKind.REVIEW: "Review conference",
    RecordKind.DESIGNATED_OFFICER: "Designated officer",
}
NO_PROCESS = {
    RecordKind.VISIT, RecordKind.CASE_NOTE, RecordKind.CORRESPONDENCE, RecordKind.COMPLAINT,
    RecordKind.PERSON_DETAILS,
}  # fmt: skip


@dataclass
class Gathered:
    """Both families, gathered over every sample store."""

    hartley: Journey
    okafor: Journey

    def records(self, journey: Journey) -> list[Record]:
        return [r for a in journey.answers() for r in a.records]


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gathered]:
    folder: Path = tmp_path_factory.mktemp("both")
    build_databases(STORES, folder / "databases")
    with sample_servers(STORES) as variables:
        house = house_at(
            folder / "data", STORES / "stores.toml", {**variables, "databases": str(folder / "databases")}
        )
        case = read_case(HARTLEY)
        head = house.services.intake.receive(case.request, at=house.clock(), by=FAMILY)
        hartley = Journey(house=house, reference=head.reference, case=case)
        hartley.gather(attempts=2)
        okafor = begin_okafor(house)
        okafor.gather(attempts=2)
        yield Gathered(hartley=hartley, okafor=okafor)
        close(house)


@pytest.mark.parametrize("kind", HARTLEY_PROCESSES, ids=lambda k: k.name)
def test_a_process_of_the_hartleys_comes_from_a_store_and_is_explained(
    gathered: Gathered, kind: RecordKind
) -> None:
    assert [r for r in gathered.records(gathered.hartley) if r.kind is kind]
    assert_explained(HARTLEY_PROCESSES[kind])


@pytest.mark.parametrize("kind", OKAFOR_PROCESSES, ids=lambda k: k.name)
def test_a_process_of_the_okafors_comes_from_a_store_and_is_explained(
    gathered: Gathered, kind: RecordKind
) -> None:
    assert [r for r in gathered.records(gathered.okafor) if r.kind is kind]
    assert_explained(OKAFOR_PROCESSES[kind])


def assert_explained(term: str) -> None:
    entries = {g.term: g.meaning for g in load("england").glossary}
    assert term in entries
    assert len(entries[term].split()) > 8, "an explanation, not a name"


def test_no_kind_of_record_is_left_without_a_sample(gathered: Gathered) -> None:
    seen = {r.kind for j in (gathered.hartley, gathered.okafor) for r in gathered.records(j)}
    wanted = {k for k in RecordKind if not k.is_generated}
    assert wanted == seen
    assert wanted == set(HARTLEY_PROCESSES) | set(OKAFOR_PROCESSES) | NO_PROCESS


@pytest.mark.parametrize("leg", LEGS)
def test_the_packs_tell_safeguarding_and_child_protection_apart(demo: Demo, leg: str) -> None:
    read = words_of_html(demo.out / "copies" / f"pack-{leg}.html")
    meanings = {g.term: plain(g.meaning) for g in load("england").glossary}
    assert meanings["Safeguarding"] != meanings["Child protection"]
    named = {"Safeguarding", "Child protection", "Subject access request"}
    # Each process whose records are in the pack is explained in it.
    kinds = {str(r["kind"]) for r in records_in(demo, leg)}
    named |= {term for kind, term in HARTLEY_PROCESSES.items() if kind.value in kinds}
    assert len(named) >= 5
    assert [term for term in sorted(named) if meanings[term] not in read] == []


def records_in(demo: Demo, leg: str) -> list[dict[str, object]]:
    """The records of a pack, as its data copy lists them."""
    found: list[dict[str, object]] = json.loads((demo.out / "copies" / f"pack-{leg}.json").read_text())[
        "records"
    ]
    return found


STORY = {
    "strategy discussion": "leanne", "section 47 enquiry": "leanne", "no child protection conference is needed": "isla",
    "adult safeguarding enquiry (section 42)": "leanne", "empowerment": "leanne", "carer": "leanne",
    "serious case review": "leanne", "child safeguarding practice review": "leanne", "dbs": "leanne",
    "access-log entry": "leanne", "police notification": "marcus", "rc8": "isla", "safeguarding issue": "isla",
    "apolog": "isla", "stage one": "leanne", "lunchtime": "leanne",
}  # fmt: skip


def test_the_story_is_told_in_the_packs(demo: Demo) -> None:
    read = {leg: words_of_html(demo.out / "copies" / f"pack-{leg}.html") for leg in LEGS}
    assert [words for words, leg in STORY.items() if words not in read[leg]] == []
    for principle in ("empowerment", "prevention", "proportionality", "protection", "partnership",
                      "accountability"):  # fmt: skip
        assert principle in read["leanne"], principle
    for leg in ("leanne", "isla"):
        for words in ("raised", "re-labelled", "child protection", "parents"):
            assert words in read[leg], (leg, words)
        assert "where the records disagree" in read[leg]


def test_the_second_family_goes_the_whole_route(gathered: Gathered) -> None:
    okafor = gathered.okafor
    house = okafor.house
    kinds = {str(a.store): a.kind for a in okafor.answers()}
    assert kinds["council_ssd"] is AnswerKind.FOUND
    assert kinds["council_documents"] is AnswerKind.FOUND
    assert {kinds["ambulance"], kinds["school_nursing"]} == {AnswerKind.NOTHING_HELD}
    assert kinds["housing"] is AnswerKind.NOT_USED_HERE
    house.services.people.build(okafor.id, round_number=1, at=house.clock())
    house.services.review.propose(okafor.id, leg=1, at=house.clock())
    decide_as_suggested(okafor)
    text = plain(disclosed_text(okafor.sign_off()))
    for words in ("conference", "bruise", "unfounded"):
        assert words in text
    pdf = okafor.release()
    assert PackVerification().verify(pdf).reference == str(okafor.reference)
    for foreign in ("Hartley", "Leanne", "Tanner Row"):
        assert foreign.casefold() not in text


def test_one_family_is_never_in_the_others_records(gathered: Gathered) -> None:
    hartley = {str(r.key) for r in gathered.records(gathered.hartley)}
    okafor = {str(r.key) for r in gathered.records(gathered.okafor)}
    assert hartley
    assert okafor
    assert not hartley & okafor
