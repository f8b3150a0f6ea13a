"""A real HTTP server on loopback that answers as a test tells it, and stores that ask it."""

import json
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sar.documents.reader import DocumentReading
from sar.domain.parties import IdentifierKind
from sar.domain.records import RecordKind, SubjectQuery
from sar.domain.references import StoreName
from sar.ports.gathering import StoreDescription
from sar.stores.fhir import FhirMapping, FhirStore
from sar.stores.http import HttpSettings
from sar.stores.sar_http import SarHttpMapping, SarHttpStore
from tests.fakes.stores import AT, ISLA

NHS = "https://fhir.nhs.uk/Id/nhs-number"
DESCRIPTION = StoreDescription(name=StoreName("s"), label="S", controller="C")
PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "meta": {"lastUpdated": "2024-01-01T00:00:00Z"},
    "identifier": [{"system": NHS, "value": "9992311584"}],
    "name": [{"family": "Hartley", "given": ["Isla"]}],
    "birthDate": "2022-02-08",
}


class Script(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Authorization")))
        self.server.play(self)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send(200, self.server.token())

    def send(self, status, body=b"", content_type="application/json", **headers):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        # That the asker hangs up is often what a test is about; any other fault is shown.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


@contextmanager
def serving(http):
    """The server while it is needed, in a thread of its own."""
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield http
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


@contextmanager
def server(play):
    http = Server(("127.0.0.1", 0), Script)
    http.daemon_threads = True
    http.play, http.asked = play, []
    http.token = lambda: {"access_token": "the-token"}
    http.url = f"http://127.0.0.1:{http.server_address[1]}"
    with serving(http):
        yield http


def bundle(*resources, following=None):
    links = [{"relation": "next", "url": following}] if following else []
    return {"resourceType": "Bundle", "link": links, "entry": [{"resource": r} for r in resources]}


def settings(http, **more):
    usual = {"client_id": "i", "client_secret": "s", "timeout_s": 0.5, "token_url": f"{http.url}/token"}
    return HttpSettings(url=http.url, **(usual | more))


def fhir(http, resources=None, **more):
    mapping = FhirMapping(
        systems={NHS: IdentifierKind.NHS_NUMBER},
        alert_system="",
        employer="",
        resources=resources or {},
        document_kinds={"Letter": RecordKind.CORRESPONDENCE},
    )
    return FhirStore(
        description=DESCRIPTION, settings=settings(http, **more), mapping=mapping, reader=DocumentReading()
    )


def contract(http, **more):
    mapping = SarHttpMapping(
        parameters={"nhs": IdentifierKind.NHS_NUMBER, "upn": IdentifierKind.UPN},
        reference="reference",
        kind="kind",
        dated_on=("on",),
        labels={"text": "Text"},
        people=(),
        alert_number="",
        alerts=(),
    )
    return SarHttpStore(
        description=DESCRIPTION, settings=settings(http, **more), mapping=mapping, reader=DocumentReading()
    )


def ask(store, subject=ISLA, into=None, **more):
    return store.answer(SubjectQuery(subject=subject, **more), at=AT, into=into)
