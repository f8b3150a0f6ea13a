"""Hold notices: each store's keeper is told once, without a word about whom; a crash sends again, never nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from sar.domain.errors import (
    AlreadyDone,
    EnvironmentFault,
    ImpossibleDate,
    InvalidInput,
    NotAllowed,
    NotFound,
)
from sar.domain.holds import holds_of
from sar.domain.references import StoreName
from sar.domain.trail import EventKind, verify_chain
from sar.outbox import FolderOutbox
from sar.ports.gathering import Agreement
from sar.services.tending import Tending
from sar.stores.manual import ManualStore
from tests.fakes.ports import HeldStore
from tests.integration.services.by_hand import KEEPER, PAPER_STORE, PAPERS, Keepers, paper_store
from tests.integration.services.conftest import COUNCIL, OFFICER, TRUST, Office

THEIRS = replace(
    PAPER_STORE, name=StoreName("theirs"), label="Their files", controller=COUNCIL, owner="c@c.example"
)
AGREED = Agreement(reference="JCA-1", between=frozenset({TRUST, COUNCIL}), agreed_on=date(2026, 1, 1))


@pytest.fixture
def keepers(office: Office) -> Keepers:
    office.stores = [paper_store(), HeldStore("ward"), ManualStore(description=THEIRS)]  # type: ignore[list-item]
    return Keepers(office)


def notices(keepers: Keepers):
    return [letter for letter in keepers.outbox.letters if letter.kind == "hold-notice"]


def test_each_keeper_is_told_once_and_nobody_is_named(keepers) -> None:
    case = keepers.office.receive()
    assert keepers.tend() == 1
    assert keepers.tend() == 0
    [notice] = notices(keepers)
    assert notice.address == "files@fenwater.example"
    text = " ".join((notice.subject, *notice.paragraphs))
    for words in (
        "SA-2026-0001",
        "Tuesday 20 October 2026",
        "The old paper files",
        "section 173",
        "01632 960 100",
    ):
        assert words in text
    for word in ("alter", "deface", "block", "erase", "destroy", "conceal"):
        assert word in text
    for private in ("Leanne", "Hartley", "1993", "leanne@"):
        assert private not in text
    events = keepers.office.events(case)
    [sent] = [e for e in events if e.kind is EventKind.HOLD_NOTICE_SENT]
    assert dict(sent.facts) == {"store": "papers"}
    verify_chain(events)


def test_another_body_learns_nothing_of_us_without_an_agreement(keepers) -> None:
    keepers.office.receive()
    keepers.tend()
    assert [n.address for n in notices(keepers)] == ["files@fenwater.example"]
    keepers.office.agreements = [AGREED]
    keepers.tend()
    assert [n.address for n in notices(keepers)] == ["files@fenwater.example", "c@c.example"]


def test_a_crash_between_sending_and_recording_sends_the_same_message_again(keepers, tmp_path: Path) -> None:
    case = keepers.office.receive()

    class Died(Exception):
        pass

    class Outbox(FolderOutbox):
        def send(self, letter, *, at):
            super().send(letter, at=at)
            raise Died

    keepers.outbox = Outbox(tmp_path / "out")
    with pytest.raises(Died):
        keepers.tend()
    assert not holds_of(keepers.office.events(case))
    [first] = (tmp_path / "out").glob("*.eml")
    keepers.outbox = FolderOutbox(tmp_path / "out")
    assert keepers.tend() == 1
    assert [first] == list((tmp_path / "out").glob("*.eml"))
    assert PAPERS in holds_of(keepers.office.events(case))


def test_a_mail_server_that_fails_for_one_does_not_keep_it_from_the_others(keepers) -> None:
    keepers.office.agreements = [AGREED]
    case = keepers.office.receive()
    post = keepers.outbox

    class Outbox:
        def send(self, letter, *, at):
            if letter.address == "files@fenwater.example":
                raise EnvironmentFault("It did not take it.", next_step="Try again.")
            return post.send(letter, at=at)

    keepers.outbox = Outbox()  # type: ignore[assignment]
    assert keepers.tend() == 1
    assert set(holds_of(keepers.office.events(case))) == {"theirs"}
    keepers.outbox = post
    assert keepers.tend() == 1


def test_nothing_that_is_wrong_with_one_case_or_one_notice_stops_the_others(
    keepers, monkeypatch, caplog
) -> None:
    broken, well = keepers.office.receive(), keepers.office.receive()
    with keepers.office.archive.reading(broken) as file:
        its = file.reference
    due = Tending._due

    def odd(self, file, on):
        if file.reference == its:
            raise KeyError("Leanne Hartley")
        yield from due(self, file, on)

    monkeypatch.setattr(Tending, "_due", odd)
    assert keepers.tend() == 1
    assert set(holds_of(keepers.office.events(well))) == {"papers"}
    assert "could not be tended (KeyError)" in caplog.text
    assert "Hartley" not in caplog.text

    class Outbox:
        def send(self, letter, *, at):
            raise ValueError(letter.address)

    monkeypatch.setattr(Tending, "_due", due)
    keepers.outbox = Outbox()  # type: ignore[assignment]
    assert keepers.tend() == 0
    assert "fenwater" not in caplog.text


def test_a_store_without_an_owner_is_told_by_a_person(keepers) -> None:
    office = keepers.office
    case = office.receive()
    keepers.tend()
    rows = {r.store: r for r in keepers.holding.rows(case, on=date(2026, 11, 2))}
    assert set(rows) == {"papers", "ward"}
    assert (rows["ward"].has_owner, rows["ward"].told_on) == (False, None)
    assert rows["papers"].by_notice
    telling = {"store": StoreName("ward"), "on": date(2026, 11, 2), "at": office.at()}
    with pytest.raises(NotAllowed):
        keepers.holding.told(case, who="Me", by=KEEPER, **telling)
    with pytest.raises(InvalidInput) as silent:
        keepers.holding.told(case, who=" ", by=OFFICER, **telling)
    assert silent.value.field == "who"
    with pytest.raises(ImpossibleDate) as early:
        keepers.holding.told(case, who="Me", by=OFFICER, **{**telling, "on": date(2026, 10, 1)})
    assert early.value.field == "on"
    with pytest.raises(NotFound):
        keepers.holding.told(case, who="Me", by=OFFICER, **{**telling, "store": StoreName("theirs")})
    keepers.holding.told(case, who="Olga rang Sister Brown.", by=OFFICER, **telling)
    told = {r.store: r for r in keepers.holding.rows(case, on=date(2026, 11, 2))}["ward"]
    assert (told.told_on, told.by_notice) == (date(2026, 11, 2), False)
    assert "Brown" not in repr([e.facts for e in office.events(case)])
    with pytest.raises(AlreadyDone):
        keepers.holding.told(case, who="Me", by=OFFICER, **telling)


def test_a_request_that_was_answered_needs_no_notice_any_more(keepers) -> None:
    office = keepers.office
    office.stores = [HeldStore("ward")]
    case = office.receive()
    office.ready(case)
    office.reviewed(case)
    office.sign_off(case)
    office.release(case)
    office.stores = [HeldStore("ward"), paper_store()]  # type: ignore[list-item]
    assert keepers.tend() == 0
    assert not notices(keepers)


def opened_while_tending(keepers: Keepers, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The cases that a tending opens."""
    seen: list[str] = []
    reading = type(keepers.office.archive).reading

    def counted(archive, case):
        seen.append(case)
        return reading(archive, case)

    with monkeypatch.context() as patch:
        patch.setattr(type(keepers.office.archive), "reading", counted)
        keepers.tend()
    return seen


