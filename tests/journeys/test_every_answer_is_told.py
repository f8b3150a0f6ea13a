"""Whatever a store answers, or does not, is kept, shown in the pack, and stops nobody's request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sar.bootstrap import House
from sar.demonstration.databases import build_databases
from sar.demonstration.servers import sample_servers
from sar.domain.records import AnswerKind
from sar.domain.trail import EventKind
from sar.packs.verification import PackVerification
from tests.journeys.stage import (
    COUNCIL,
    NOBODY_ANSWERS,
    STORES,
    Journey,
    close,
    disclosed_text,
    house_at,
    listed,
    plain,
    stores_folder,
    words_of,
    words_of_html,
)

pytestmark = pytest.mark.timeout(120)

KEEP = ("trust_alerts", "trust_fhir", "council_ssd", "ambulance", "housing", "school_nursing")


@pytest.fixture
def uneven(tmp_path: Path, houses: list[House]) -> Journey:
    """Leanne's request where one store is gone for good and the council is not covered by an agreement."""
    stores = stores_folder(tmp_path / "stores", KEEP, with_agreement=False)
    build_databases(STORES, tmp_path / "databases")
    with sample_servers(STORES) as variables:
        reach = {**variables, "databases": str(tmp_path / "databases"), "fhir_url": NOBODY_ANSWERS,
                 "fhir_token_url": f"{NOBODY_ANSWERS}/token"}  # fmt: skip
        house = house_at(tmp_path / "data", stores, reach)
        houses.append(house)
        made = Journey.begin(house)
        made.gather(attempts=3)
    made.propose()
    return made


def test_the_gathering_ends_with_an_answer_of_every_store(uneven: Journey) -> None:
    kinds = {str(a.store): (a.kind, a.attempt) for a in uneven.answers()}
    assert kinds == {
        "trust_alerts": (AnswerKind.FOUND, 1),
        "trust_fhir": (AnswerKind.UNAVAILABLE, 3),
        "council_ssd": (AnswerKind.NOT_OURS, 1),
        "ambulance": (AnswerKind.NOTHING_HELD, 1),
        "housing": (AnswerKind.NOT_OURS, 1),
        "school_nursing": (AnswerKind.NOTHING_HELD, 2),
    }
    assert [e.facts["gaps"] for e in uneven.events(EventKind.GATHERING_COMPLETED)] == [1]


def test_another_controllers_store_is_not_read_without_an_agreement(uneven: Journey) -> None:
    refused = next(a for a in uneven.answers() if a.store == "council_ssd")
    assert refused.records == ()
    assert refused.people == ()
    assert COUNCIL in refused.note
    assert not [r for r in uneven.records() if r.provenance.controller == COUNCIL and not r.kind.is_generated]


def test_the_pack_says_what_each_place_answered_and_declares_the_gap(uneven: Journey, tmp_path: Path) -> None:
    uneven.decide()
    uneven.sign_off()
    pdf = tmp_path / "pack.pdf"
    pdf.write_bytes(uneven.release())
    read = words_of(pdf)
    page = tmp_path / "pack.html"
    page.write_bytes(uneven.house.services.packing.html(uneven.id, leg=1))
    copy = words_of_html(page)
    for words in (
        "What is still missing", "did not answer before this pack was made", "It did not answer. We will ask again",
        "We asked 3 times", "Nothing held", "We may not search it",
        "Ask its owner directly", COUNCIL, "The council's housing record", "The ambulance handover record",
    ):  # fmt: skip
        assert plain(words) in copy, words
    assert "what is still missing" in read
    assert "AL-40112".casefold() in read
    assert [s for s in listed("leanne", "must-not-appear") if plain(s) in read] == []
    assert PackVerification().verify(pdf.read_bytes()).round == 1


def test_what_answers_later_comes_in_a_new_round_and_alters_nothing_earlier(
    uneven: Journey, tmp_path: Path
) -> None:
    uneven.decide()
    first = uneven.sign_off()
    before = uneven.events()
    close(uneven.house)
    with sample_servers(STORES) as variables:
        reach = {**variables, "databases": str(tmp_path / "databases")}
        later = replace(uneven, house=house_at(tmp_path / "data", tmp_path / "stores" / "stores.toml", reach))
        try:
            number = later.gather(attempts=2)
            kinds = {str(a.store): a.kind for a in later.answers()}
            assert number == 2
            assert later.events()[: len(before)] == before
            later.propose()
            later.decide()
            second = later.sign_off()
        finally:
            close(later.house)
    assert kinds["trust_fhir"] is AnswerKind.FOUND
    assert len(second.records) > len(first.records)
    assert "Sertraline" in disclosed_text(second)
    assert "Sertraline" not in disclosed_text(first)


def test_servers_that_die_in_the_middle_lose_nothing_that_was_answered(
    tmp_path: Path, houses: list[House]
) -> None:
    stores = stores_folder(tmp_path / "stores", KEEP)
    build_databases(STORES, tmp_path / "databases")
    with sample_servers(STORES) as variables:
        reach = {**variables, "databases": str(tmp_path / "databases")}
        house = house_at(tmp_path / "data", stores, reach)
        houses.append(house)
        made = Journey.begin(house)
        gathering, at = house.services.gathering, house.clock
        number = gathering.begin(made.id, at=at(), by=made.officer)
        questions = gathering.plan(made.id, number)
        asked = [q for q in questions if q[0] in {"trust_fhir", "council_ssd"}]
        for store, subject in asked:
            gathering.ask(made.id, round_number=number, store=store, subject=subject, attempt=1, at=at())
    for store, subject in questions:
        for attempt in (1, 2):
            gathering.ask(
                made.id, round_number=number, store=store, subject=subject, attempt=attempt, at=at()
            )
    gathering.conclude(made.id, round_number=number, at=at())
    kinds = {str(a.store): a.kind for a in made.answers()}
    assert kinds["trust_fhir"] is AnswerKind.FOUND
    assert kinds["council_ssd"] is AnswerKind.FOUND
    assert kinds["trust_alerts"] is AnswerKind.FOUND
    assert {kinds[n] for n in ("ambulance", "housing", "school_nursing")} == {AnswerKind.UNAVAILABLE}


def test_the_agreement_opens_the_other_controllers_store(tmp_path: Path, houses: list[House]) -> None:
    stores = stores_folder(tmp_path / "stores", ["council_ssd"], with_agreement=True)
    build_databases(STORES, tmp_path / "databases")
    house = house_at(tmp_path / "data", stores, {"databases": str(tmp_path / "databases")})
    houses.append(house)
    made = Journey.begin(house)
    made.gather()
    assert [a.kind for a in made.answers()] == [AnswerKind.FOUND]
    assert {r.provenance.controller for r in made.records() if not r.kind.is_generated} == {COUNCIL}
