"""A mailbox as it really is: unread mails, closed folders, letters of other alphabets, a password that is wrong."""

import base64
from datetime import UTC, date, datetime
from email.message import EmailMessage

import pytest

from sar.domain.errors import BadMapping, StoreRefused
from sar.domain.records import AnswerKind, SubjectQuery
from sar.stores import mailbox
from sar.stores.inside import BY_NAME_AND_EMAIL_IN_TEXT, FILED_ELSEWHERE, ONLY_FILED
from sar.stores.mailbox_session import MailboxSession
from tests.contracts.joined.mailbox import MAILS, mailbox_store
from tests.fakes.stores import AT, ISLA, LEANNE, STRANGER, person
from tests.servers.dovecot import dovecot_server

ZOE = person("Zoë Åström", date(1991, 2, 3), nhs="9990000026")


@pytest.fixture(scope="module")
def server():
    with dovecot_server() as server:
        server.load(MAILS)
        yield server


@pytest.fixture
def keepers(server):
    client = server.client()
    yield client
    client.logout()


@pytest.fixture
def folder(keepers, request):
    """A mail folder of this test's own."""
    name = request.node.name.partition("[")[0]
    keepers.create_folder(name)
    yield name
    keepers.delete_folder(name)


def opened(server, tmp_path, **more):
    return mailbox_store(tmp_path, port=server.port, ca_file=server.ca_file, **more)


def ask(store, subject=LEANNE, **more):
    return store.answer(SubjectQuery(subject=subject, **more), at=AT)


def put(
    keepers, folder, body, *, subject="A mail", sent="Mon, 06 May 2024 10:00:00 +0100", attached=None, at=None
):
    mail = EmailMessage()
    mail["Message-ID"], mail["From"], mail["Subject"] = (
        "<one@wexcombe.example>",
        "A <a@wexcombe.example>",
        subject,
    )
    if sent:
        mail["Date"] = sent
    mail.set_content(body)
    for name, content in attached or ():
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    keepers.append(folder, mail.as_bytes().replace(b"\n", b"\r\n"), msg_time=at)


def state_of(keepers):
    state = {}
    for _, _, name in keepers.list_folders():
        said = keepers.select_folder(name, readonly=True)
        uids = keepers.search()
        flags = {uid: keepers.get_flags([uid])[uid] for uid in uids}
        state[name] = (said[b"UIDVALIDITY"], said[b"UIDNEXT"], flags)
        keepers.unselect_folder()
    return state


def test_looking_leaves_no_mark_on_any_mail(server, keepers, tmp_path):
    before = state_of(keepers)
    assert before["INBOX"][2]
    answer = ask(opened(server, tmp_path))
    assert answer.records
    after = state_of(keepers)
    assert after == before
    assert all(b"\\Seen" not in flags for _, _, mails in after.values() for flags in mails.values())


def test_a_mail_is_named_by_folder_validity_and_number_and_says_when_it_came(server, keepers, tmp_path):
    answer = ask(opened(server, tmp_path), ISLA)
    validity = keepers.select_folder("INBOX", readonly=True)[b"UIDVALIDITY"]
    keepers.unselect_folder()
    folders = {r.key.native_id.split("/")[0] for r in answer.records}
    assert folders == {"INBOX", "Archive"}
    for record in answer.records:
        name, held, uid = record.key.native_id.split("/")
        assert name != "INBOX" or int(held) == validity
        assert uid.isdigit()
        assert record.provenance.entered_at is not None


def test_a_full_name_is_enough_only_with_a_second_fact_and_else_waits_for_an_officer(
    server, keepers, folder, tmp_path
):
    put(keepers, folder, "Leanne Hartley rang.")
    put(keepers, folder, "Leanne\r\nDoyle, born 14/03/1993, came in.")
    put(keepers, folder, "Nothing.", subject="999 204 4179")
    put(keepers, folder, "Somebody else entirely.")
    store = opened(server, tmp_path, mapping=f'folders = ["{folder}"]')
    answer = ask(store)
    assert [r.key.native_id.rpartition("/")[2] for r in answer.records] == ["2", "3"]
    [near] = answer.held_back
    assert (near.key.native_id.rpartition("/")[2], near.code) == ("1", "near-name")
    again = ask(store, confirmed=frozenset({near.key.native_id}))
    assert len(again.records) == 3


HERS = "lhartley93@post.example"


