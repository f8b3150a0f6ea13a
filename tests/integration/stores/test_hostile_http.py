"""What a socket can do to us: drip, swell, unpack, break off, lie about its letters. Never a hang, never a crash."""

import gzip
import json
import socket
import struct
import threading
import time
import zlib
from contextlib import contextmanager

import pytest

from sar.domain.errors import BadMapping, StoreRefused, StoreUnavailable
from sar.domain.records import AnswerKind
from sar.stores import http_exchange, sar_http
from sar.stores.http import HttpSession, HttpSettings
from tests.servers.scripted import PATIENT, ask, bundle, contract, fhir, server

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@contextmanager
def raw(play):
    """A server of bytes: ``play(connection)`` after each question."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve_one(connection):
        with connection:
            try:
                connection.recv(65536)
                play(connection, stop)
            except OSError:
                pass

    def serve():
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve_one, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def get(url, **limits):
    with HttpSession(HttpSettings(url=url, **({"timeout_s": 1, "reply_s": 0.6} | limits)), "S") as session:
        return session.get("anything")


def drip(data):
    def play(connection, stop):
        for byte in data:
            if stop.wait(0.02):
                return
            connection.sendall(bytes([byte]))

    return play


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X-Slow: " + b"a" * 5000,
        OK + b"Content-Length: 5000\r\n\r\n" + b" " * 5000,
        OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 1000,
    ],
    ids=["head", "body", "chunks"],
)
def test_a_dripped_reply_ends_at_its_deadline_though_it_is_never_silent(data):
    began = time.monotonic()
    with raw(drip(data)) as url, pytest.raises(StoreUnavailable, match=r"not done in 0\.6 seconds"):
        get(url)
    assert 0.5 < time.monotonic() - began < 10


def test_a_drip_also_ends_with_the_whole_answer_s_time_when_that_is_shorter():
    began = time.monotonic()
    play = drip(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 5000)
    with raw(play) as url, pytest.raises(StoreUnavailable, match=r"not done in 0\.6 seconds"):
        get(url, reply_s=60, deadline_s=0.6)
    assert time.monotonic() - began < 10


def test_many_quick_replies_end_at_the_deadline_of_the_whole_answer():
    count = iter(range(100_000))

    def play(request):
        time.sleep(0.05)
        page = next(count)
        request.send(200, bundle(PATIENT | {"id": f"p{page}"}, following=f"Patient?page={page}"))

    began = time.monotonic()
    with server(play) as http, pytest.raises(StoreUnavailable, match="not done in 1 seconds"):
        ask(fhir(http, deadline_s=1))
    assert time.monotonic() - began < 20


def test_a_late_reply_does_not_spoil_the_next_question_of_the_same_answer():
    with server(lambda r: r.send(200, {}) if "slow" not in r.path else drip_into(r)) as http:
        settings = HttpSettings(url=http.url, timeout_s=1, reply_s=0.4)
        with HttpSession(settings, "S") as session:
            with pytest.raises(StoreUnavailable):
                session.get("slow")
            assert session.get("quick").status == 200


def drip_into(request):
    try:
        request.wfile.write(OK + b"Content-Length: 500\r\n\r\n")
        for _ in range(500):
            request.wfile.write(b" ")
            request.wfile.flush()
            time.sleep(0.02)
    except OSError:
        request.close_connection = True


def test_ten_gigabytes_are_refused_by_their_announcement_and_by_their_size():
    sent = []

    def announced(connection, stop):
        connection.sendall(OK + b"Content-Length: 10737418240\r\n\r\n" + b"x" * 1000)

    def endless(connection, stop):
        connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        piece = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        while not stop.is_set() and len(sent) < 10_240:
            connection.sendall(piece)
            sent.append(1)

    for play in (announced, endless):
        with raw(play) as url, pytest.raises(Exception, match="larger than 2 MB"):
            get(url, max_bytes=2 * 1024 * 1024, reply_s=20)
    assert len(sent) < 60


def zipped(times):
    """Packed zeros: a kilobyte a megabyte."""
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(pack.compress(bytes(1024 * 1024)) for _ in range(times)), pack.flush()])


def answer_of(body, **headers):
    lines = b"".join(f"{k.replace('_', '-')}: {v}\r\n".encode() for k, v in headers.items())
    return lambda connection, stop: connection.sendall(
        OK + lines + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
    )


def test_a_gzip_bomb_is_stopped_at_the_size_it_unpacks_to():
    bomb = zipped(60)
    assert len(bomb) < 100_000
    with (
        raw(answer_of(bomb, Content_Encoding="gzip")) as url,
        pytest.raises(Exception, match="larger than 1 MB"),
    ):
        get(url, max_bytes=1024 * 1024)


def test_packed_answers_are_read_when_whole_and_asked_again_when_not():
    packed = gzip.compress(json.dumps({"a": "b" * 5000}).encode())
    with raw(answer_of(packed, Content_Encoding="gzip")) as url:
        assert get(url).json("S") == {"a": "b" * 5000}
    with (
        raw(answer_of(packed[:-20], Content_Encoding="gzip")) as url,
        pytest.raises(StoreUnavailable, match="whole"),
    ):
        get(url)
    with (
        raw(answer_of(b"nonsense", Content_Encoding="gzip")) as url,
        pytest.raises(StoreUnavailable, match="damaged"),
    ):
        get(url)
    with (
        raw(answer_of(packed, Content_Encoding="br")) as url,
        pytest.raises(StoreRefused, match="did not ask for"),
    ):
        get(url)


@pytest.mark.parametrize(
    "play",
    [
        lambda c, s: c.sendall(OK + b"Content-Length: 100\r\n\r\n{}"),
        lambda c, s: c.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"),
        lambda c, s: c.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000 + b"\r\n\r\n"),
        lambda c, s: c.sendall(b"SSH-2.0-OpenSSH\r\n"),
        lambda c, s: c.sendall(b"\x00\xff\xfe" * 50),
        lambda c, s: c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)),
        lambda c, s: None,
    ],
    ids=["short body", "short chunk", "huge head", "not HTTP", "noise", "reset", "closed"],
)
def test_what_breaks_off_or_is_no_http_is_unavailable_and_asked_again(play):
    with raw(play) as url, pytest.raises(StoreUnavailable) as fault:
        get(url)
    assert fault.value.next_step


def test_nobody_there_is_unavailable():
    with pytest.raises(StoreUnavailable, match="could not be reached"):
        get("http://127.0.0.1:9")


def test_json_too_deep_to_read_is_refused_in_words():
    deep = b"[" * 200_000 + b"]" * 200_000
    with server(lambda r: r.send(200, deep)) as http, pytest.raises(StoreRefused, match="broken"):
        ask(contract(http))


def test_an_entry_nested_too_deeply_for_us_is_held_back_and_the_rest_kept():
    nested = "x"
    for _ in range(800):
        nested = {"a": nested}
    entries = [
        {"reference": "A", "kind": "visit", "on": "2024-01-01", "text": "One"},
        {"reference": "B", "kind": "visit", "on": "2024-01-01", "text": nested},
    ]
    body = json.dumps({"content": entries}).encode()
    with server(lambda r: r.send(200 if "nhs" in r.path else 209, body)) as http:
        answer = ask(contract(http))
    assert [r.key.native_id for r in answer.records] == ["A"]
    assert [h.code for h in answer.held_back] == ["unreadable"]


def test_nul_bytes_go_and_letters_in_another_code_are_held_back_not_guessed():
    body = (
        b'{"content": ['
        b'{"reference": "A", "kind": "visit", "on": "2024-01-01", "text": "No\\u0000thing \\ud83d\\ude00"},'
        b'{"reference": "B", "kind": "visit", "on": "2024-01-01", "text": "caf\xe9"},'
        b'{"reference": "C", "kind": "visit", "on": "2024-01-01", "text": "half \\ud83d a pair"}]}'
    )
    with server(lambda r: r.send(200 if "nhs" in r.path else 209, body)) as http:
        answer = ask(contract(http))
    assert [p.text for r in answer.records for p in r.passages if p.label == "Text"] == ["Nothing 😀"]
    assert [h.code for h in answer.held_back] == ["unreadable", "unreadable"]
    assert len({h.key for h in answer.held_back}) == 2


def test_the_same_of_fhir_entries():
    good = {
        "resourceType": "Observation",
        "id": "good",
        "effectiveDateTime": "2024-01-01",
        "code": {"text": "Fine"},
    }
    body = (
        json.dumps(bundle(good, good | {"id": "bad", "code": {"text": "XX"}}))
        .encode()
        .replace(b"XX", b"caf\xe9")
    )

    def play(request):
        if request.path.startswith("/Observation"):
            request.send(200, body)
        else:
            request.send(200, bundle(*([PATIENT] if request.path.startswith("/Patient") else [])))

    with server(play) as http:
        answer = ask(fhir(http))
    assert [r.key.native_id for r in answer.records] == ["Observation/good", "Patient/p1"]
    assert [(h.key.native_id, h.code) for h in answer.held_back] == [("Observation/bad", "unreadable")]


@pytest.mark.parametrize("lasts", [0, -5, None, "soon", True])
def test_a_token_said_to_last_no_time_is_used_until_it_is_refused(lasts):
    tokens = []

    def play(request):
        request.send(204)

    with server(play) as http:
        http.token = lambda: {"access_token": tokens.append(1) or "t", "expires_in": lasts}
        assert ask(contract(http)).kind is AnswerKind.NOTHING_HELD
    assert len(tokens) == 1


def test_a_token_that_runs_out_during_a_long_answer_is_renewed_and_an_expired_one_once():
    refused = iter([401, 204, 401, 401])
    tokens = iter(range(100))
    with server(lambda r: r.send(next(refused))) as http:
        http.token = lambda: {"access_token": f"t{next(tokens)}", "expires_in": 300}
        with HttpSession(
            HttpSettings(url=http.url, token_url=f"{http.url}/token", timeout_s=1), "S"
        ) as session:
            assert session.get("x").status == 204
            with pytest.raises(StoreRefused, match="credentials"):
                session.get("x")
        assert [auth for _, auth in http.asked] == ["Bearer t0", "Bearer t1", "Bearer t1", "Bearer t2"]


@pytest.mark.parametrize(
    "said",
    [
        {},
        [],
        {"access_token": ""},
        {"access_token": 7},
        {"access_token": "a\r\nX: y"},
        {"access_token": "naïve"},
    ],
)
def test_a_sign_in_that_gives_no_usable_token_is_refused(said):
    with server(lambda r: r.send(200, {})) as http:
        http.token = lambda: said
        with pytest.raises(StoreRefused, match="token"):
            ask(contract(http))
        assert http.asked == []


def test_cookies_are_neither_kept_nor_sent():
    seen = []

    def play(request):
        seen.append(request.headers.get("Cookie"))
        request.send(204, **{"Set-Cookie": "session=abc; Path=/"})

    with server(play) as http:
        ask(contract(http))
    assert seen == [None, None]


@pytest.mark.parametrize("field", ["url", "token_url"])
@pytest.mark.parametrize("written", ["ftp://x", "nonsense", "http://x:port", "http://"])
def test_an_address_that_is_none_is_named(field, written):
    settings = HttpSettings(**({"url": "http://127.0.0.1:9"} | {field: written}))
    with pytest.raises(BadMapping, match=f"`{field}`") as wrong:
        HttpSession(settings, "S")
    assert wrong.value.field == field


ENTRY = {"reference": "A", "kind": "visit", "on": "2024-01-01", "text": "One"}


def test_a_tiny_reply_that_swells_without_end_is_refused_before_it_is_parsed():
    body = gzip.compress(b'{"content":[' + b"[]," * 4_000_000 + b"[]]}")
    assert len(body) < 20_000
    began = time.monotonic()
    with (
        server(lambda r: r.send(200, body, **{"Content-Encoding": "gzip"})) as http,
        pytest.raises(StoreRefused, match="larger than we accept"),
    ):
        ask(contract(http, timeout_s=5))
    assert time.monotonic() - began < 5


def test_more_parts_or_entries_than_can_be_right_are_refused_and_said(monkeypatch):
    body = {"content": [ENTRY | {"reference": str(n)} for n in range(20)]}
    with server(lambda r: r.send(200 if "nhs=" in r.path else 209, body)) as http:
        assert ask(contract(http)).found == 20
        monkeypatch.setattr(sar_http, "MAX_ENTRIES", 19)
        with pytest.raises(StoreRefused, match="more than 19 entries"):
            ask(contract(http))
        monkeypatch.setattr(http_exchange, "MAX_VALUES", 40)
        with pytest.raises(StoreRefused, match="more parts"):
            ask(contract(http))


def test_the_time_for_the_whole_answer_also_ends_the_reading_of_it(monkeypatch):
    passed = iter([True, True, False])
    monkeypatch.setattr(http_exchange._Watch, "has_time", property(lambda _: next(passed)))
    body = {"content": [ENTRY | {"reference": str(n)} for n in range(20)]}
    kept = []
    with server(lambda r: r.send(200, body)) as http, pytest.raises(StoreUnavailable, match="not done in"):
        ask(contract(http), into=kept.extend)
    assert kept == []


@pytest.mark.parametrize("field", ["url", "token_url"])
@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://council.example/api", "not protected"),
        ("https://reader:hunter2@council.example", "password in it"),
        ("http://127.0.0.1.council.example", "not protected"),
    ],
)
def test_a_secret_goes_over_tls_or_stays_on_this_machine(field, address, why):
    settings = HttpSettings(**({"url": "https://council.example"} | {field: address}))
    with pytest.raises(BadMapping, match=why) as fault:
        HttpSession(settings, "S")
    assert fault.value.field == field
    assert "hunter2" not in f"{fault.value}{settings!r}"
