"""An example of a system that can be asked: under a hundred lines, Python's own library only.

    python3 server.py            listens on http://127.0.0.1:8080

It answers as the files in golden/ say. Put your own look-up where ``HELD`` is used, and you have joined in.
Everybody in the example is invented.
"""

import json
import os
import secrets
import sys
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

GOLDEN = Path(__file__).parent / "golden"
HELD = {"9990000018": json.loads((GOLDEN / "answer.json").read_text(encoding="utf-8"))}
FILES = {"/files/1": (GOLDEN / "letter.txt").read_bytes()}
OUR_NUMBER = "nhs"  # the kind of number this system knows people by
CLIENT = "kit-client"
SECRET = os.environ.get("KIT_CLIENT_SECRET", "kit-secret")
TOKENS = set()


class Service(BaseHTTPRequestHandler):
    """One question, one answer. It only reads."""

    wbufsize = -1  # head and body in one packet: apart they wait for each other

    def do_GET(self):
        """The call of the contract, its attachments, and the sign that we are up."""
        parts = urlsplit(self.path)
        if parts.path == "/health/ping":
            self.answer(200, {"status": "UP"})
        elif self.headers.get("Authorization", "").removeprefix("Bearer ") not in TOKENS:
            self.answer(401, {"status": 401, "userMessage": "A token is needed."})
        elif parts.path in FILES:
            self.answer(200, FILES[parts.path], "text/plain")
        elif parts.path == "/subject-access-request":
            self.subject_access({k: v[0].strip() for k, v in parse_qs(parts.query).items()})
        else:
            self.answer(404)

    def subject_access(self, asked):
        """200: this is what we hold. 204: nothing. 209: we do not use that kind of number."""
        period = {name: asked.pop(name, "") for name in ("fromDate", "toDate")}
        if not asked:
            self.answer(400, {"status": 400, "userMessage": "A number is needed."})
        elif OUR_NUMBER not in asked:
            self.answer(209)
        else:
            held = within(HELD.get(asked[OUR_NUMBER]), period)
            self.answer(200 if held else 204, held)

    def do_POST(self):
        """A token for those who know the secret."""
        form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        known = b64decode(given + "==").decode("utf-8", "replace") == f"{CLIENT}:{SECRET}"
        if (
            urlsplit(self.path).path != "/token"
            or form.get("grant_type") != ["client_credentials"]
            or not known
        ):
            self.answer(401, {"error": "invalid_client"})
            return
        TOKENS.add(token := secrets.token_urlsafe(24))
        self.answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": 300})

    def answer(self, status, body=None, kind="application/json"):
        """Head and body; the length is always said."""
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if content:
            self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing: questions hold numbers that identify people."""


def within(held, period):
    """What is dated inside the period; the attachments go with it."""
    first, last = period["fromDate"] or "0000", period["toDate"] or "9999"
    entries = [e for e in (held or {"content": []})["content"] if first <= e["dated_on"] <= last]
    return {**held, "content": entries} if entries else None


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int((sys.argv[1:] or ["8080"])[0])), Service)
    sys.stdout.write(f"Listening on http://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