def test_a_mail_with_half_a_name_or_her_address_alone_is_found_and_waits_for_an_officer(
    server, keepers, folder, tmp_path
):
    near = [
        "Seen: L. Hartley, nothing new.",
        "hartley, l did not come.",
        "Doyle, L: old notes.",  # her former surname
        "The Doyle child of 14/03/1993 moved.",
        "Leanne, 14 March 1993, was seen.",
        "Ms Hartley of 14 Tanner\r\nRow rang.",
        f"From now on write to {HERS.upper()}.",
    ]
    others = [
        "The Hartley file is full.",
        "M. Hartley rang.",
        f"Write to x{HERS} or {HERS}.uk.",
        "Born 14 March 1993: Ida Quayle.",
    ]
    for body in (*near, *others, f"Leanne Hartley <{HERS}> wrote."):
        put(keepers, folder, body)
    store = opened(server, tmp_path, mapping=f'folders = ["{folder}"]\ninside_attachments = false')
    answer = ask(store, contacts=(HERS,))
    held = {int(h.key.native_id.rpartition("/")[2]): h.code for h in answer.held_back}
    assert held == dict.fromkeys(range(1, len(near) + 1), "near-name")
    [whole] = answer.records
    assert whole.provenance.found_by == BY_NAME_AND_EMAIL_IN_TEXT
    assert "e-mail address" in answer.searched_by
    without = ask(store)
    assert len(without.held_back) == len(near), "her name alone is near, and her address is not known"
    assert (without.records, "e-mail address" in without.searched_by) == ((), False)


def test_where_a_mail_says_it_is_filed_counts_only_where_the_keepers_write_it(
    server, keepers, folder, tmp_path
):
    for stamp, words in (("9992044179", "About Tom Other."), ("9990000018", "NHS 999 204 4179")):
        head = f"Subject: A mail\r\nDate: Mon, 06 May 2024 10:00:00 +0100\r\nX-Filed-Under: {stamp}\r\n\r\n"
        # The server is asked for the number; it finds the first mail by its stamp alone.
        keepers.append(folder, f"{head}{words}\r\n".encode())
    only = f'folders = ["{folder}"]'
    anyone = ask(opened(server, tmp_path, mapping=only))
    assert [r.key.native_id.rpartition("/")[2] for r in anyone.records] == ["2"]
    assert [h.why for h in anyone.held_back] == [ONLY_FILED]
    kept = ask(opened(server, tmp_path, mapping=f"filed_under = true\n{only}"))
    assert [r.key.native_id.rpartition("/")[2] for r in kept.records] == ["1"]
    assert [h.why for h in kept.held_back] == [FILED_ELSEWHERE]


def test_what_is_only_inside_an_attachment_is_found_and_what_cannot_be_read_is_said(
    server, keepers, folder, tmp_path
):
    put(keepers, folder, "See the list.", attached=[("list.txt", b"NHS 999 204 4179")])
    put(keepers, folder, "See this.", attached=[("other.txt", b"Nobody we know")])
    answer = ask(opened(server, tmp_path, mapping=f'folders = ["{folder}"]'))
    assert [r.key.native_id.rpartition("/")[2] for r in answer.records] == ["1"]
    assert any("999 204 4179" in p.text for p in answer.records[0].passages)
    narrow = opened(server, tmp_path, mapping=f'folders = ["{folder}"]\ninside_attachments = false')
    assert "attachments" not in " ".join(ask(narrow).searched_by)


HEAD = b"From: A <a@wexcombe.example>\r\nDate: Mon, 06 May 2024 10:00:00 +0100\r\nMIME-Version: 1.0\r\nSubject: x\r\n"
PLAIN = b"--A\r\nContent-Type: text/plain\r\n\r\nSee this.\r\n"
PAGE = b"Content-Type: text/html\r\n\r\n<p>See this.</p>\r\n"
LIST = (
    b"Content-Type: %s\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n"
)
SEALED = base64.b64encode(b"<p>NHS 999&#50;044179</p>")
ALTERNATIVE = b"Content-Type: multipart/alternative; boundary=A\r\n\r\n" + PLAIN
MIXED = (
    b"--A\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n" + PAGE + b"--B\r\n%s--B--\r\n--A--\r\n"
)


@pytest.mark.parametrize(
    "mail",
    [
        ALTERNATIVE + MIXED % (LIST % (b"application/octet-stream; name=n.html", SEALED)),
        ALTERNATIVE + MIXED % (LIST % (b"text/html; name=n.html", SEALED)),
        b"Content-Type: text/html\r\n\r\n<p>NHS 99920&#52;4179</p>\r\n",
        b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nSUMMARY:NHS 99920\r\n 44179\r\nEND:VCALENDAR\r\n",
        b"Content-Type: text/plain\r\n\r\nNumber 99 92 04 41 79.\r\n",
        b"Content-Type: text/plain\r\n\r\nNumber 99920-44179, or 9992 0441\r\n79.\r\n",
    ],
    ids=["inside one form", "a page inside one form", "entities", "folded", "pairs", "fives"],
)
def test_what_a_server_does_not_see_in_a_mail_is_read_here(server, keepers, folder, tmp_path, mail):
    keepers.append(folder, HEAD + mail)
    put(keepers, folder, "Nothing of hers.")
    answer = ask(opened(server, tmp_path, mapping=f'folders = ["{folder}"]'))
    assert [r.key.native_id.rpartition("/")[2] for r in answer.records] == ["1"]


