"""Does a service speak the subject-access contract? Every rule with yes or no, and what to do.

This file needs nothing but Python 3.11: ``sar kit write`` copies it as it is for whoever keeps a system.

    python3 check.py http://127.0.0.1:8080 --number nhs=9990000018
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

PATH = "/subject-access-request"
NOT_USED_HERE = 209
MADE_UP = "0000000000"
SECRET = "KIT_CLIENT_SECRET"  # noqa: S105 - the name of a variable
_MOST = 100 * 1024 * 1024
_SILENCE_S = 10
_LONGEST_S = 60
_ATTACHMENTS_TRIED = 5
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


class KitProblem(Exception):
    """The check cannot be made as asked."""


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 0

    def value(self) -> Any:
        """The JSON in it; None when there is none."""
        try:
            return json.loads(self.body.decode("utf-8"))
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True)
class Finding:
    """One rule: kept, broken, or not tried for want of something."""

    rule: str
    asks: str
    ok: bool | None
    says: str
    todo: str = ""

    def as_report(self) -> dict[str, object]:
        told = {"rule": self.rule, "asks": self.asks, "ok": self.ok, "says": self.says}
        return {**told, "what_to_do": self.todo}

    def lines(self) -> Iterator[str]:
        mark = {True: "yes", False: "NO ", None: " - "}[self.ok]
        yield f"{mark} {self.rule}: {self.asks}" + (f" ({self.says})" if self.says else "")
        if self.ok is False and self.todo:
            yield f"      What to do: {self.todo}"


@dataclass(frozen=True)
class Subject:
    """The service, and what we may know it by."""

    url: str
    token: str = ""
    number: tuple[str, str] | None = None
    """A parameter and a number that the service holds something for; an invented person's."""


