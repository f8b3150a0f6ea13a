"""A complaint and a correction have their stage, their dates and their next step, and end only on a fresh look."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from sar.bootstrap import House
from sar.config import read_settings
from sar.demonstration.databases import correct_alerts
from sar.demonstration.servers import sample_servers
from sar.domain.errors import OutOfOrder
from sar.domain.parties import Actor, StaffRole
from sar.domain.rectification import Correction, PlaceState
from sar.domain.references import CaseReference, StaffId
from sar.domain.trail import EventKind
from sar.law import load
from sar.ports.casework import complaints_of, corrections_of
from tests.journeys.conftest import Demo
from tests.journeys.stage import STORES, STORY, Clock, Journey, close, words_of, words_of_html

pytestmark = pytest.mark.timeout(900)

ASKED = date(2026, 11, 3)
TEAM = Actor(id=StaffId("rosa-imani"), name="Rosa Imani", roles=frozenset({StaffRole.COMPLAINTS}))


@dataclass
class Afterwards:
    """The demo's case in a copy, with its stores running again."""

    journey: Journey
    databases: Path

    @property
    def correction(self) -> Correction:
        with self.journey.house.archive.reading(self.journey.id) as file:
            return corrections_of(file)[0]

    def look_again(self) -> Correction:
        house = self.journey.house
        number = self.journey.gather(attempts=2)
        return house.services.rectification.verify(
            self.journey.id, correction=self.correction.id, round_number=number, at=house.clock()
        )

    def states(self) -> Counter[PlaceState]:
        return Counter(p.state for p in self.correction.places)


@pytest.fixture
def afterwards(copy: Path) -> Iterator[Afterwards]:
    with sample_servers(STORES) as variables:
        environment = {f"SAR_STORE_{k.upper()}": v for k, v in variables.items()}
        environment["SAR_STORE_DATABASES"] = str(copy / "sample")
        later = Clock(now=STORY.replace(hour=15))
        house = House(read_settings({"SAR_DATA": str(copy), **environment}), clock=later)
        yield Afterwards(
            journey=Journey(house=house, reference=CaseReference("SA-2026-0001")), databases=copy / "sample"
        )
        close(house)


def test_the_pack_shows_the_complaint_with_its_stage_and_its_dates(demo: Demo) -> None:
    read = words_of_html(demo.out / "copies" / "pack-leanne.html")
    law = load("england")
    route = law.route("data-protection")
    assert "complaints and corrections" in read
    assert route.title.casefold() in read
    assert "3 november 2026" in read
    assert "must say that it has your complaint by thursday 3 december 2026" in read
    assert "correction asked on 3 november 2026" in read
    assert "entered in error, in every place it was copied to" in read
    assert "we must answer by 3 december 2026" in read
    assert "its holder not yet told" in read


def test_the_dates_of_a_complaint_come_from_the_law(afterwards: Afterwards) -> None:
    house, journey = afterwards.journey.house, afterwards.journey
    with house.archive.reading(journey.id) as file:
        kept = complaints_of(file)[0]
    assert kept.leg == 1
    page = house.services.enquiries.complaint(journey.id, kept.id, on=STORY.date())
    assert page.opened_on == ASKED
    assert page.acknowledge_by == date(2026, 12, 3), "30 days from its receipt (section 164A)"
    assert page.citation
    assert page.next_step
    assert page.next_due_on == page.acknowledge_by


def test_a_complaint_goes_on_to_its_next_stage(afterwards: Afterwards) -> None:
    house, journey = afterwards.journey.house, afterwards.journey
    with house.archive.reading(journey.id) as file:
        kept = complaints_of(file)[0]
    complaints, at = house.services.complaints, house.clock
    complaints.acknowledge(journey.id, complaint=kept.id, on=STORY.date(), at=at(), by=TEAM)
    page = house.services.enquiries.complaint(journey.id, kept.id, on=STORY.date())
    assert page.stage_title
    assert page.next_step
    complaints.answer(
        journey.id,
        complaint=kept.id,
        on=STORY.date(),
        outcome="upheld",
        words="You were right.",
        at=at(),
        by=TEAM,
    )
    after = house.services.enquiries.complaint(journey.id, kept.id, on=STORY.date())
    assert after.status != page.status
    assert after.next_step != page.next_step
    assert "regulator" in after.next_step
    assert [e.kind for e in journey.events()][-2:] == [
        EventKind.COMPLAINT_ACKNOWLEDGED, EventKind.COMPLAINT_ANSWERED
    ]  # fmt: skip