def test_a_mail_that_is_only_text_in_two_forms_is_not_fetched(server, keepers, folder, tmp_path, monkeypatch):
    keepers.append(folder, HEAD + ALTERNATIVE + b"--A\r\n" + PAGE + b"--A--\r\n")
    store = opened(server, tmp_path, mapping=f'folders = ["{folder}"]')
    fetched = []
    monkeypatch.setattr(MailboxSession, "mail", lambda _self, uid: fetched.append(uid))
    ask(store)
    assert fetched == []
    monkeypatch.setattr(MailboxSession, "structures", lambda _self, _uids: {})
    ask(store)
    assert fetched == [1]


def in_two_forms(page, charset=b"us-ascii"):
    half = b"--A\r\nContent-Type: text/html; charset=" + charset + b"\r\n\r\n" + page + b"\r\n"
    return HEAD + ALTERNATIVE + half + b"--A--\r\n"


@pytest.mark.parametrize(
    ("subject", "page"),
    [
        (LEANNE, b"<p>L&#x65;anne&#32;H&#x61;rtley</p>"),
        (LEANNE, b"<p>Leanne Hart&shy;ley</p>"),
        (LEANNE, b"<p>Le<wbr>anne Hart<wbr/>ley</p>"),
        (LEANNE, b"<p>NHS 99&zwnj;920&zwnj;44179</p>"),
        (LEANNE, b"<p>Born 14&#47;03&#47;1993: Leanne H&#97;rtley</p>"),
        (ZOE, b"<p>Zo&euml; &Aring;str&ouml;m</p>"),
        (ZOE, b"<p>Z&Ouml;&Euml, I mean ZO&Euml; &Aring;STR&Ouml;M</p>"),
    ],
)
def test_a_name_only_in_the_signs_of_a_page_is_read_where_the_plain_words_are_silent(
    server, keepers, folder, tmp_path, subject, page
):
    keepers.append(folder, in_two_forms(page))
    keepers.append(folder, in_two_forms(b"<p>Nobody we know</p>"))
    store = opened(server, tmp_path, mapping=f'folders = ["{folder}"]')
    answer = ask(store, subject)
    met = [each.key.native_id.rpartition("/")[2] for each in (*answer.records, *answer.held_back)]
    assert met == ["1"]
    assert answer.note == "Read here, because a page in it writes letters as signs: 1 mail."
    assert store.estimate(SubjectQuery(subject=subject), at=AT).kind is AnswerKind.FOUND


def test_pages_with_signs_are_read_up_to_a_bound_the_newest_first_and_the_rest_is_held_back(
    server, keepers, folder, tmp_path, monkeypatch
):
    monkeypatch.setattr(mailbox, "_MOST_IN_SIGNS", 3)
    monkeypatch.setattr(mailbox, "_WINDOW", 2)
    for _ in range(5):
        keepers.append(folder, in_two_forms(b"<p>NHS 99920&#52;4179</p>"))
    answer = ask(opened(server, tmp_path, mapping=f'folders = ["{folder}"]'))
    assert [r.key.native_id.rpartition("/")[2] for r in answer.records] == ["3", "4", "5"]
    [held] = answer.held_back
    assert (held.key.native_id, held.code) == (folder, "incomplete")
    assert held.why.startswith("2 mails ")


def test_other_letters_are_found_with_and_without_their_marks(server, keepers, folder, tmp_path):
    put(keepers, folder, "Zoë Åström, geboren 1991-02-03")
    put(keepers, folder, "ZOE ASTROM, 3 February 1991")
    store = opened(server, tmp_path, mapping=f'folders = ["{folder}"]')
    assert len(ask(store, ZOE).records) == 2


def test_a_surname_in_other_letters_does_not_bring_every_mail(server, keepers, folder, tmp_path):
    put(keepers, folder, "Z. Åström war da.")
    put(keepers, folder, "Nobody we know.")
    store = opened(server, tmp_path, mapping=f'folders = ["{folder}"]')
    assert store.estimate(SubjectQuery(subject=ZOE), at=AT).records == 1
    assert [h.key.native_id.rpartition("/")[2] for h in ask(store, ZOE).held_back] == ["1"]


