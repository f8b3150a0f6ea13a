"""Writing a letter on the site: choose, write, read it as it leaves, send it once; and reading it again."""

from __future__ import annotations

import re
from html import unescape

import pytest

from sar.domain.errors import EnvironmentFault
from sar.domain.parties import SafeContact, StaffRole
from sar.domain.references import CaseReference
from tests.fakes import web
from tests.integration.services.conftest import FAMILY, KERRY
from tests.integration.services.test_letters import TODAY
from tests.integration.services.test_what_leaves import NOTE
from tests.integration.web.staff_site import errors, make_desk, page

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
def desk(tmp_path, law, detector):
    return make_desk(tmp_path, NOTE, law=law, detector=detector, people=(KERRY,))


@pytest.fixture
def officer(desk):
    return desk.staff(StaffRole.OFFICER)


def letters(desk) -> str:
    return f"/letters/cases/{desk.office.queue_reference(desk.case)}"


def new(desk, kind: str, about: str = "") -> str:
    return f"{letters(desk)}/new/1/{kind}" + (f"?about={about}" if about else "")


def sending(url: str) -> str:
    path, _, query = url.partition("?")
    return f"{path}/sending" + (f"?{query}" if query else "")


def hidden(text: str) -> dict[str, str]:
    """What the preview page would send."""
    return {name: unescape(value) for name, value in _HIDDEN.findall(text) if name != "csrf"}


def written(desk, client, url: str, **words: str) -> str:
    """The preview of a letter."""
    answer = desk.send(client, url, **words)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def test_a_letter_from_the_choice_to_the_outbox_and_back(desk, officer) -> None:
    assert f"{letters(desk)}/new/1" in page(officer, desk.url)
    assert new(desk, "progress") in page(officer, f"{letters(desk)}/new/1")
    news = "Line one.\nTwo <people> look."
    preview = written(desk, officer, new(desk, "progress"), news=news)
    assert "leanne@example.org" in preview
    assert "Two &lt;people&gt; look." in preview
    assert desk.office.post.letters == []
    fields = hidden(preview)
    assert fields["news"] == news
    for _ in range(2):
        assert desk.send(officer, sending(new(desk, "progress")), **fields).status_code == 303
    (sent,) = desk.office.post.letters
    assert news in sent.paragraphs
    case = page(officer, desk.url)
    (number,) = set(re.findall(rf"{letters(desk)}/(\d+)\"", case))
    assert "Two &lt;people&gt; look." in page(officer, f"{letters(desk)}/{number}")


def test_the_words_can_be_changed_again(desk, officer) -> None:
    fields = hidden(written(desk, officer, new(desk, "progress"), news="Draft."))
    again = desk.send(officer, new(desk, "progress"), change="yes", **fields).get_data(as_text=True)
    assert "<textarea" in again
    assert "Draft." in again


def test_what_must_not_be_done_is_read_before_sending(desk, officer) -> None:
    contact = SafeContact(email="leanne@example.org", do_not="No letters on Mondays.")
    desk.office.standing.set_contact(desk.case, contact=contact, at=desk.office.at(), by=FAMILY, leg=1)
    assert "No letters on Mondays." in page(officer, new(desk, "progress"))
    assert "No letters on Mondays." in written(desk, officer, new(desk, "progress"), news="Soon.")


def test_a_withheld_name_stops_the_letter_on_its_form_and_keeps_the_words(desk, officer) -> None:
    desk.office.reviewed(desk.case)
    answer = desk.send(officer, new(desk, "progress"), news="We ask Kerry Lomax.")
    (message,) = errors(answer)
    assert message.startswith("The letter was stopped")
    assert "We ask Kerry Lomax." in answer.get_data(as_text=True)


def test_an_empty_part_is_named(desk, officer) -> None:
    assert errors(desk.send(officer, new(desk, "refusal"), reasons="")) == ["Write this part"]


def test_a_letter_that_cannot_leave_is_told_and_keeps_every_word(desk, officer) -> None:
    class Full:
        def send(self, *_: object, **__: object) -> str:
            raise EnvironmentFault("A letter could not be put in the outbox.", next_step="Free some space.")

    fields = hidden(written(desk, officer, new(desk, "clarification"), question="Which years?"))
    working, desk.office.correspondence._outbox = desk.office.correspondence._outbox, Full()
    answer = desk.send(officer, sending(new(desk, "clarification")), **fields)
    assert "Free some space." in errors(answer)[0]
    assert "Which years?" in answer.get_data(as_text=True)
    assert "question" not in page(officer, desk.url).split('id="events"')[1].casefold()
    desk.office.correspondence._outbox = working
    assert desk.send(officer, sending(new(desk, "clarification")), **fields).status_code == 303
    assert len(desk.office.post.letters) == 1


