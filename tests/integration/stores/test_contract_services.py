"""Services with the subject-access contract: every status, every call, and attachments from real servers."""

import io
import threading
import zipfile
from datetime import date

import pytest

from sar.domain.errors import StoreRefused, StoreUnavailable
from sar.domain.records import AnswerKind, SubjectQuery
from tests.fakes.stores import AT, ISLA, STRANGER
from tests.servers.scripted import ask, contract, server

ENTRY = {"reference": "A", "kind": "visit", "on": "2024-01-01", "text": "Words"}


def attached(number=1, **more):
    usual = {
        "attachmentNumber": number,
        "filename": f"f{number}.txt",
        "contentType": "text/plain",
        "filesize": 14,
    }
    return usual | {"url": f"/files/{number}"} | more


def service(attachments, content=ENTRY, files=None):
    """A service that holds one answer under the NHS number; ``files`` answers the other calls."""

    def play(request):
        if request.path.startswith("/subject"):
            held = "nhs=" in request.path
            request.send(
                200 if held else 209, {"content": content, "attachments": attachments} if held else b""
            )
        elif files:
            files(request)
        else:
            request.send(200, b"Attached words", "text/plain")

    return server(play)


def words(answer):
    return [p.text for r in answer.records for p in r.passages]


def held(answer):
    return [(h.key.native_id, h.code) for h in answer.held_back]


def test_one_call_for_each_number_and_what_has_no_value_is_left_out():
    with server(lambda r: r.send(204)) as http:
        ask(contract(http))
        ask(contract(http), from_on=date(2024, 1, 2), to_on=date(2024, 2, 3))
        asked = [path for path, _ in http.asked]
    assert asked == [
        "/subject-access-request?nhs=9992311584",
        "/subject-access-request?upn=Y937204417026",
        "/subject-access-request?nhs=9992311584&fromDate=2024-01-02&toDate=2024-02-03",
        "/subject-access-request?upn=Y937204417026&fromDate=2024-01-02&toDate=2024-02-03",
    ]


def test_a_person_without_any_number_it_uses_is_not_asked_for_at_all():
    with server(lambda r: r.send(204)) as http:
        stranger = contract(http).answer(
            SubjectQuery(subject=type(STRANGER)(id=STRANGER.id, name="X Y", born_on=STRANGER.born_on)), at=AT
        )
        assert (stranger.kind, http.asked) == (AnswerKind.NOT_USED_HERE, [])


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"", AnswerKind.NOTHING_HELD),
        (200, b"  \n", AnswerKind.NOTHING_HELD),
        (200, {"content": None}, AnswerKind.NOTHING_HELD),
        (200, {"content": None, "attachments": []}, AnswerKind.NOTHING_HELD),
        (200, {"content": []}, AnswerKind.NOTHING_HELD),
        (204, b"", AnswerKind.NOTHING_HELD),
        (209, b"", AnswerKind.NOT_USED_HERE),
        (209, b"<not json", AnswerKind.NOT_USED_HERE),
        (200, {"content": ENTRY, "newField": 1}, AnswerKind.FOUND),
        (200, {"content": [ENTRY]}, AnswerKind.FOUND),
    ],
)
def test_what_each_good_status_means(status, body, kind):
    with server(lambda r: r.send(status, body)) as http:
        assert ask(contract(http)).kind is kind


@pytest.mark.parametrize("status", [201, 202, 206, 400, 404, 409, 418, 422])
def test_every_other_status_is_refused_and_named(status):
    with server(lambda r: r.send(status, {})) as http, pytest.raises(StoreRefused, match=str(status)):
        ask(contract(http))


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504])
def test_a_fault_of_the_server_is_asked_again_later(status):
    with server(lambda r: r.send(status, {})) as http, pytest.raises(StoreUnavailable, match=str(status)):
        ask(contract(http))


def test_an_attachment_is_asked_for_with_its_headers_and_its_type():
    seen = {}

    def files(request):
        seen.update(request.headers)
        request.send(200, b"Attached words", "text/plain")

    listed = attached(
        headers=[{"name": "X-Document", "value": "77"}, {"name": "Authorization", "value": "Basic x"}]
    )
    with service([listed], files=files) as http:
        assert "Attached words" in words(ask(contract(http)))
    assert seen["X-Document"] == "77"
    assert seen["Content-Type"] == "text/plain"
    assert seen["Authorization"] == "Bearer the-token"


@pytest.mark.parametrize(
    ("listed", "sent", "kept"),
    [
        (14, 14, True),
        (None, 14, True),
        (14, None, True),
        (None, None, False),
        (99, 14, False),
        (99, None, False),
        (14, 99, False),
    ],
)
def test_an_attachment_s_length_is_checked_by_whatever_states_it(listed, sent, kept):
    def files(request):
        request.send_response(200)
        request.send_header("Content-Type", "text/plain")
        if sent is not None:
            request.send_header("Content-Length", str(sent))
        request.send_header("Connection", "close")
        request.end_headers()
        request.wfile.write(b"Attached words")
        request.close_connection = True

    entry = attached()
    entry.pop("filesize")
    with service([entry | ({"filesize": listed} if listed else {})], files=files) as http:
        answer = ask(contract(http))
    assert ("Attached words" in words(answer)) is kept
    assert held(answer) == ([] if kept else [("attachment 1-f1.txt", "unreadable")])
    assert "Words" in words(answer), "the entry itself is kept either way"