def test_only_cases_in_which_something_can_have_fallen_due_are_opened(keepers, monkeypatch) -> None:
    office = keepers.office
    first, second = office.receive(), office.receive()
    assert keepers.tend() == 2
    assert {*opened_while_tending(keepers, monkeypatch)} == {first, second}
    assert opened_while_tending(keepers, monkeypatch) == []
    office.gather(second)
    assert {*opened_while_tending(keepers, monkeypatch)} == {second}
    # A store that is set up, an agreement, or another day can make something due in every open case.
    office.stores = [*office.stores, ManualStore(description=replace(PAPER_STORE, name=StoreName("maps")))]  # type: ignore[list-item]
    assert keepers.tend() == 2
    keepers.tend()
    office.agreements = [AGREED]
    assert keepers.tend() == 2
    keepers.tend()
    assert opened_while_tending(keepers, monkeypatch) == []
    office.now += timedelta(days=1)
    assert {*opened_while_tending(keepers, monkeypatch)} >= {first, second}


def test_a_case_that_is_over_is_opened_again_only_when_something_happens_in_it(keepers, monkeypatch) -> None:
    office = keepers.office
    office.stores = [HeldStore("ward")]
    case = office.receive()
    office.ready(case)
    office.reviewed(case)
    office.sign_off(case)
    office.release(case)
    keepers.tend()
    office.now += timedelta(days=30)
    assert opened_while_tending(keepers, monkeypatch) == []
    office.delivery.deliver(case, leg=1, at=office.at())
    assert {*opened_while_tending(keepers, monkeypatch)} == {case}


def test_a_notice_that_did_not_leave_is_tried_again_the_same_day(keepers, tmp_path) -> None:
    office = keepers.office
    office.receive()
    working, keepers.outbox = keepers.outbox, FolderOutbox(tmp_path / "a file" / "outbox")
    (tmp_path / "a file").write_text("in the way")
    assert keepers.tend() == 0
    assert keepers.tend() == 0
    keepers.outbox = working
    assert keepers.tend() == 1
