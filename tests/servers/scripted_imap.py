"""A mail server that answers by the book until it is told to misbehave, over a real socket on loopback."""

import re
import socket
import threading
from contextlib import contextmanager

MAIL = b"Date: Mon, 06 May 2024 10:00:00 +0100\r\nFrom: a@b.example\r\nSubject: x\r\n\r\n9992044179\r\n"


class ScriptedImap:
    """``misbehave[word] = function(line) -> bytes | None`` takes a command over; None ends the connection."""

    def __init__(self, mails):
        self.mails = mails
        self.misbehave = {}
        self.heard = []
        self.connections = 0
        self.ending = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self):
        self.ending.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self):
        while not self.ending.is_set():
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(line,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, line):
        with line, line.makefile("rb") as commands:
            try:
                line.sendall(b"* OK ready\r\n")
                for first in commands:
                    command = first
                    while literal := re.search(rb"\{(\d+)\}\r\n\Z", command):
                        line.sendall(b"+ go on\r\n")
                        command += commands.read(int(literal[1])) + commands.readline()
                    self.heard.append(command.decode("utf-8", "replace").strip())
                    if not self._answer(line, command):
                        return
            except OSError:
                return

    def _answer(self, line, command):
        tag, _, rest = command.partition(b" ")
        word = re.sub(rb"^UID ", b"", rest.upper()).split()[0].decode() if rest.strip() else ""
        if word in self.misbehave:
            said = self.misbehave[word](self, line, tag, rest)
        else:
            said = self._ordinary(word, rest) + tag + b" OK done\r\n"
        if said is None:
            return False
        line.sendall(said)
        return word != "LOGOUT"

    def _ordinary(self, word, rest):
        if word == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n"
        if word == "LIST":
            return b'* LIST () "/" INBOX\r\n'
        if word == "EXAMINE":
            return b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n" % len(self.mails)
        if word == "SEARCH":
            return b"* SEARCH " + b" ".join(b"%d" % uid for uid in self.mails) + b"\r\n"
        if word == "FETCH" and b"SIZE" in rest:
            return b"".join(
                b'* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE "06-May-2024 10:00:00 +0100")\r\n'
                % (uid, uid, len(mail))
                for uid, mail in self.mails.items()
            )
        if word == "FETCH":
            uid = int(rest.split()[2])
            mail = self.mails[uid]
            return b"* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (uid, uid, len(mail), mail)
        return b""


@contextmanager
def scripted_imap(mails=None):
    """The server, with two mails unless told otherwise."""
    server = ScriptedImap({1: MAIL, 2: MAIL} if mails is None else mails)
    try:
        yield server
    finally:
        server.close()