@pytest.mark.parametrize(
    "bad",
    [
        "a text",
        None,
        7,
        [],
        {},
        attached(2, url=None),
        attached(2, url={"a": 1}),
        attached(2, url="http://[bad"),
        attached(2, url="http://user:pw@127.0.0.1/x"),
        attached(2, url="file:///etc/passwd"),
        attached(2, url="ftp://files.example/x"),
        attached(2, url="//elsewhere.example/x"),
        attached(2, headers="X: y"),
        attached(2, headers=[{"name": "Host", "value": "x"}]),
        attached(2, headers=[{"name": "X", "value": "a\r\nB: c"}]),
        attached(2, headers=[{"name": "X y", "value": "a"}]),
        attached(2, headers=[7]),
        attached(2, headers={"X": "y"}),
        attached({"n": 1}, filesize="many"),
        attached(2, contentType={"a": 1}, url="/files/broken"),
        attached(2, url="/files/broken"),
        attached(2, url="/files/gone"),
        attached(2, url="/files/moved"),
        attached(2, url="/files/short"),
        attached(2, url="/files/slow"),
    ],
)
def test_one_malformed_attachment_is_held_back_and_the_rest_is_kept(bad):
    def files(request):
        if request.path.endswith("broken"):
            request.send(500, b"")
        elif request.path.endswith("gone"):
            request.send(410, b"")
        elif request.path.endswith("moved"):
            request.send(302, Location="https://elsewhere.example/")
        elif request.path.endswith("short"):
            request.send_response(200)
            request.send_header("Content-Length", "400")
            request.end_headers()
            request.wfile.write(b"too short")
            request.close_connection = True
        elif request.path.endswith("slow"):
            request.server.patience.wait(2)
            request.close_connection = True
        else:
            request.send(200, b"Attached words", "text/plain")

    with service([attached(1), bad, attached(3)], files=files) as http:
        http.patience = threading.Event()
        answer = ask(contract(http))
        http.patience.set()
    assert words(answer).count("Attached words") + len(answer.held_back) == 3
    assert words(answer).count("Attached words") >= 2
    assert "Words" in words(answer)
    assert all(h.why and h.code for h in answer.held_back)


def test_two_attachments_of_one_number_and_of_one_name_stay_two():
    listed = [
        attached(1, filename="a.txt", url="/x/gone"),
        attached(1, filename="b.txt", url="/x/gone"),
        attached(2, filename="a.txt", url="/x/gone"),
    ]
    with service(listed, files=lambda r: r.send(404, b"")) as http:
        assert [n for n, _ in held(ask(contract(http)))] == [
            "attachment 1-a.txt",
            "attachment 1-b.txt",
            "attachment 2-a.txt",
        ]


def test_a_name_is_shown_without_marks_that_hide_what_it_is():
    name = "Mum&#39;s\u00a0\u2003letter\u202e\u0007 \uff41.txt"
    with service([attached(filename=name)]) as http:
        assert "1: Mum's letter a.txt" in words(ask(contract(http)))


def test_an_attachment_goes_with_the_entry_that_names_it():
    entries = [ENTRY, ENTRY | {"reference": "B", "files": [{"attachmentNumber": 2}]}]
    with service([attached(1), attached(2)], entries) as http:
        answer = ask(contract(http))
    by_reference = {
        r.key.native_id: [p.text for p in r.passages if p.label == "Attached file"] for r in answer.records
    }
    assert by_reference == {"A": ["1: f1.txt"], "B": ["2: f2.txt"]}


def test_attachments_without_any_entry_are_held_back_not_lost():
    with service([attached(1)], None) as http:
        answer = ask(contract(http))
    assert held(answer) == [("attachment 1-f1.txt", "undated")]
    assert answer.kind is AnswerKind.FOUND


@pytest.mark.parametrize("spoilt", [{"on": ""}, {"text": "\udcff"}])
def test_attachments_that_were_put_to_an_entry_which_is_held_back_are_held_back_too(spoilt):
    with service([attached(1), attached(2)], [ENTRY | spoilt, ENTRY | {"reference": "B"}]) as http:
        answer = ask(contract(http))
    assert [r.key.native_id for r in answer.records] == ["B"]
    assert {native for native, _ in held(answer)} >= {"attachment 1-f1.txt", "attachment 2-f2.txt"}


def test_a_field_that_a_service_sends_twice_loses_neither_value():
    entry = (
        '{"reference": "A", "kind": "visit", "on": "2024-01-01", "text": "One", "text": "Two", "text": "One"}'
    )
    twice = f'{{"content": {entry}, "content": ["Beside"]}}'.encode()

    def play(request):
        request.send(200 if "nhs=" in request.path else 209, twice, "application/json")

    with server(play) as http:
        answer = ask(contract(http))
    said = " ".join(words(answer))
    assert "One" in said
    assert "Two" in said
    assert [h.code for h in answer.held_back] == ["unknown-kind"]


