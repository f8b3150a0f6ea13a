"""Servers that lie, stall, swell, circle or send us elsewhere. The token never leaves its origin."""

import time

import pytest

from sar.domain.errors import StoreRefused, StoreUnavailable
from sar.domain.records import AnswerKind, RecordKind
from tests.servers.scripted import PATIENT, ask, bundle, contract, fhir, server


def test_pages_that_never_end_are_refused():
    count = iter(range(10_000))
    with (
        server(lambda r: r.send(200, bundle(following=f"Patient?page={next(count)}"))) as http,
        pytest.raises(StoreRefused, match="pages do not end"),
    ):
        ask(fhir(http))


def test_pages_that_circle_are_refused():
    with (
        server(lambda r: r.send(200, bundle(following="Patient?again"))) as http,
        pytest.raises(StoreRefused, match="pages do not end"),
    ):
        ask(fhir(http))


@pytest.mark.parametrize("way", ["next", "redirect", "binary"])
def test_the_token_is_never_sent_to_another_origin(way):
    with server(lambda r: r.send(200, bundle())) as elsewhere:

        def play(request):
            if way == "redirect":
                request.send(302, Location=f"{elsewhere.url}/Patient")
            elif way == "next":
                request.send(200, bundle(following=f"{elsewhere.url}/Patient"))
            elif request.path.startswith("/Document"):
                attachment = {"url": f"{elsewhere.url}/Binary/1", "contentType": "application/pdf"}
                document = {
                    "resourceType": "DocumentReference",
                    "id": "d",
                    "content": [{"attachment": attachment}],
                }
                request.send(200, bundle(document))
            else:
                request.send(200, bundle(PATIENT))

        with server(play) as http:
            store = fhir(http, {"DocumentReference": RecordKind.CORRESPONDENCE})
            if way == "binary":
                assert [h.code for h in ask(store).held_back] == ["unreadable"]
            else:
                with pytest.raises(StoreRefused, match="another address"):
                    ask(store)
        assert elsewhere.asked == []


@pytest.mark.parametrize(
    ("play", "fault", "why"),
    [
        (lambda r: r.send(200, b"<html>", "text/html"), StoreRefused, "JSON"),
        (lambda r: r.send(200, b"{broken"), StoreRefused, "broken"),
        (lambda r: r.send(200, [1]), StoreRefused, "bundle|JSON object"),
        (lambda r: r.send(401, {}), StoreRefused, "credentials"),
        (lambda r: r.send(403, {}), StoreRefused, "credentials"),
        (lambda r: r.send(400, {}), StoreRefused, "400"),
        (lambda r: r.send(500, {}), StoreUnavailable, "500"),
        (lambda r: r.send(429, {}), StoreUnavailable, "429"),
        (lambda r: time.sleep(1.2), StoreUnavailable, "seconds"),
    ],
)
@pytest.mark.parametrize("kind", [fhir, contract])
def test_every_bad_answer_is_a_fault_of_the_right_kind(kind, play, fault, why):
    with server(play) as http, pytest.raises(fault, match=why) as raised:
        ask(kind(http))
    assert raised.value.next_step
    assert "9992311584" not in raised.value.message


def test_a_stale_token_is_renewed_once_and_the_question_asked_again():
    answers = iter([401, 200, 200, 200])

    def play(request):
        status = next(answers, 204)
        request.send(status, {"content": None})

    with server(play) as http:
        assert ask(contract(http)).kind is AnswerKind.NOTHING_HELD


def test_a_body_larger_than_allowed_is_not_fetched_to_its_end():
    def play(request):
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Connection", "close")
        request.end_headers()
        for _ in range(2_000):
            request.wfile.write(b" " * 100_000)

    def shy(request):
        try:
            play(request)
        except OSError:
            request.close_connection = True

    with server(shy) as http, pytest.raises(StoreRefused, match="larger"):
        ask(contract(http, max_bytes=1_000_000))


def test_one_document_too_many_bytes_or_damaged_is_held_back_and_the_rest_kept():
    def document(native, **attachment):
        return {
            "resourceType": "DocumentReference",
            "id": native,
            "date": "2024-01-01",
            "type": {"text": "Letter"},
            "content": [{"attachment": attachment}],
        }

    def play(request):
        if request.path.startswith("/DocumentReference"):
            request.send(
                200,
                bundle(
                    document("bad-pdf", contentType="application/pdf", data="JVBERi0xLjcgdG9ybg=="),
                    document("not-base64", contentType="text/plain", data="@@@"),
                    document("gone", contentType="text/plain", url="Binary/gone"),
                    document("large", contentType="text/plain", url="Binary/large"),
                    document("good", contentType="text/plain", data="R29vZCB3b3Jkcw=="),
                ),
            )
        elif request.path.endswith("/large"):
            request.send(200, b"x" * 300_000, "text/plain")
        elif request.path.endswith("/gone"):
            request.send(404, {})
        else:
            request.send(200, bundle(*([PATIENT] if "Patient" in request.path else [])))

    with server(play) as http:
        answer = ask(fhir(http, {"DocumentReference": None}, max_bytes=200_000))
    assert [r.key.native_id for r in answer.records] == ["DocumentReference/good", "Patient/p1"]
    assert {(h.key.native_id.partition("/")[2], h.code) for h in answer.held_back} == {
        ("bad-pdf", "unreadable"),
        ("not-base64", "unreadable"),
        ("gone", "unreadable"),
        ("large", "too-large"),
    }