def test_the_team_acknowledges_and_answers_a_complaint_in_one_act(desk, officer) -> None:
    office, team = desk.office, desk.staff(StaffRole.COMPLAINTS)
    made = office.complaints.open(
        desk.case, route="data-protection", about="The alert", words="Nobody told us.", received_on=TODAY,
        at=office.at(), by=FAMILY, leg=1,
    )  # fmt: skip
    complaint = f"/complaints-desk/cases/{office.queue_reference(desk.case)}/complaints/{made}"
    for kind, words in (
        ("complaint-acknowledgement", {}),
        ("complaint-outcome", {"words": "We agree.", "outcome": "upheld"}),
    ):
        url = new(desk, kind, made)
        assert url in page(team, complaint)
        fields = hidden(written(desk, team, url, **words))
        assert desk.send(team, sending(url), **fields).headers["Location"] == complaint
    assert office.enquiries.complaint(desk.case, made, on=TODAY).status == "answered"
    assert [letter.kind for letter in office.post.letters] == [
        "complaint-acknowledgement",
        "complaint-outcome",
    ]
    assert officer.get(new(desk, "complaint-outcome", made)).status_code == 403
    assert team.get(new(desk, "refusal")).status_code == 403


def test_a_letter_about_nothing_or_of_no_kind_is_not_found(desk, officer) -> None:
    team = desk.staff(StaffRole.COMPLAINTS)
    assert team.get(new(desk, "complaint-outcome")).status_code == 404
    assert officer.get(new(desk, "love-letter")).status_code == 404
    assert officer.get(f"{letters(desk)}/1").status_code == 404


def test_asking_somebody_the_records_speak_of(desk, officer) -> None:
    form = f"{desk.leg}/consultations"
    assert "Kerry Lomax (third party)" in page(officer, form)
    wrong = desk.send(officer, form, person="kerry", record="ward/1", quote="Not there", named="no")
    (message,) = errors(wrong)
    assert message.startswith("The words do not stand in the record")
    record = NOTE.key
    answer = desk.send(
        officer, form, person="kerry", record=str(record), quote=NOTE.passages[0].text, named="no"
    )
    url = answer.headers["Location"]
    preview = written(desk, officer, url, address="kerry@example.org")
    assert "Leanne" not in preview.split('aria-label="The letter"')[1].split("</article>")[0]
    assert desk.send(officer, sending(url), **hidden(preview)).status_code == 303
    assert desk.office.post.letters[-1].to == "Kerry Lomax"
    (number,) = set(re.findall(rf"{letters(desk)}/(\d+)\"", page(officer, desk.url)))
    assert desk.staff(StaffRole.COMPLAINTS).get(f"{letters(desk)}/{number}").status_code == 404
    row = page(officer, f"{letters(desk)}/new/1")
    (answering,) = re.findall(rf'href="({desk.leg}/consultations/[0-9a-f]+/answer)"', row)
    on = {f"on-{part}": str(getattr(desk.parts.now, part)) for part in ("day", "month", "year")}
    assert desk.send(officer, answering, answer="consent", words="", **on).status_code == 303
    assert "Kerry Lomax: consent" in page(officer, f"{letters(desk)}/new/1")


def test_the_family_reads_its_own_letters_again_and_no_other(desk, officer) -> None:
    office = desk.office
    for kind, words in (
        ("progress", {"news": "We look."}),
        ("health-opinion-request", {"to": "Dr P", "address": "p@example.org", "more": "Soon, please."}),
    ):
        fields = hidden(written(desk, officer, new(desk, kind), **words))
        assert desk.send(officer, sending(new(desk, kind)), **fields).status_code == 303
    reference = CaseReference(str(office.queue_reference(desk.case)))
    desk.parts.accounts.grant_family(
        email="leanne@example.org", case=desk.case, reference=reference, leg=1, at=desk.parts.now
    )
    client = desk.app.test_client()
    client.environ_base |= {"wsgi.url_scheme": "https", "HTTP_HOST": "localhost"}
    web.sign_in_family(desk.parts, client, "leanne@example.org")
    here = f"/requests/{reference}"
    follow = page(client, here)
    assert "How your request is going" in follow
    assert "opinion" not in follow
    assert "We look." in page(client, f"{here}/letters/1")
    assert client.get(f"{here}/letters/2").status_code == 404
    assert client.get(f"{letters(desk)}/1").status_code in {303, 403}
