"""Letters leave whole, to one addressee, with no header a person typed and no name where a log could see it."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from sar.domain.errors import EnvironmentFault, InvalidInput
from sar.outbox import FolderOutbox, SmtpOutbox, SmtpSettings
from sar.ports.disclosing import Letter

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LETTER = Letter(
    to="Leanne Hartley", address="leanne@example.org", subject="Your pack is ready – SA-2026-0001",
    paragraphs=("Dear Leanne Hartley,", "Your pack is ready. Your code is 492 118."), kind="pack-ready",
    attachments=(("pack.pdf", b"%PDF-1.7 x"),),
)  # fmt: skip


class MailServer(socketserver.ThreadingTCPServer):
    """Takes letters, or refuses them with words that quote the addressee."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, *, refuses: bool) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.refuses = refuses
        self.taken: list[tuple[list[str], bytes]] = []


class Talk(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        people: list[str] = []
        while line := self.rfile.readline().decode().strip():
            word = line.split()[0].upper()
            if word == "RCPT":
                people.append(line)
                self.wfile.write(b"550 no leanne@example.org\r\n" if self.server.refuses else b"250 ok\r\n")
            elif word == "DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.taken.append((people, b"".join(lines)))
                self.wfile.write(b"250 ok\r\n")
            else:
                self.wfile.write(b"221 bye\r\n" if word == "QUIT" else b"250 ok\r\n")


@pytest.fixture
def mail_server(request: pytest.FixtureRequest) -> Iterator[MailServer]:
    with MailServer(refuses=getattr(request, "param", False)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def smtp(server: MailServer) -> SmtpOutbox:
    return SmtpOutbox(
        SmtpSettings(
            host="127.0.0.1",
            port=server.server_address[1],
            sender="Records <records@trust.example>",
            starttls=False,
        )
    )


def read(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_letter_can_be_read_in_the_folder(tmp_path: Path) -> None:
    receipt = FolderOutbox(tmp_path / "outbox").send(LETTER, at=AT)
    message = read((tmp_path / "outbox" / f"{receipt}.eml").read_bytes())
    assert message["To"] == "Leanne Hartley <leanne@example.org>"
    assert message["Subject"] == LETTER.subject
    assert message["Date"].datetime == AT
    assert "Your code is 492 118." in body(message)
    [attached] = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("pack.pdf", b"%PDF-1.7 x")


def test_file_names_and_receipts_tell_nothing_and_never_collide(tmp_path: Path) -> None:
    outbox = FolderOutbox(tmp_path)
    receipts = {outbox.send(LETTER, at=AT) for _ in range(20)}
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"{r}.eml" for r in receipts}
    assert len(names) == 20
    assert not [n for n in names if "leanne" in n.lower() or "pack" in n or "SA-" in n]
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", "Hello\r\nBcc: everyone@example.org"),
        ("subject", "Hello\nthere"),
        ("subject", "Hello\u2028there"),
        ("to", "Leanne\r\nBcc: everyone@example.org"),
        ("address", "leanne@example.org\r\nBcc: everyone@example.org"),
        ("address", "leanne@example.org, everyone@example.org"),
        ("address", "Everyone <everyone@example.org>"),
        ("address", "two words@example.org"),
        ("address", "@example.org"),
        ("address", "leanne@"),
        ("address", "l\u00e9anne@example.org"),
    ],
)
def test_nothing_typed_becomes_a_header_or_a_second_addressee(
    tmp_path: Path, mail_server: MailServer, field: str, value: str
) -> None:
    letter = replace(LETTER, **{field: value})
    for outbox in (FolderOutbox(tmp_path), smtp(mail_server)):
        with pytest.raises(InvalidInput) as refused:
            outbox.send(letter, at=AT)
        assert "example.org" not in refused.value.message
    assert list(tmp_path.iterdir()) == []
    assert mail_server.taken == []


def test_a_line_break_in_a_file_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        FolderOutbox(tmp_path).send(replace(LETTER, attachments=(("a\r\nX: y", b""),)), at=AT)


def test_a_letter_for_the_post_carries_its_envelope_and_is_not_mailed(
    tmp_path: Path, mail_server: MailServer
) -> None:
    letter = replace(LETTER, address="14 Lark Rise\nWexcombe")
    receipt = FolderOutbox(tmp_path).send(letter, at=AT)
    assert body(read((tmp_path / f"{receipt}.eml").read_bytes())).startswith(
        "Leanne Hartley\n14 Lark Rise\nWexcombe\n"
    )
    with pytest.raises(InvalidInput):
        smtp(mail_server).send(letter, at=AT)


def test_a_folder_that_cannot_be_written_is_a_fault_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file stands where the folder should be")
    with pytest.raises(EnvironmentFault):
        FolderOutbox(tmp_path / "outbox").send(LETTER, at=AT)
    assert [path.name for path in tmp_path.iterdir()] == ["outbox"]


def test_the_mail_server_gets_the_letter_for_one_addressee(mail_server: MailServer) -> None:
    receipt = smtp(mail_server).send(LETTER, at=AT)
    [(people, content)] = mail_server.taken
    assert [p.split(":", 1)[1].split()[0] for p in people] == ["<leanne@example.org>"]
    message = read(content)
    assert message["Message-ID"] == f"<{receipt}@trust.example>"
    assert "492 118" in body(message)


@pytest.mark.parametrize("mail_server", [True], indirect=True)
def test_a_refusal_of_the_server_does_not_quote_the_addressee(mail_server: MailServer) -> None:
    with pytest.raises(EnvironmentFault) as refused:
        smtp(mail_server).send(LETTER, at=AT)
    assert "leanne" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_a_server_that_is_not_there_is_a_fault() -> None:
    settings = SmtpSettings(
        host="127.0.0.1", port=1, sender="r@trust.example", starttls=False, password="hush"
    )
    assert "hush" not in repr(settings)
    with pytest.raises(EnvironmentFault):
        SmtpOutbox(settings).send(LETTER, at=AT)


def test_two_who_send_one_notice_at_one_moment_send_it_once(tmp_path: Path) -> None:
    """Each by its own clock and its own outbox, as a page and the program in the background do."""
    together = threading.Barrier(4)

    def send(number: int) -> set[str]:
        outbox, receipts = FolderOutbox(tmp_path / "outbox"), set()
        for notice in range(25):
            together.wait(timeout=20)
            letter = replace(LETTER, message_id=f"{notice:032x}")
            receipts.add(outbox.send(letter, at=AT + timedelta(seconds=number)))
        return receipts

    with ThreadPoolExecutor(4) as pool:
        receipts = set().union(*pool.map(send, range(4)))
    left = {p.stem for p in (tmp_path / "outbox").iterdir()}
    assert len(left) == 25
    assert receipts == left
