"""Stores that a person sees to, on the site: tasks by hand, hold notices, declared gaps, the list of stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest

from sar.domain.errors import StoreUnavailable
from sar.domain.gaps import gaps_of
from sar.domain.parties import StaffRole
from sar.domain.records import AnswerKind
from sar.domain.references import StoreName
from sar.domain.tasks import tasks_of
from sar.ports.access import NewStaff
from sar.ports.by_hand import LARGEST_PAPER, FoundByHand, found_name
from sar.ports.gathering import Agreement
from sar.ports.recording import kept_note
from sar.stores.manual import ManualStore
from sar.web import LARGEST_FORM
from tests.fakes import web
from tests.fakes.ports import HeldStore, record
from tests.integration.services.by_hand import PAPER_STORE, PAPERS, Keepers, paper_store
from tests.integration.services.conftest import COUNCIL, OFFICER, TRUST
from tests.integration.web.staff_site import Desk, errors, make_desk, page

SEEN = {"name": "Ken Archer", "role": "archivist", "looked_on-day": "2", "looked_on-month": "11",
        "looked_on-year": "2026", "where": "Basement"}  # fmt: skip
DOWN = StoreUnavailable("It did not answer.", next_step="Ask again.")


@pytest.fixture
def desk(tmp_path, law, detector) -> Desk:
    """A case whose paper store waits for a person."""
    desk = make_desk(
        tmp_path,
        record("1", "Seen on the ward."),
        law=law,
        detector=detector,
        ready=False,
        stores=(paper_store(),),
    )
    keepers = Keepers(desk.office)
    keepers.ask_by_hand(desk.case)
    keepers.tend()
    desk.parts.now = desk.office.now
    return desk


def keeper(desk: Desk, *stores: str, username: str = "keeper"):
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    desk.parts.accounts.add_staff(
        NewStaff(
            username=username, name="Ken Archer", password=web.PASSWORD, totp_secret=secret,
            roles=frozenset({StaffRole.RECORD_HOLDER}), stores=frozenset(map(StoreName, stores or ("papers",))),
        ),
        at=desk.parts.now,
    )  # fmt: skip
    client = desk.app.test_client()
    client.environ_base |= {"wsgi.url_scheme": "https", "HTTP_HOST": "localhost"}
    assert web.sign_in_staff(desk.parts, client, secret, username).headers["Location"].endswith("/tasks")
    return client


def paper(n: int = 1, content: bytes = b"A visit on a wet day.", name: str = "card.txt", **changes: str):
    return {f"file-{n}": (BytesIO(content), name), f"title-{n}": "Visit card", f"kind-{n}": "visit",
            f"dated-{n}-day": "6", f"dated-{n}-month": "5", f"dated-{n}-year": "2013", **changes}  # fmt: skip


def the_task(desk: Desk):
    return tasks_of(desk.office.events(desk.case))[0]


def test_a_keeper_reads_whom_to_look_for_and_nothing_else_of_the_case(desk) -> None:
    client = keeper(desk)
    listed = page(client, "/tasks")
    assert "The old paper files" in listed
    assert "Hartley" not in listed
    shown = page(client, "/tasks/SA-2026-0001/1")
    for words in ("Leanne Hartley", "14 March 1993", "Files until 2015.", "Monday 9 November 2026"):
        assert words in shown
    for private in ("leanne@example.org", "Everything you hold", "Seen on the ward"):
        assert private not in shown
    for other in (desk.url, "/officer/", "/officer/stores", f"{desk.leg}/records"):
        assert client.get(other).status_code == 403


def test_a_paper_is_handed_in_and_can_be_saved_again(desk) -> None:
    client = keeper(desk)
    answer = desk.send(client, "/tasks/SA-2026-0001/1/found", **paper(), **SEEN)
    assert answer.status_code == 303
    assert "Thank you" in page(client, answer.headers["Location"])
    [found] = [a for a in desk.office.answers(desk.case) if a.store == PAPERS]
    assert (found.kind, found.found) == (AnswerKind.FOUND, 1)
    assert found.records[0].provenance.found_by == "looked up by hand by an archivist"
    saved = client.get("/tasks/SA-2026-0001/1/papers/1")
    assert saved.data == b"A visit on a wet day."
    assert saved.headers["Content-Disposition"] == 'attachment; filename="SA-2026-0001-1-1.txt"'
    assert saved.mimetype == "application/octet-stream"


def test_a_large_paper_stays_in_memory_and_comes_in(desk, monkeypatch) -> None:
    def spooled(*_args, **_named):
        raise AssertionError("it was put on a disk")

    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", spooled, raising=False)
    monkeypatch.setattr("werkzeug.formparser.TemporaryFile", spooled, raising=False)
    content = b"A visit. " * (LARGEST_FORM // 4)
    answer = desk.send(keeper(desk), "/tasks/SA-2026-0001/1/found", **paper(content=content), **SEEN)
    assert answer.status_code == 303
    answer.request.environ["wsgi.input"].close()
    assert not the_task(desk).is_open


@pytest.mark.parametrize("roles", [(), (StaffRole.APPROVER,), (StaffRole.HEALTH_PROFESSIONAL,)])
def test_room_for_files_is_made_only_for_who_may_hand_them_in(desk, roles) -> None:
    client = desk.staff(*roles) if roles else desk.app.test_client()
    client.environ_base |= {"wsgi.url_scheme": "https", "HTTP_HOST": "localhost"}
    answer = desk.send(
        client, "/tasks/SA-2026-0001/1/found", **paper(content=b"x" * (LARGEST_FORM + 1000)), **SEEN
    )
    assert answer.status_code == 413
    answer.request.environ["wsgi.input"].close()
    assert the_task(desk).is_open


def test_other_forms_take_no_more_than_before(desk) -> None:
    answer = desk.send(
        keeper(desk), "/tasks/SA-2026-0001/1/nothing", **SEEN, more="x" * (LARGEST_FORM + 1000)
    )
    assert answer.status_code == 413
    answer.request.environ["wsgi.input"].close()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "Choose the file of a paper that you found"),
        ({"title-2": "Card"}, "Choose the file of paper 2 again"),
        (paper(**{"kind-1": "nonsense"}), "Choose what paper 1 is"),
        (paper(**{"title-1": ""}), "Enter a title for paper 1"),
        (paper(**{"dated-1-year": "2030"}), "Date of paper 1 must be today or in the past"),
        (paper(content=b""), "A file is empty. Choose it again."),
        (paper(n=3, content=b""), "A file is empty. Choose it again."),
        (paper() | {"name": ""}, "Enter the name of the person who looked"),
        (paper() | {"role": "the boss"}, "Choose what they do"),
        (paper() | {"where": ""}, "Write where they looked"),
        (paper() | {"looked_on-year": "2031"}, "Day they looked must be today or in the past"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_papers_is_said_beside_its_field(desk, given, message) -> None:
    # A file is read once: each try needs one of its own.
    fresh = {k: (BytesIO(v[0].getvalue()), v[1]) if isinstance(v, tuple) else v for k, v in given.items()}
    answer = desk.send(keeper(desk), "/tasks/SA-2026-0001/1/found", **{**SEEN, **fresh})
    assert message in errors(answer)
    assert the_task(desk).is_open


@pytest.mark.parametrize(
    ("name", "content", "saved"),
    [
        ("../../etc/passwd", b"A visit.", "SA-2026-0001-1-1.bin"),
        ("card\x00.txt", b"A visit.", "SA-2026-0001-1-1.txt"),
        ("..\\..\\card.txt", b"A visit.", "SA-2026-0001-1-1.txt"),
        ("tool.exe", b"MZ\x90\x00\x03", "SA-2026-0001-1-1.exe"),
    ],
)
def test_no_name_and_no_kind_of_file_is_turned_away_or_leads_anywhere(desk, name, content, saved) -> None:
    client = keeper(desk)
    answer = desk.send(client, "/tasks/SA-2026-0001/1/found", **paper(content=content, name=name), **SEEN)
    assert answer.status_code == 303
    assert "Thank you" in page(client, answer.headers["Location"])
    kept = client.get("/tasks/SA-2026-0001/1/papers/1")
    assert kept.data == content
    assert kept.headers["Content-Disposition"] == f'attachment; filename="{saved}"'
    # Only the last part of the name is kept, and nothing that a screen or a path could trip over.
    with desk.office.archive.reading(desk.case) as file:
        [original] = kept_note(file, found_name(1), FoundByHand).originals
    assert not set("/\\\x00") & set(original.file_name)


def test_several_papers_with_one_mistake_keep_what_was_typed_and_name_the_files_to_choose_again(desk) -> None:
    client = keeper(desk)
    given = (
        paper(1, name="scans/card.txt")
        | paper(2, content=b"", name="letter.txt")
        | paper(3, b"x" * (LARGEST_PAPER + 1), "film.mp4")
    )
    answer = desk.send(client, "/tasks/SA-2026-0001/1/found", **given, **SEEN)
    answer.request.environ["wsgi.input"].close()
    assert errors(answer) == ["The file of paper 3 is larger than 20 megabytes"]
    shown = answer.get_data(as_text=True)
    assert all(f"Choose “{name}” again" in shown for name in ("card.txt", "letter.txt", "film.mp4"))
    assert shown.count('value="Visit card"') == 3
    assert "Basement" in shown
    assert the_task(desk).is_open
    only_month = desk.send(client, "/tasks/SA-2026-0001/1/found", **{**paper(), "dated-2-month": "5"}, **SEEN)
    assert errors(only_month) == ["Choose the file of paper 2 again"]


def test_more_files_than_one_form_takes_are_refused_with_words_about_files(desk, monkeypatch) -> None:
    monkeypatch.setattr("sar.web.uploads.LARGEST_UPLOAD", 1000)
    answer = desk.send(keeper(desk), "/tasks/SA-2026-0001/1/found", **paper(content=b"x" * 2000), **SEEN)
    assert answer.status_code == 413
    answer.request.environ["wsgi.input"].close()
    assert "None of them was stored" in answer.get_data(as_text=True)
    assert the_task(desk).is_open


def test_a_form_that_is_turned_away_as_a_whole_gives_back_what_was_typed(desk) -> None:
    client = keeper(desk)
    words = {**SEEN, "where": "Basement, <b>shelf</b> 10"}
    forged = client.post("/tasks/SA-2026-0001/1/nothing", data={**words, "csrf": "an-old-mark"})
    assert forged.status_code == 400
    shown = forged.get_data(as_text=True)
    assert "Basement, &lt;b&gt;shelf&lt;/b&gt; 10" in shown
    assert "Ken Archer" in shown
    assert "an-old-mark" not in shown
    mark = web.mark_of(client)
    desk.send(client, "/sign-out")
    desk.parts.later(seconds=1)
    # Whoever brings no cookie of ours, as a page of somebody else would not, is told nothing back.
    stranger = desk.app.test_client()
    stranger.environ_base |= client.environ_base
    from_elsewhere = stranger.post("/tasks/SA-2026-0001/1/nothing", data={**words, "csrf": mark})
    assert from_elsewhere.status_code == 400
    assert "Basement" not in from_elsewhere.get_data(as_text=True)


def test_a_session_that_ended_meanwhile_gives_back_what_was_typed_and_a_watching_page_is_loaded_anew(
    desk,
) -> None:
    client = keeper(desk)
    mark = web.mark_of(client)
    desk.parts.later(hours=9)
    over = client.post("/tasks/SA-2026-0001/1/nothing", data={**SEEN, "csrf": mark})
    assert over.status_code == 401
    assert "Basement" in over.get_data(as_text=True)
    assert 'href="/staff/sign-in"' in over.get_data(as_text=True)
    watching = client.get("/tasks", headers={"HX-Request": "true"})
    assert (watching.status_code, watching.headers["HX-Refresh"]) == (401, "true")


def test_nothing_held_and_more_time(desk) -> None:
    client = keeper(desk)
    late = {"until-day": "1", "until-month": "3", "until-year": "2027", "reason": "Flood."}
    answer = desk.send(client, "/tasks/SA-2026-0001/1/more-time", **late)
    assert errors(answer) == [
        "The answer to the family would be too late then. Enter an earlier day, or speak with the records team."
    ]
    soon = {"until-day": "12", "until-month": "11", "until-year": "2026", "reason": "Flood."}
    assert desk.send(client, "/tasks/SA-2026-0001/1/more-time", **soon).status_code == 303
    assert the_task(desk).due_on == date(2026, 11, 12)
    assert desk.send(client, "/tasks/SA-2026-0001/1/nothing", **SEEN).status_code == 303
    assert the_task(desk).outcome == "nothing-held"
    again = desk.send(client, "/tasks/SA-2026-0001/1/nothing", **SEEN)
    assert "answered already" in " ".join(errors(again))


def test_the_keeper_of_another_store_finds_nothing_here(desk) -> None:
    client = keeper(desk, "maps", username="other")
    assert "SA-2026-0001" not in page(client, "/tasks")
    for path in ("", "/found", "/nothing", "/more-time", "/papers/1"):
        assert client.get(f"/tasks/SA-2026-0001/1{path}").status_code == 404
    for path in ("found", "nothing", "more-time"):
        assert desk.send(client, f"/tasks/SA-2026-0001/1/{path}", **SEEN).status_code == 404
    assert the_task(desk).is_open


def test_the_case_page_shows_tasks_and_notices_and_an_officer_records_a_telling(desk) -> None:
    client = desk.staff(StaffRole.OFFICER)
    shown = page(client, desk.url)
    assert "The old paper files, task 1" in shown
    assert "notice sent on 2 November 2026" in shown
    assert "Tell them yourself" in shown
    empty = desk.send(client, f"{desk.url}/holds/ward")
    assert errors(empty) == ["Enter the day they were told", "Write who told whom, and how"]
    told = {"on-day": "2", "on-month": "11", "on-year": "2026", "who": "I rang."}
    assert desk.send(client, f"{desk.url}/holds/ward", **told).status_code == 303
    assert "told by a person on 2 November 2026" in page(client, desk.url)
    assert client.get(f"{desk.url}/holds/ward").status_code == 404


def test_a_task_nobody_answers_turns_red_on_the_case_and_in_the_queue(desk) -> None:
    client = desk.staff(StaffRole.OFFICER)
    for _ in range(20):
        desk.office.now += timedelta(days=1)
        Keepers(desk.office).tend()
    desk.parts.now = desk.office.now
    client = desk.staff(StaffRole.OFFICER, StaffRole.APPROVER)
    assert "Escalated" in page(client, desk.url)
    assert "Task escalated" in page(client, "/officer/")


def test_what_is_due_can_be_sent_at_once(desk) -> None:
    desk.office.now = desk.parts.now = desk.parts.now + timedelta(days=8)
    client = desk.staff(StaffRole.OFFICER)
    assert desk.send(client, f"{desk.url}/tending").status_code == 303
    assert len(the_task(desk).chases) == 1


@pytest.fixture
def gapped(tmp_path, law, detector) -> Desk:
    """A reviewed case whose second store did not answer."""
    lab = HeldStore("lab", fault=DOWN)
    desk = make_desk(tmp_path, record("1", "Seen."), law=law, detector=detector, stores=(lab,))
    desk.office.reviewed(desk.case)
    desk.parts.now = desk.office.now
    return desk


GAP = {"missing-1": "Results of 2024.", "doing-1": "ask-again", "follows-1-day": "30", "follows-1-month": "11",
       "follows-1-year": "2026", "checked": "yes"}  # fmt: skip


def test_a_missing_place_is_declared_on_the_sign_off_page(gapped) -> None:
    client = gapped.staff(StaffRole.APPROVER)
    assert "Places without a final answer" in page(client, f"{gapped.leg}/sign-off")
    empty = gapped.send(client, f"{gapped.leg}/sign-off", checked="yes")
    assert errors(empty) == [
        "Write what is missing: The lab", "Choose what we do about it: The lab",
        "Enter the day the rest will follow (The lab)",
    ]  # fmt: skip
    past = gapped.send(client, f"{gapped.leg}/sign-off", **{**GAP, "follows-1-day": "1"})
    assert errors(past) == ["The rest cannot follow on a day that has passed. Enter a later day."]
    assert gapped.send(client, f"{gapped.leg}/sign-off", **GAP).status_code == 303
    [gap] = gaps_of(gapped.office.events(gapped.case), 1)
    assert (gap.store, gap.follows_on) == ("lab", date(2026, 11, 30))


def test_an_overdue_gap_is_first_in_the_queue_and_an_officer_closes_it(gapped) -> None:
    gapped.send(gapped.staff(StaffRole.APPROVER), f"{gapped.leg}/sign-off", **GAP)
    gapped.office.release(gapped.case)
    gapped.office.now = gapped.parts.now = gapped.parts.now + timedelta(days=40)
    client = gapped.staff(StaffRole.OFFICER)
    assert "Gap overdue" in page(client, "/officer/").split("<h2", 1)[0]
    assert "Overdue" in page(client, gapped.url).split("Missing from the pack", 1)[1][:600]
    url = f"{gapped.leg}/gaps/lab"
    assert errors(gapped.send(client, url)) == [
        "Enter the name and the role of whoever found that",
        "Write how they know",
    ]
    assert gapped.send(client, url, name="Una Reed, lead", reason="She looked.").status_code == 303
    assert "a person found that it holds nothing" in page(client, gapped.url)
    assert client.get(url).status_code == 404


def test_the_list_of_stores_says_whose_each_is_and_what_may_be_asked(tmp_path, law, detector) -> None:
    theirs = replace(PAPER_STORE, name=StoreName("theirs"), label="Their files", controller=COUNCIL)
    asleep = replace(PAPER_STORE, name=StoreName("asleep"), label="Asleep", suspended="It is being moved.")
    stores = tuple(ManualStore(description=d) for d in (theirs, asleep))
    desk = make_desk(tmp_path, law=law, detector=detector, ready=False, stores=stores)
    desk.office.agreements = [
        Agreement(reference="JCA-9", between=frozenset({TRUST, COUNCIL}), agreed_on=date(2025, 1, 1),
                  ends_on=date(2026, 1, 1))
    ]  # fmt: skip
    desk.parts.services.store_list = Keepers(desk.office).store_list
    client = web.make_app(desk.parts).test_client()
    client.environ_base |= {"wsgi.url_scheme": "https", "HTTP_HOST": "localhost"}
    web.sign_in_staff(desk.parts, client, web.add_staff(desk.parts, StaffRole.OFFICER))
    shown = " ".join(page(client, "/officer/stores").split())
    their_row = shown.split("Their files", 1)[1].split("</tr>", 1)[0]
    assert "Signposted, never asked" in their_row
    assert "JCA-9, from 1 January 2025 to 1 January 2026. Not in force today." in their_row
    assert "It is being moved." in shown.split(">Asleep", 1)[1].split("</tr>", 1)[0]
    assert "Our own" in shown
    assert "files@fenwater.example" in shown


def test_officers_answer_for_a_keeper_too(desk) -> None:
    client = desk.staff(StaffRole.OFFICER)
    assert "Look by hand" in page(client, "/officer/")
    assert desk.send(client, "/tasks/SA-2026-0001/1/nothing", **SEEN).status_code == 303
    assert the_task(desk).outcome == "nothing-held"
    answered = [e for e in desk.office.events(desk.case) if e.facts.get("task") == 1][-1]
    assert answered.by != OFFICER.id
    assert answered.by_role == "records officer"
