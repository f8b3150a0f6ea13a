"""Folders on other machines as they really are: strange names, links, wrong keys, servers that die or hang."""

import logging
import os
import signal
import socket
import sys
import threading
from pathlib import Path

import pytest

from sar.domain.errors import BadMapping, StoreRefused, StoreUnavailable
from sar.domain.records import SubjectQuery
from sar.stores import files_s3, files_tree
from sar.stores.files_sftp import SftpTree
from tests.contracts.joined.folders import folder_store, s3_settings, smb_settings
from tests.fakes.stores import AT, LEANNE
from tests.servers.s3 import s3_server
from tests.servers.sftp import sftp_server
from tests.servers.smb import smb_server

WORDS = "NHS number 999 204 4179"
SECRETS = [
    ("user", "reader-of-files"), ("password", "tanner-row-secret"), ("host_key", "SHA256:x"), ("timeout_s", 1),
]  # fmt: skip


@pytest.fixture(scope="module")
def sftp():
    with sftp_server() as server:
        yield server


@pytest.fixture(scope="module")
def s3():
    with s3_server() as server:
        yield server


@pytest.fixture(scope="module")
def smb():
    with smb_server() as server:
        yield server


@pytest.fixture
def where(tmp_path):
    """Settings beside a mapping without a register, so that every file is searched inside."""
    (tmp_path / "m.toml").write_text('[kinds]\n"*" = "correspondence"\n')
    return tmp_path


def over_sftp(where, server, below, **more):
    (server.files / below).mkdir(exist_ok=True)
    (server.files / below).chmod(0o755)
    settings = {
        "folder": server.url(f"/{below}"), "user": server.user, "key_file": str(server.key_file),
        "host_key": server.fingerprint, "mapping": "m.toml",
    }  # fmt: skip
    return folder_store(where, list((settings | more).items()))


def ask(store):
    return store.answer(SubjectQuery(subject=LEANNE), at=AT)


def outcome(store):
    answer = ask(store)
    return {r.key.native_id for r in answer.records}, {(h.key.native_id, h.code) for h in answer.held_back}


def letters(folder, *names, words=WORDS):
    for name in names:
        path = folder / f"2024-01-{len(name):02}-{name}.txt"
        path.write_text(words)
        path.chmod(0o644)


def test_sftp_reads_what_it_may_and_says_what_it_may_not(where, sftp):
    store = over_sftp(where, sftp, "names")
    folder = sftp.files / "names"
    letters(folder, "a", "zoë")
    (folder / "below").mkdir(mode=0o755)
    letters(folder / "below", "b")
    letters(sftp.files, "outside")
    (folder / "2024-link.txt").symlink_to(folder / "below" / "2024-01-01-b.txt")
    (folder / "out.txt").symlink_to(sftp.files / "2024-01-07-outside.txt")
    (folder / "up").symlink_to("..")
    os.mkfifo(folder / "pipe")
    (folder / "to-pipe").symlink_to("pipe")
    (folder / "shut.txt").write_text(WORDS)
    (folder / "shut.txt").chmod(0)
    (folder / "dark").mkdir(mode=0)
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_text(WORDS)
    found, held = outcome(store)
    assert found == {"2024-01-01-a.txt", "2024-01-03-zoë.txt", "below/2024-01-01-b.txt"}
    unread = {"out.txt", "up", "pipe", "to-pipe", "shut.txt", "dark", "caf\\xe9.txt"}
    # The link inside has no date in its name: it was read, and waits for one.
    assert held == {(name, "unreadable") for name in unread} | {("2024-link.txt", "undated")}
    (folder / "dark").chmod(0o755)


def test_no_name_of_a_file_is_in_the_log(where, sftp, smb, s3, caplog):
    caplog.set_level(logging.DEBUG)
    s3.put("logged/2024-01-01-letter-to-leanne.txt", WORDS.encode())
    letters(smb.files, "letter-to-leanne")
    store = over_sftp(where, sftp, "logged")
    letters(sftp.files / "logged", "letter-to-leanne")
    assert ask(store).records
    assert ask(folder_store(where, [*smb_settings(smb.port), ("mapping", "m.toml")])).records
    (smb.files / "2024-01-16-letter-to-leanne.txt").unlink()
    bucket = [
        ("folder", f"s3://{s3.bucket}/logged"),
        *s3_settings(s3.endpoint, s3.bucket)[1:],
        ("mapping", "m.toml"),
    ]
    assert ask(folder_store(where, bucket)).records
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith(("werkzeug", "moto", "urllib3"))]
    assert "leanne" not in " ".join(ours)


