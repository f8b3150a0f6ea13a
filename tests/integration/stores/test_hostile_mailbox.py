"""Mail servers that hang, lie, send without end or speak no IMAP: bounded, said, and never "nothing held"."""

import base64
import http.server
import json
import threading

import pytest

from sar.domain.errors import StoreRefused, StoreUnavailable
from sar.domain.records import SubjectQuery
from tests.contracts.joined.mailbox import mailbox_store
from tests.fakes.stores import AT, LEANNE, person
from tests.servers.scripted_imap import MAIL, scripted_imap

ZOE = person("Zoë Åström", LEANNE.born_on, nhs="9992044179")


@pytest.fixture
def server():
    with scripted_imap() as server:
        yield server


@pytest.fixture
def store(server, tmp_path):
    return at(server, tmp_path)


def at(server, tmp_path, **more):
    bounds = {"timeout_s": 0.5, "deadline_s": 2, "max_megabytes": 0.01}
    return mailbox_store(tmp_path, port=server.port, security="none", **(bounds | more))


def ask(store, subject=LEANNE):
    return store.answer(SubjectQuery(subject=subject), at=AT)


def outcome(answer):
    return [r.key.native_id for r in answer.records], [(h.key.native_id, h.code) for h in answer.held_back]


def test_it_is_opened_to_look_and_nothing_else_is_ever_sent(server, store):
    assert outcome(ask(store)) == (["INBOX/7/1", "INBOX/7/2"], [])
    words = {line.split(" ", 1)[1].removeprefix("UID ").split()[0] for line in server.heard}
    assert words <= {"CAPABILITY", "LOGIN", "LIST", "EXAMINE", "SEARCH", "FETCH", "LOGOUT"}
    assert all("BODY.PEEK[" in line for line in server.heard if "BODY" in line)


def silent(server, _line, _tag, _rest):
    server.ending.wait(20)


def cut(_server, line, _tag, _rest):
    line.sendall(b"* 1 FETCH (UID 1 BODY[] {500}\r\nhalf")


def trickle(server, line, _tag, _rest):
    while not server.ending.wait(0.05):
        line.sendall(b"x")


def endless(server, line, _tag, _rest):
    while not server.ending.is_set():
        line.sendall(b"* 1 EXISTS\r\n" * 5_000)


def long_line(_server, line, _tag, _rest):
    for _ in range(40):
        line.sendall(b"x" * 100_000)


@pytest.mark.parametrize("word", ["LOGIN", "LIST", "EXAMINE", "SEARCH", "FETCH"])
@pytest.mark.parametrize("fault", [silent, cut, trickle])
def test_a_server_that_falls_silent_breaks_off_or_dribbles_is_unavailable_in_time(server, store, word, fault):
    server.misbehave[word] = fault
    with pytest.raises(StoreUnavailable) as said:
        ask(store)
    assert said.value.next_step


@pytest.mark.parametrize("fault", [endless, long_line])
def test_a_server_that_never_stops_is_cut_off(server, store, fault):
    server.misbehave["SEARCH"] = fault
    with pytest.raises((StoreUnavailable, StoreRefused)):
        ask(store)


def test_a_mail_announced_larger_than_it_said_is_held_back_and_the_rest_goes_on(server, store):
    def bomb(self, _line, tag, rest):
        if b"SIZE" in rest or b"FETCH 1 " not in rest:
            return self._ordinary("FETCH", rest) + tag + b" OK done\r\n"
        return b"* 1 FETCH (UID 1 BODY[] {10000000000}\r\n" + b"x" * 10_000

    server.misbehave["FETCH"] = bomb
    assert outcome(ask(store)) == (["INBOX/7/2"], [("INBOX/7/1", "too-large")])
    assert server.connections == 2


def test_a_server_whose_every_mail_breaks_the_line_is_left_alone(server, tmp_path):
    def bomb(self, _line, tag, rest):
        if b"SIZE" in rest:
            return self._ordinary("FETCH", rest) + tag + b" OK done\r\n"
        return b"* 1 FETCH (UID 1 BODY[] {10000000000}\r\n"

    server.mails = dict.fromkeys(range(1, 20), MAIL)
    server.misbehave["FETCH"] = bomb
    with pytest.raises(StoreUnavailable, match="kept breaking off"):
        ask(at(server, tmp_path))
    assert server.connections < 10


def test_a_mail_that_goes_meanwhile_is_held_back(server, store):
    def gone(self, _line, tag, rest):
        if b"SIZE" in rest or b"FETCH 1 " not in rest:
            return self._ordinary("FETCH", rest) + tag + b" OK done\r\n"
        return tag + b" OK done\r\n"

    server.misbehave["FETCH"] = gone
    assert outcome(ask(store)) == (["INBOX/7/2"], [("INBOX/7/1", "unreadable")])


def test_a_folder_that_does_not_open_is_held_back(server, store):
    server.misbehave["EXAMINE"] = lambda _self, _line, tag, _rest: tag + b" NO not for you\r\n"
    assert outcome(ask(store)) == ([], [("INBOX", "unreadable")])


@pytest.mark.parametrize("junk", [b"HTTP/1.1 200 OK\r\n\r\n", b"\x00\xff\r\n", b"* LIST (((\r\n"])
def test_what_is_no_imap_is_a_fault(server, store, junk):
    server.misbehave["LIST"] = lambda _self, _line, tag, _rest: junk + tag + b" OK done\r\n"
    with pytest.raises((StoreUnavailable, StoreRefused)):
        ask(store)


def test_a_server_that_will_not_search_is_refused_never_nothing_held(server, store):
    server.misbehave["SEARCH"] = lambda _self, _line, tag, _rest: tag + b" NO never\r\n"
    with pytest.raises(StoreRefused):
        ask(store)


def test_a_server_without_other_letters_is_asked_for_less_exact_words(server, store):
    def ascii_only(self, line, tag, rest):
        if b"CHARSET" in rest:
            return tag + b" NO [BADCHARSET (US-ASCII)] no\r\n"
        return self._ordinary("SEARCH", rest) + tag + b" OK done\r\n"

    server.misbehave["SEARCH"] = ascii_only
    assert len(outcome(ask(store, ZOE))[0]) == 2


def test_a_token_is_fetched_and_used_where_passwords_are_not_taken(server, tmp_path):
    class Giver(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
            good = "grant_type=client_credentials" in asked and self.headers["Authorization"]
            body = json.dumps({"access_token": "t0ken"} if good else {}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    tags = []

    def authenticate(_self, _line, tag, _rest):
        tags.append(tag)
        return b"+ \r\n"

    server.misbehave["AUTHENTICATE"] = authenticate
    server.misbehave[""] = lambda _self, _line, _tag, _rest: tags.pop() + b" OK in\r\n"
    giver = http.server.HTTPServer(("127.0.0.1", 0), Giver)
    thread = threading.Thread(target=giver.handle_request, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{giver.server_port}/"
    store = at(server, tmp_path, password="", token_url=url, client_id="c", client_secret="s")
    assert len(outcome(ask(store))[0]) == 2
    thread.join(5)
    giver.server_close()
    said = server.heard[server.heard.index(next(h for h in server.heard if "XOAUTH2" in h)) + 1]
    assert base64.b64decode(said) == b"user=records\x01auth=Bearer t0ken\x01\x01"
    assert not any("LOGIN" in line for line in server.heard)
    with pytest.raises(StoreUnavailable):
        ask(store)