def send(
    method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> Reply:
    """One request. Redirects are not followed; nobody there is a ``KitProblem``."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise KitProblem("the address is not a web address")
    began = time.monotonic()
    connection = kind(parts.hostname, parts.port, timeout=_SILENCE_S)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body=body, headers=dict(headers or {}))
        answer = connection.getresponse()
        content = answer.read(_MOST + 1)
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, found, content, time.monotonic() - began)
    except (OSError, http.client.HTTPException, ValueError) as fault:
        raise KitProblem(f"no whole answer came: {type(fault).__name__}") from fault
    finally:
        connection.close()


def fetch_token(url: str, client_id: str, secret: str) -> str:
    """A token by client credentials."""
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    reply = send("POST", url, headers=headers, body=b"grant_type=client_credentials")
    value = reply.value()
    token = value.get("access_token") if isinstance(value, dict) else None
    if not isinstance(token, str) or not token:
        raise KitProblem(f"the sign-in address gave no token (status {reply.status})")
    return token


@dataclass
class Check:
    """One conformance test. A rule that needs an earlier one is not tried when that one is broken."""

    subject: Subject
    findings: list[Finding] = field(default_factory=list)

    def run(self) -> list[Finding]:
        try:
            first = self.ask({self.parameter: MADE_UP})
        except KitProblem as fault:
            self.say(
                "answers",
                "the service answers",
                ok=False,
                says=str(fault),
                todo="Start it; check the address.",
            )
            return self.findings
        self.say("answers", "the service answers", ok=True)
        for rule in (
            self.no_redirect,
            self.token,
            self.nothing_held,
            self.not_used_here,
            self.no_number,
            self.health,
        ):
            self._try(rule, first)
        if self.known:
            for rule in (self.found, self.period, self.same_again, self.attachments):
                self._try(rule, first)
        else:
            for name in _OF_SOMEBODY:
                self.say(name, ok=None, says="not tried: no --number given")
        return self.findings

    def _try(self, rule: Callable[[Reply], None], first: Reply) -> None:
        try:
            rule(first)
        except KitProblem as fault:
            name = rule.__name__.replace("_", "-")
            self.say(name, ok=False, says=str(fault), todo="Answer every question with a whole reply.")

    @property
    def known(self) -> dict[str, str]:
        """The question about somebody the service knows; empty when we know nobody there."""
        return dict([self.subject.number]) if self.subject.number else {}

    @property
    def parameter(self) -> str:
        """The kind of number that the service is asked by."""
        return self.subject.number[0] if self.subject.number else "nhs"

    def ask(self, params: Mapping[str, str], *, token: str | None = None) -> Reply:
        found = self.subject.token if token is None else token
        headers = {"Accept": "application/json", **({"Authorization": f"Bearer {found}"} if found else {})}
        query = f"?{urlencode(params)}" if params else ""
        return send("GET", f"{self.subject.url.rstrip('/')}{PATH}{query}", headers=headers)

    def say(self, rule: str, asks: str = "", *, ok: bool | None, says: str = "", todo: str = "") -> None:
        self.findings.append(Finding(rule, asks or _ASKS[rule], ok, says, todo))

    def no_redirect(self, first: Reply) -> None:
        ok = not 300 <= first.status < 400  # noqa: PLR2004 - the redirects
        self.say("no-redirect", ok=ok, says=f"status {first.status}", todo="Answer at the address itself.")

    def token(self, _: Reply) -> None:
        if not self.subject.token:
            self.say("token", ok=None, says="not tried: no --token-url given")
            return
        found = [self.ask({self.parameter: MADE_UP}, token=t).status for t in ("", "made-up-token")]
        ok = all(status in {401, 403} for status in found)
        says = f"without a token {found[0]}, with a made-up one {found[1]}"
        self.say("token", ok=ok, says=says, todo="Answer 401 when the bearer token is missing or not known.")

    def nothing_held(self, first: Reply) -> None:
        value = first.value()
        said = isinstance(value, dict) and "content" in value and not value["content"]
        empty = first.status == http.HTTPStatus.OK and (said or not first.body.strip())
        ok = (first.status == http.HTTPStatus.NO_CONTENT and not first.body) or empty
        todo = "Answer 204 without a body for a number you know the kind of but hold nothing under."
        self.say("nothing-held", ok=ok, says=f"status {first.status}", todo=todo)

    def not_used_here(self, _: Reply) -> None:
        status = self.ask({"kit-unknown-number": MADE_UP}).status
        todo = "Answer 209 when asked by a kind of number you do not keep. It says nothing about the person; 204 would."
        self.say("not-used-here", ok=status == NOT_USED_HERE, says=f"status {status}", todo=todo)

    def no_number(self, _: Reply) -> None:
        status = self.ask({}).status
        self.say(
            "no-number", ok=status == http.HTTPStatus.BAD_REQUEST, says=f"status {status}", todo="Answer 400."
        )

    def found(self, _: Reply) -> None:
        reply = self.ask(self.known)
        status_ok = reply.status == http.HTTPStatus.OK
        todo = "Answer 200 with what you hold; --number is that of an invented person in your test system."
        self.say("found", ok=status_ok, says=f"status {reply.status}", todo=todo)
        value = reply.value() if status_ok else None
        said = reply.headers.get("content-type", "").lower()
        json_ok = "application/json" in said and isinstance(value, dict)
        self._after(
            status_ok, "json", json_ok, "Send `Content-Type: application/json` and one JSON object in UTF-8."
        )
        held = value.get("content") if isinstance(value, dict) else None
        entries = held if isinstance(held, list) else [held]
        shaped = bool(held) and all(isinstance(e, dict) for e in entries)
        self._after(
            json_ok, "content", shaped, "Put what you hold in `content`: an object, or a list of objects."
        )
        dated = shaped and all(_DAY.search(json.dumps(e)) for e in entries)
        self._after(shaped, "dates", dated, "Give every entry the day it is about, as yyyy-MM-dd.")
        quick = reply.seconds <= _LONGEST_S and len(reply.body) <= _MOST
        self._after(
            status_ok, "in-time", quick, "Answer in a minute, with at most 100 MB; send files as attachments."
        )

    def _after(self, before: bool, rule: str, ok: bool, todo: str) -> None:  # noqa: FBT001 - two plain facts
        if before:
            self.say(rule, ok=ok, todo=todo)
        else:
            self.say(rule, ok=None, says="not tried: an earlier rule is broken")

    def period(self, _: Reply) -> None:
        long_ago = {"fromDate": "1900-01-01", "toDate": "1900-12-31"}
        limits = [long_ago, {"fromDate": "1900-01-01"}, {"toDate": "2999-12-31"}]
        found = [self.ask(self.known | limit).status for limit in limits]
        ok = all(status in {200, 204} for status in found)
        says = ", ".join(map(str, found))
        todo = "Take fromDate and toDate (yyyy-MM-dd), each alone or both."
        self.say("period", ok=ok, says=says, todo=todo)

    def same_again(self, _: Reply) -> None:
        first, second = (self.ask(self.known) for _ in range(2))
        contents = [json.dumps(_content(r), sort_keys=True) for r in (first, second)]
        ok = first.status == second.status and contents[0] == contents[1]
        todo = "Answer the same question with the same content, in the same order."
        self.say("same-again", ok=ok, todo=todo)

    def attachments(self, _: Reply) -> None:
        value = self.ask(self.known).value()
        listed = value.get("attachments") if isinstance(value, dict) else None
        if not listed:
            self.say("attachments", ok=None, says="not tried: none listed")
            return
        wrong = [] if isinstance(listed, list) else ["they are not a list"]
        for number, entry in enumerate(listed if isinstance(listed, list) else [], start=1):
            if problem := _misshapen(entry) or (number <= _ATTACHMENTS_TRIED and self._short(entry)):
                wrong.append(f"at place {number}: {problem}")
        todo = (
            "List attachmentNumber, filename, contentType, url and filesize for each, and send as many bytes."
        )
        self.say("attachments", ok=not wrong, says="; ".join(wrong) or f"{len(listed)} listed", todo=todo)

    def _short(self, entry: Mapping[str, Any]) -> str:
        target = urljoin(self.subject.url.rstrip("/") + "/", str(entry["url"]))
        own = urlsplit(target)[:2] == urlsplit(self.subject.url)[:2]
        headers = {h["name"]: h["value"] for h in entry.get("headers") or []}
        if own and self.subject.token:
            headers["Authorization"] = f"Bearer {self.subject.token}"
        reply = send("GET", target, headers={**headers, "Content-Type": str(entry["contentType"])})
        said = reply.headers.get("content-length") or str(entry.get("filesize", ""))
        if reply.status != http.HTTPStatus.OK:
            return f"it comes with status {reply.status}"
        if not said:
            return "nobody says how long it is"
        stated = {said, str(entry.get("filesize") or said)}
        return "" if stated == {str(len(reply.body))} else "it is not as long as it says"

    def health(self, _: Reply) -> None:
        reply = send("GET", f"{self.subject.url.rstrip('/')}/health/ping")
        value = reply.value()
        up = reply.status == http.HTTPStatus.OK and isinstance(value, dict) and value.get("status") == "UP"
        self.say("health", ok=True if up else None, says="" if up else "not there; it may be left out")


_ASKS = {
    "no-redirect": "it answers at its own address and sends nobody elsewhere",
    "token": "it gives nothing to anyone without a token",
    "nothing-held": "a number nobody has is answered with 204",
    "not-used-here": "a kind of number it does not keep is answered with 209",
    "no-number": "a question without any number is answered with 400",
    "found": "a known number is answered with 200",
    "json": "the answer is one JSON object in UTF-8",
    "content": "what is held stands in `content`",
    "dates": "every entry says what day it is about",
    "in-time": "the answer comes in time and is not too large",
    "period": "a period can be asked for",
    "same-again": "the same question gets the same answer",
    "attachments": "attachments are listed whole and come whole",
    "health": "`/health/ping` says that it is up",
}


_OF_SOMEBODY = ("found", "json", "content", "dates", "in-time", "period", "same-again", "attachments")
RULES = tuple(_ASKS)
"""Every rule by its name, after the first: that anything answers at all."""


def _content(reply: Reply) -> Any:
    value = reply.value()
    return value.get("content") if isinstance(value, dict) else None


def _misshapen(entry: object) -> str:
    if not isinstance(entry, dict):
        return "it is not an object"
    if not isinstance(entry.get("attachmentNumber"), int):
        return "attachmentNumber is not a number"
    for key in ("filename", "contentType", "url"):
        if not isinstance(entry.get(key), str) or not entry[key]:
            return f"{key} is missing"
    headers = entry.get("headers") or []
    ok = isinstance(headers, list) and all(isinstance(h, dict) and _is_header(h) for h in headers)
    return "" if ok else "headers is not a list of names and values that can be sent"


def _is_header(pair: Mapping[str, Any]) -> bool:
    name, value = pair.get("name"), pair.get("value")
    told = isinstance(value, str) and value.isascii() and value.isprintable()
    return told and isinstance(name, str) and bool(re.fullmatch("[A-Za-z0-9_-]+", name))


def subject_of(url: str, *, token_url: str, client_id: str, number: str) -> Subject:
    """The service as the command line describes it.

    :raises KitProblem: something is missing or cannot be used.
    """
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise KitProblem("the address is not a web address")
    parameter, equals, value = number.partition("=")
    if number and not (parameter and equals and value):
        raise KitProblem("--number is written like nhs=9990000018")
    token = ""
    if token_url:
        secret = os.environ.get(SECRET, "")
        if not client_id or not secret:
            raise KitProblem(f"--token-url needs --client-id, and the secret in the variable {SECRET}")
        token = fetch_token(token_url, client_id, secret)
    return Subject(url, token, (parameter, value) if number else None)


def report(findings: Sequence[Finding], *, as_json: bool, say: Callable[[str], None]) -> bool:
    """Say every finding; whether no rule is broken."""
    broken = [f for f in findings if f.ok is False]
    if as_json:
        say(json.dumps({"passed": not broken, "rules": [f.as_report() for f in findings]}))
        return not broken
    for finding in findings:
        for line in finding.lines():
            say(line)
    kept = sum(f.ok is True for f in findings)
    untried = sum(f.ok is None for f in findings)
    say(f"{kept} rules kept, {len(broken)} broken, {untried} not tried.")
    return not broken


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit 0: no rule is broken; 1: one is; 2: the check could not be made."""
    parser = argparse.ArgumentParser(description="Does a service speak the subject-access contract?")
    parser.add_argument("url", help="the address of the service, without /subject-access-request")
    parser.add_argument("--token-url", default="", help=f"where a token is had; the secret in ${SECRET}")
    parser.add_argument("--client-id", default="", help="the client that may have one")
    parser.add_argument("--number", default="", help="an invented person's number, like nhs=9990000018")
    parser.add_argument("--json", action="store_true", help="for scripts")
    given = parser.parse_args(arguments)
    try:
        subject = subject_of(
            given.url, token_url=given.token_url, client_id=given.client_id, number=given.number
        )
    except KitProblem as fault:
        print(f"check: {fault}.", file=sys.stderr)
        return 2
    return 0 if report(Check(subject).run(), as_json=given.json, say=print) else 1


if __name__ == "__main__":
    raise SystemExit(main())