def test_the_demo_corrected_one_store_left_another_and_says_so(demo: Demo, afterwards: Afterwards) -> None:
    kept = afterwards.correction
    assert kept.asked_on == ASKED
    assert kept.answer_by == date(2026, 12, 3), "one month (Article 12(3))"
    assert kept.is_open
    seen = [p for p in kept.places if p.state is PlaceState.SEEN]
    assert {str(p.store) for p in seen} == {"trust_alerts"}
    wrong = {str(p.store) for p in kept.places if p.state is PlaceState.NOT_SEEN}
    assert {"trust_fhir", "council_ssd"} <= wrong
    outside = [p for p in kept.places if p.record is None]
    assert outside
    assert {p.state for p in outside} == {PlaceState.REPORTED}
    assert f"Correction: open. {len(kept.left)} of {len(kept.places)} places" in demo.stdout
    assert "seen corrected in the store" in demo.stdout
    assert "still wrong in the store" in demo.stdout


def test_the_pack_lists_the_places_the_error_was_copied_to(demo: Demo) -> None:
    read = words_of(demo.out / "pack-leanne.pdf")
    for place in ("brook street surgery", "emergency department", "children's front door", "school"):
        assert place in read


def test_a_further_correction_and_a_new_look_move_one_more_place(afterwards: Afterwards) -> None:
    before = afterwards.states()
    with closing(sqlite3.connect(afterwards.databases / "council_ssd.sqlite")) as owner, owner:
        changed = owner.execute(
            "UPDATE ssd_contacts SET cont_contact_outcome_json = replace(cont_contact_outcome_json, "
            '\'"alert_status_here": "active"\', \'"alert_status_here": "entered-in-error"\') '
            "WHERE cont_contact_id = 'CONT-3101'"
        ).rowcount
    assert changed == 1
    looked = afterwards.look_again()
    after = afterwards.states()
    assert after[PlaceState.SEEN] == before[PlaceState.SEEN] + 1
    assert {str(p.store) for p in looked.places if p.state is PlaceState.SEEN} == {
        "trust_alerts",
        "council_ssd",
    }
    assert looked.is_open
    events = afterwards.journey.events(EventKind.CORRECTION_SEEN, EventKind.CORRECTION_NOT_SEEN)
    newest = [e for e in events if e.facts["round"] == afterwards.journey.round]
    assert sum(e.kind is EventKind.CORRECTION_SEEN for e in newest) == after[PlaceState.SEEN]


def test_switched_off_is_not_the_same_as_entered_in_error(afterwards: Afterwards) -> None:
    with closing(sqlite3.connect(afterwards.databases / "trust_alerts.sqlite")) as owner, owner:
        owner.execute("UPDATE alert SET status = 'inactive' WHERE alert_id = 'AL-40112'")
    afterwards.look_again()
    assert afterwards.states()[PlaceState.SEEN] == 0
    note = next(p.note for p in afterwards.correction.places if p.store == "trust_alerts")
    assert "inactive" in note


def test_a_fix_in_one_store_proves_nothing_about_another_alert(afterwards: Afterwards) -> None:
    """Isla's alert is put right; Leanne's correction does not move."""
    before = afterwards.states()
    correct_alerts(afterwards.databases / "trust_alerts.sqlite", ["AL-40113"], at=STORY)
    afterwards.look_again()
    assert afterwards.states() == before


def test_a_holders_word_is_not_enough_where_we_can_look(afterwards: Afterwards) -> None:
    house, journey, kept = afterwards.journey.house, afterwards.journey, afterwards.correction
    place = next(p for p in kept.places if p.store == "trust_fhir")
    with pytest.raises(OutOfOrder, match="look into this store ourselves"):
        house.services.rectification.confirm(
            journey.id, correction=kept.id, place=place.id, on=STORY.date(), words="Done.", at=house.clock(),
            by=TEAM,
        )  # fmt: skip
    outside = next(p for p in kept.places if p.record is None)
    house.services.rectification.confirm(
        journey.id, correction=kept.id, place=outside.id, on=STORY.date(), words="Taken off.", at=house.clock(),
        by=TEAM,
    )  # fmt: skip
    assert afterwards.states()[PlaceState.CONFIRMED] == 1
    assert afterwards.correction.is_open