def test_a_picture_in_the_content_is_fetched_and_read_or_held_back():
    picture = {"contentType": "image/png", "url": "/pictures/1", "filesize": 9, "filename": "drawing.png"}
    with service(
        None, ENTRY | {"drawing": picture}, files=lambda r: r.send(200, b"not a png", "image/png")
    ) as http:
        answer = ask(contract(http))
        assert "/pictures/1" in [p for p, _ in http.asked]
    assert held(answer) == [("attachment drawing.png", "unreadable")]


@pytest.mark.parametrize(
    ("hosts", "kept"),
    [
        ((), False),
        (("files.example",), False),
        (("127.0.0.1",), False),
        (("127.0.0.1:{port}",), True),
    ],
)
def test_an_attachment_on_another_host_needs_the_list_and_never_gets_the_token(hosts, kept):
    with server(lambda r: r.send(200, b"Attached words", "text/plain")) as elsewhere:
        port = elsewhere.server_address[1]
        listed = attached(url=f"{elsewhere.url}/f", headers=[{"name": "X-Key", "value": "signed"}])
        with service([listed]) as http:
            answer = ask(contract(http, attachment_hosts=tuple(h.format(port=port) for h in hosts)))
        assert ("Attached words" in words(answer)) is kept
        assert elsewhere.asked == ([("/f", None)] if kept else [])
    assert held(answer) == ([] if kept else [("attachment 1-f1.txt", "unreadable")])


def test_another_host_without_protection_is_not_asked_though_it_is_listed():
    with service([attached(url="http://files.example/f")]) as http:
        answer = ask(contract(http, attachment_hosts=("files.example",)))
    assert held(answer) == [("attachment 1-f1.txt", "unreadable")]


def test_a_redirect_of_a_listed_host_is_not_followed():
    with server(lambda r: r.send(200, b"Attached words")) as third:

        def away(request):
            request.send(302, Location=f"{third.url}/stolen")

        with server(away) as second, service([attached(url=f"{second.url}/f")]) as http:
            hosts = (f"127.0.0.1:{second.server_address[1]}",)
            assert held(ask(contract(http, attachment_hosts=hosts))) == [
                ("attachment 1-f1.txt", "unreadable")
            ]
        assert third.asked == []


def test_a_service_that_goes_away_between_its_answer_and_its_files_is_asked_again():
    def play(request):
        request.send(200, {"content": ENTRY, "attachments": [attached(1)]})
        request.close_connection = True
        request.server.socket.close()

    with server(play) as http, pytest.raises(StoreUnavailable):
        ask(contract(http))


def test_an_estimate_fetches_no_attachment_and_adds_up_what_is_stated():
    with service([attached(1, filesize=3 * 1024 * 1024), attached(2, filesize="?")]) as http:
        estimate = contract(http).estimate(SubjectQuery(subject=ISLA), at=AT)
        assert not any("/files/" in p for p, _ in http.asked)
    assert (estimate.kind, estimate.records, estimate.megabytes) == (AnswerKind.FOUND, 1, 3)


@pytest.mark.parametrize(
    "odd",
    [
        7,
        "text",
        None,
        [],
        [[1]],
        {"on": ["2024"]},
        {"reference": {"a": 1}, "kind": ["visit"]},
        {"text": {"a": [{}]}},
    ],
)
def test_no_shape_of_one_entry_stops_the_others(odd):
    with service(None, [odd, ENTRY]) as http:
        answer = ask(contract(http))
    assert [r.key.native_id for r in answer.records] == ["A"]
    assert len(answer.held_back) == 1


@pytest.mark.parametrize("body", [{}, {"data": [ENTRY]}, {"error": "internal", "status": 500}])
def test_an_answer_without_content_is_refused_and_never_nothing_held(body):
    with server(lambda r: r.send(200, body)) as http, pytest.raises(StoreRefused, match="no `content`"):
        ask(contract(http))


def test_what_is_sent_beside_the_content_is_held_back_and_empty_fields_are_not():
    body = {"content": ENTRY, "notes": ["secret"], "next": "/page/2", "version": None}
    with server(lambda r: r.send(200 if "nhs=" in r.path else 209, body)) as http:
        answer = ask(contract(http))
    assert [r.key.native_id for r in answer.records] == ["A"]
    assert held(answer) == [
        ("beside the content 1", "unknown-kind"),
        ("beside the content 2", "unknown-kind"),
    ]
    assert "secret" not in str(answer)


def test_an_attachment_read_only_in_part_is_held_back_too():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "Words about Isla")
        archive.writestr("b.bin", b"\x00\x01\x02" * 50)
    content = packed.getvalue()
    listed = attached(filename="a.zip", contentType="application/zip", filesize=len(content))
    with service([listed], files=lambda r: r.send(200, content, "application/zip")) as http:
        answer = ask(contract(http))
    assert "Words about Isla" in words(answer)
    assert ("attachment 1-a.zip#not-read-1", "unreadable") in held(answer)