def test_sftp_refuses_a_server_whose_key_we_were_not_told(where, sftp):
    other = where / "known_hosts"
    other.write_text(f"[127.0.0.1]:{sftp.port} ssh-ed25519 {'A' * 68}\n")
    for told in ({"host_key": ""}, {"host_key": "SHA256:other"}, {"host_key": "", "known_hosts": str(other)}):
        with pytest.raises(StoreRefused, match="host key") as refusal:
            ask(over_sftp(where, sftp, "key", **told))
        assert "fingerprint" in refusal.value.next_step
    with pytest.raises(StoreRefused, match="credentials"):
        ask(over_sftp(where, sftp, "key", user="stranger"))
    with pytest.raises(StoreRefused, match="key file"):
        ask(over_sftp(where, sftp, "key", key_file="gone"))


def test_sftp_holds_back_a_file_too_large_or_changing_and_reads_the_next(where, sftp, monkeypatch):
    store = over_sftp(where, sftp, "sizes", max_megabytes=0.05)
    folder = sftp.files / "sizes"
    letters(folder, "a", "bb")
    letters(folder, "ccc", words=WORDS * 5_000)
    real = SftpTree._inside

    def inside(tree, name):
        if name == "2024-01-01-a.txt":
            real_open = tree._files.open

            def opened(path, mode):
                file = real_open(path, mode)
                letters(folder, "a", words="other words")
                return file

            monkeypatch.setattr(tree._files, "open", opened)
        return real(tree, name)

    monkeypatch.setattr(SftpTree, "_inside", inside)
    answer = ask(store)
    held = {h.key.native_id: (h.code, h.why) for h in answer.held_back}
    assert held["2024-01-03-ccc.txt"][0] == "too-large"
    assert held["2024-01-01-a.txt"] == ("unreadable", files_tree.CHANGED)


def test_sftp_that_breaks_off_is_unavailable_never_half_an_answer(where, sftp, monkeypatch):
    store = over_sftp(where, sftp, "breaks")
    letters(sftp.files / "breaks", "a", "bb")
    real = SftpTree.read

    def read(tree, name, **more):
        if "bb" in name:
            tree._files.client.get_transport().sock.shutdown(socket.SHUT_RDWR)
        return real(tree, name, **more)

    monkeypatch.setattr(SftpTree, "read", read)
    with pytest.raises(StoreUnavailable):
        ask(store)


@pytest.mark.parametrize("scheme", ["sftp", "smb", "s3"])
def test_a_server_that_takes_the_call_and_says_nothing_is_unavailable_in_time(where, scheme):
    if scheme == "s3":
        pytest.importorskip("s3fs")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        settings = [("folder", f"{scheme}://127.0.0.1:{port}/x"), *SECRETS]
        if scheme == "smb":
            settings = [s for s in settings if s[0] != "host_key"]
        if scheme == "s3":
            settings = [*s3_settings(f"http://127.0.0.1:{port}"), ("timeout_s", 0.5)]
        store = folder_store(where, [*settings, ("deadline_s", 3)])
        with pytest.raises(StoreUnavailable) as fault:
            ask(store)
    assert fault.value.next_step