def test_the_period_counts_by_the_day_a_mail_was_sent_or_else_came(server, keepers, folder, tmp_path):
    put(keepers, folder, "9992044179", sent="Tue, 05 Mar 2024 09:00:00 +0000")
    put(keepers, folder, "9992044179", sent="", at=datetime(2024, 3, 6, 9, tzinfo=UTC))
    put(keepers, folder, "9992044179", sent="Fri, 08 Mar 2024 09:00:00 +0000")
    store = opened(server, tmp_path, mapping=f'folders = ["{folder}"]')
    found = ask(store, from_on=date(2024, 3, 5), to_on=date(2024, 3, 6)).records
    assert [r.dated_on for r in found] == [date(2024, 3, 5), date(2024, 3, 6)]


def test_a_long_folder_is_read_in_windows_and_each_mail_once(server, keepers, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(mailbox, "_WINDOW", 3)
    monkeypatch.setattr(mailbox, "_CHUNK", 2)
    for n in range(8):
        put(keepers, folder, f"9992044179 number {n}")
    answer = ask(opened(server, tmp_path, mapping=f'folders = ["{folder}"]'))
    assert sorted(int(r.key.native_id.rpartition("/")[2]) for r in answer.records) == list(range(1, 9))
    assert answer.held_back == ()


def test_a_mail_too_large_is_not_fetched_and_the_rest_goes_on(server, keepers, folder, tmp_path):
    put(keepers, folder, "9992044179 " + "long " * 60_000)
    put(keepers, folder, "9992044179")
    answer = ask(opened(server, tmp_path, max_megabytes=0.1, mapping=f'folders = ["{folder}"]'))
    assert len(answer.records) == 1
    assert [h.code for h in answer.held_back] == ["too-large"]


def test_a_mail_that_makes_our_own_reading_stumble_is_held_back_alone(
    server, keepers, folder, tmp_path, monkeypatch
):
    for _ in range(3):
        put(keepers, folder, "9992044179")
    judged, met = mailbox.judged_inside, []

    def stumble(native, *rest, **more):
        met.append(native)
        if native.endswith("/2"):
            raise RecursionError
        return judged(native, *rest, **more)

    monkeypatch.setattr(mailbox, "judged_inside", stumble)
    answer = ask(opened(server, tmp_path, mapping=f'folders = ["{folder}"]'))
    assert [r.key.native_id.rpartition("/")[2] for r in answer.records] == ["1", "3"]
    assert [(h.key.native_id.rpartition("/")[2], h.code) for h in answer.held_back] == [("2", "unreadable")]


def test_a_shared_mailbox_is_searched_and_one_that_does_not_open_is_said(server, keepers, tmp_path):
    keepers.create_folder("Team/Duty")
    put(keepers, "Team/Duty", "9992044179")
    store = opened(server, tmp_path, mapping='folders = ["Team/*"]')
    assert [r.key.native_id.split("/")[:2] for r in ask(store).records] == [["Team", "Duty"]]
    with pytest.raises(StoreRefused, match="number 2"):
        ask(opened(server, tmp_path, mapping='folders = ["INBOX", "Gone"]'))


def test_the_line_is_made_safe_on_the_plain_port_or_refused(server, tmp_path):
    store = mailbox_store(tmp_path, port=server.plain_port, security="starttls", ca_file=server.ca_file)
    assert ask(store).records
    with pytest.raises(StoreRefused, match="certificate"):
        mailbox_store(tmp_path, port=server.port).check()
    with pytest.raises(BadMapping, match="in the clear"):
        mailbox_store(tmp_path, host="mail.wexcombe.example", security="none")


def test_a_wrong_password_is_refused_and_is_in_no_word(server, tmp_path):
    store = opened(server, tmp_path, password="wrong-secret")
    with pytest.raises(StoreRefused) as fault:
        ask(store)
    assert "wrong-secret" not in f"{fault.value} {fault.value.next_step} {store._settings!r} {store!r}"


def test_check_and_estimate_fetch_no_mail(server, tmp_path, monkeypatch):
    monkeypatch.setattr(mailbox.MailboxSession, "mail", None)
    store = opened(server, tmp_path)
    assert "folders" in store.check()
    found = store.estimate(SubjectQuery(subject=LEANNE), at=AT)
    assert found.kind is AnswerKind.FOUND
    assert found.records > 0
    assert found.megabytes > 0
    assert store.estimate(SubjectQuery(subject=STRANGER), at=AT).kind is AnswerKind.NOTHING_HELD