def test_resources_nobody_mapped_in_detail_are_kept_as_readable_text():
    observation = {
        "resourceType": "Observation",
        "id": "o",
        "effectiveDateTime": "2024-05-01",
        "code": {"coding": [{"display": "Weight"}]},
        "valueQuantity": {"value": 12.4, "unit": "kg"},
    }

    def play(request):
        wanted = [PATIENT] if request.path.startswith("/Patient") else []
        wanted = [observation] if request.path.startswith("/Observation") else wanted
        request.send(200, bundle(*wanted))

    with server(play) as http:
        records = ask(fhir(http, {"Observation": RecordKind.CASE_NOTE})).records
    text = {p.label: p.text for r in records for p in r.passages}
    assert text["Code"] == "Weight"
    assert "12.4" in text["Value quantity"]
    assert "kg" in text["Value quantity"]


@pytest.mark.parametrize(
    ("statuses", "kind"),
    [
        ((209, 209), AnswerKind.NOT_USED_HERE),
        ((209, 204), AnswerKind.NOTHING_HELD),
        ((204, 209), AnswerKind.NOTHING_HELD),
    ],
)
def test_not_used_here_is_about_the_number_and_not_about_the_person(statuses, kind):
    answers = iter(statuses)
    with server(lambda r: r.send(next(answers))) as http:
        assert ask(contract(http)).kind is kind
        assert [p.partition("?")[2].partition("=")[0] for p, _ in http.asked] == ["nhs", "upn"]


def test_a_list_is_many_records_and_items_without_a_date_or_with_a_used_number_are_held_back():
    items = [
        {"reference": "A", "kind": "visit", "on": "2024-01-01", "text": "One"},
        {"reference": "A", "kind": "visit", "on": "2024-01-02", "text": "Other"},
        {"reference": "B", "kind": "visit", "text": "No date"},
        {"reference": "C", "kind": "dream", "on": "2024-01-01", "text": "No kind"},
        "a bare text",
    ]
    with server(lambda r: r.send(200 if "nhs" in r.path else 209, {"content": items})) as http:
        answer = ask(contract(http))
    assert [r.key.native_id for r in answer.records] == ["A"]
    assert {(h.key.native_id[:5], h.code) for h in answer.held_back} == {
        ("A", "duplicate-id"),
        ("B", "undated"),
        ("C", "unknown-kind"),
        ("item ", "unknown-kind"),
    }


def test_entries_without_a_reference_are_told_apart_by_what_they_say():
    """Two numbers of one person may bring different lists; neither holds the other back, and nothing is doubled."""

    def entry(text):
        return {"kind": "visit", "on": "2024-01-01", "text": text}

    lists = {"nhs": ["One", "Two", "Two"], "upn": ["Two", "Three"]}

    def play(request):
        number = request.path.partition("?")[2].partition("=")[0]
        request.send(200, {"content": [entry(text) for text in lists[number]]})

    with server(play) as http:
        first = ask(contract(http))
        lists["nhs"].insert(0, "None")
        later = ask(contract(http))

    def said(answer):
        return {r.key: next(p.text for p in r.passages if p.label == "Text") for r in answer.records}

    assert sorted(said(first).values()) == ["One", "Three", "Two", "Two"]
    assert first.held_back == later.held_back == ()
    assert said(first).items() < said(later).items()


def test_attachments_are_read_checked_by_length_and_held_back_when_short():
    def play(request):
        if "/files/" in request.path:
            request.send(200, b"Attached words", "text/plain")
            return
        attached = [
            {
                "attachmentNumber": 1,
                "filename": "a.txt",
                "contentType": "text/plain",
                "url": "/files/1",
                "filesize": 14,
            },
            {
                "attachmentNumber": 2,
                "filename": "b.txt",
                "contentType": "text/plain",
                "url": "/files/2",
                "filesize": 99,
            },
        ]
        content = {"reference": "A", "kind": "visit", "on": "2024-01-01"}
        request.send(200 if "nhs" in request.path else 209, {"content": content, "attachments": attached})

    with server(play) as http:
        answer = ask(contract(http))
    assert "Attached words" in [p.text for p in answer.records[0].passages]
    assert [(h.key.native_id, h.code) for h in answer.held_back] == [("attachment 2-b.txt", "unreadable")]