def test_no_password_is_in_any_word_or_log(where, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    said = []
    for settings in (
        [("folder", "sftp://127.0.0.1:9/x"), *SECRETS],
        [("folder", "smb://127.0.0.1:9/x"), *(s for s in SECRETS if s[0] != "host_key")],
        [("folder", "s3://b/x"), ("endpoint", "http://127.0.0.1:9"), ("access_key", "reader-of-files"),
         ("secret_key", "tanner-row-secret"), ("timeout_s", 1)],
    ):  # fmt: skip
        store = folder_store(where, settings)
        said.append(repr(store._place))
        with pytest.raises(StoreUnavailable) as fault:
            ask(store)
        said.append(f"{fault.value} {fault.value.next_step}")
    words = " ".join([*said, caplog.text, *capsys.readouterr()])
    assert "tanner-row-secret" not in words
    assert "reader-of-files" not in " ".join(said)


def test_s3_pages_through_a_bucket_and_keeps_to_its_prefix(where, s3, monkeypatch):
    monkeypatch.setattr(files_s3, "PAGE", 4)
    for n in range(1, 10):
        s3.put(f"council/2024-01-0{n}-letter.txt", WORDS.encode())
    s3.put("council-other/2024-01-01-letter.txt", WORDS.encode())
    s3.put("council/empty/", b"")
    s3.put("council/../2024-01-01-up.txt", WORDS.encode())
    s3.put("council//2024-01-01-doubled.txt", WORDS.encode())
    found, held = outcome(folder_store(where, [*s3_settings(s3.endpoint, s3.bucket), ("mapping", "m.toml")]))
    assert found == {f"2024-01-0{n}-letter.txt" for n in range(1, 10)}
    assert held == {("../2024-01-01-up.txt", "unreadable"), ("/2024-01-01-doubled.txt", "unreadable")}


def test_s3_with_nothing_below_the_prefix_or_no_bucket_is_refused(where, s3):
    for folder in (f"s3://{s3.bucket}/gone", "s3://nowhere/council"):
        settings = [("folder", folder), *s3_settings(s3.endpoint, s3.bucket)[1:], ("mapping", "m.toml")]
        with pytest.raises(StoreRefused, match="not there"):
            ask(folder_store(where, settings))


def test_a_share_is_read_and_what_is_shut_is_said(where, smb):
    letters(smb.files, "a")
    (smb.files / "below").mkdir(mode=0o755)
    letters(smb.files / "below", "zoë")
    (smb.files / "2024-shut.txt").write_text(WORDS)
    (smb.files / "2024-shut.txt").chmod(0)
    settings = [*smb_settings(smb.port), ("mapping", "m.toml")]
    found, held = outcome(folder_store(where, settings))
    assert found == {"2024-01-01-a.txt", "below/2024-01-03-zoë.txt"}
    assert held == {("2024-shut.txt", "unreadable")}
    changed = [s if s[0] != "password" else ("password", "wrong") for s in settings]
    with pytest.raises(StoreRefused, match="credentials"):
        ask(folder_store(where, [*changed[:1], ("user", "stranger"), *changed[2:]]))
    for gone in ("documents/gone", "nothing"):
        with pytest.raises(StoreRefused, match="not there"):
            ask(folder_store(where, [("folder", f"smb://127.0.0.1:{smb.port}/{gone}"), *settings[1:]]))


@pytest.mark.parametrize(("scheme", "package"), [("sftp", "paramiko"), ("s3", "s3fs"), ("smb", "smbclient")])
def test_a_missing_package_is_named_with_the_extra_that_brings_it(where, monkeypatch, scheme, package):
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, f"sar.stores.files_{scheme}", raising=False)
    with pytest.raises(BadMapping) as missing:
        folder_store(where, [("folder", f"{scheme}://host/x"), *SECRETS])
    assert f"subject-access[{scheme}]" in missing.value.next_step


@pytest.mark.parametrize(
    ("folder", "word"),
    [("ftp://host/x", "reach"), ("sftp://me:pw@host/x", "password"), ("sftp://host:0x/", "address")],
)
def test_an_address_that_cannot_be_used_is_named(where, folder, word):
    with pytest.raises(BadMapping, match=word):
        folder_store(where, [("folder", folder), *SECRETS])


def test_a_server_that_goes_away_is_unavailable(where):
    with sftp_server() as server:
        store = over_sftp(where, server, "x", timeout_s=1)
        os.kill(server.pid, signal.SIGTERM)
        ended = threading.Event()
        for _ in range(100):
            with socket.socket() as line:
                if line.connect_ex(("127.0.0.1", server.port)):
                    break
            ended.wait(0.02)
        with pytest.raises(StoreUnavailable):
            ask(store)
