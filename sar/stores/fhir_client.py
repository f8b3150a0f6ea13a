"""FHIR R4 over HTTP: reading and searching, pages followed on the same origin only."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sar.domain.errors import StoreRefused, UnreadableItem
from sar.stores.fhir_shapes import Resource, an_object, dicts, named
from sar.stores.http import HttpSession, refused
from sar.stores.http_exchange import Query, Reply, each_field, is_legible

_ACCEPT = "application/fhir+json"
_OK = 200
_DELETED = 410
_GONE = frozenset({404, _DELETED})
_FORBIDDEN = 403
_BAD = 400
_NOT_OFFERED = frozenset({404, 405, 501})
_UNSUPPORTED = frozenset({400, 404, 405, 410, 422, 501})
_TOLD = frozenset({_FORBIDDEN, 501})
MAX_PAGES = 2000
_FRUITLESS = 10
"""So many pages after one another without a new entry: it goes in circles."""

Hold = Callable[[str, str, str], None]
"""An item, why it is held back, and the code."""


@dataclass(slots=True)
class _Walk:
    """One walk through pages."""

    name: str
    """What was asked: a resource type, for the officer's list."""
    asked: set[str] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)
    """What came, as numbers: the names of a hundred thousand entries would take more room than all else."""
    fruitless: int = 0
    total: int | None = None
    counted: set[int] | None = None
    """Where the first page says how many there are, what came of them: two texts under one number are two."""
    uncounted: int = 0
    """Where it does not say, how many numbers came. A later page may still say; then this is the least there are."""

    @property
    def matches(self) -> int:
        """How many came of what was asked for, each once however often; what came along with it does not count."""
        return self.uncounted if self.counted is None else len(self.counted)

    def add(self, number: int, which: int | None) -> None:
        """One entry more.

        :param which: what it is, where it is what was asked for.
        """
        if which is not None and self.counted is not None:
            self.counted.add(which)
        elif which is not None:
            self.uncounted += number not in self.seen
        self.seen.add(number)


class FhirClient:
    """The questions a FHIR server is asked.

    What is wrong with one entry of a bundle is told to ``hold``; the rest of the bundle goes on.
    """

    def __init__(
        self,
        session: HttpSession,
        label: str,
        *,
        page_size: int = 50,
        max_pages: int = MAX_PAGES,
        hold: Hold | None = None,
    ) -> None:
        self._session = session
        self._label = label
        self._page_size = page_size
        self._max_pages = max_pages
        self._hold = hold or (lambda *_: None)
        self._seen: dict[str, Resource | None] = {}
        self.warned: dict[str, None] = {}
        """The questions to which the server attached a warning."""
        self.not_asked_for: dict[str, None] = {}
        """What the server cannot be asked for, in words."""

    def search(self, kind: str, **params: str) -> Iterator[Resource]:
        """Every match, page by page. Endless or circling pages are refused."""
        yield from self._pages(kind, {**params, "_count": str(self._page_size)}, kind)

    def search_many(self, kind: str, params: Query) -> Iterator[Resource]:
        """``search`` with parameter names that are not Python names, or with several values of one."""
        yield from self._pages(kind, {**params, "_count": str(self._page_size)}, kind)

    def everything(self, patient: str, params: Mapping[str, str]) -> Iterator[Resource]:
        """All that the server itself thinks belongs to a patient."""
        asked = {**params, "_count": str(self._page_size)}
        yield from self._pages(f"{patient}/$everything", asked, "$everything")

    def count(self, kind: str, params: Mapping[str, str]) -> int:
        """How many matches there are, without fetching them; 0 for a type the server does not offer."""
        reply = self._session.get(kind, {**params, "_summary": "count"}, accept=_ACCEPT, told=_TOLD)
        if reply.status in _UNSUPPORTED | {_FORBIDDEN}:
            return 0
        bundle = self._bundle_in(reply)
        total = bundle.get("total")
        return total if isinstance(total, int) and total >= 0 else len(dicts(bundle.get("entry")))

    def history(self, reference: str) -> list[Resource]:
        """All versions of a resource, oldest first; none when the server says that it keeps none."""
        if not _is_reference(reference):
            return []
        try:
            versions = list(self._pages(f"{reference}/_history", {}, reference))
        except NotOffered:
            return []
        except (StoreRefused, UnreadableItem):
            self._hold(reference, "its earlier versions could not be read", "incomplete")
            return []
        return sorted((v for v in versions if named(v) == reference), key=_version)

    def statement(self) -> Resource | None:
        """The CapabilityStatement; None when the server gives none that can be read."""
        try:
            reply = self._session.get("metadata", accept=_ACCEPT, told=_TOLD)
            body = reply.json(self._label, pairs=each_field) if reply.status == _OK else None
        except (StoreRefused, UnreadableItem):
            return None
        return body if isinstance(body, dict) else None

    def read(self, reference: str) -> Resource | None:
        """One resource by a relative reference; None when the server does not have it, or not for us."""
        if not _is_reference(reference):
            return None
        if reference not in self._seen:
            self._seen[reference] = None
            try:
                reply = self._session.get(reference, accept=_ACCEPT, told=_TOLD)
                body = reply.json(self._label, pairs=each_field) if reply.status == _OK else None
                self._seen[reference] = body if isinstance(body, dict) and is_legible(body) else None
            except (StoreRefused, UnreadableItem):
                self._hold(reference, "an entry that others refer to could not be read", "unreadable")
        return self._seen[reference]

    def remember(self, resource: Resource) -> None:
        """An entry that came along with others: it need not be asked for."""
        self._seen.setdefault(named(resource), resource)

    def attachment(self, attachment: Mapping[str, Any]) -> tuple[bytes, str]:
        """The bytes of an attachment and their media type.

        :raises UnreadableItem: it is not there, not whole, or too large.
        """
        media_type = str(attachment.get("contentType") or "")
        size = attachment.get("size")
        if attachment.get("data"):
            return _whole(_decode(str(attachment["data"])), size), media_type
        if not attachment.get("url"):
            raise UnreadableItem("A document without content.", next_step="Ask the store's owner for it.")
        reply = self._session.get_item(str(attachment["url"]), accept=_ACCEPT)
        if reply.status != _OK:
            was = "has deleted" if reply.status == _DELETED else "does not have"
            raise UnreadableItem(
                f"A document that the server lists but {was}.", next_step="Ask the store's owner for it."
            )
        if "json" not in reply.content_type:
            return _whole(reply.content, size), media_type or reply.content_type.partition(";")[0]
        try:
            binary = reply.json(self._label, pairs=each_field)
        except StoreRefused as broken:
            raise UnreadableItem("A document that arrived broken.", next_step="Ask for it again.") from broken
        content = _decode(str(an_object(binary).get("data") or ""))
        if not content:
            raise UnreadableItem("A document that did not arrive whole.", next_step="Ask for it again.")
        return _whole(content, size), media_type or str(an_object(binary).get("contentType") or "")

    def _pages(self, reference: str, params: Query, name: str) -> Iterator[Resource]:
        walk = _Walk(name)
        following: Query | None = params
        while reference:
            if reference in walk.asked or len(walk.asked) >= self._max_pages or walk.fruitless >= _FRUITLESS:
                raise refused(self._label, "its pages do not end")
            walk.asked.add(reference)
            reply = self._session.get(reference, following, accept=_ACCEPT, told=_TOLD)
            bundle = self._bundle_in(reply)
            found = len(walk.seen)
            for entry in self._entries(bundle, walk, check=reply.may_be_damaged):
                self._session.require_time()
                yield entry
            walk.fruitless = 0 if len(walk.seen) > found else walk.fruitless + 1
            reference = _next(bundle)
            following = None
        if walk.total is not None and walk.matches < walk.total:
            self._hold(name, "the server says that there is more of it than it sent", "incomplete")

    def _entries(self, bundle: Mapping[str, Any], walk: _Walk, *, check: bool) -> Iterator[Resource]:
        total = bundle.get("total")
        walk.total = total if isinstance(total, int) and not isinstance(total, bool) else walk.total
        if walk.total is not None and len(walk.asked) == 1:
            walk.counted = set()
        listed = bundle.get("entry")
        for entry in listed if isinstance(listed, list) else []:
            resource = entry.get("resource") if isinstance(entry, dict) else None
            if not isinstance(resource, dict):
                self._without_content(an_object(entry), walk)
            elif resource.get("resourceType") == "OperationOutcome":
                self._outcome(resource, walk.name)
            else:
                name = named(resource)
                walk.add(*_numbers(name, entry, resource, by_content=walk.counted is not None))
                if check and not is_legible(resource):
                    self._hold(name, "its letters are damaged: it was written in another code", "unreadable")
                else:
                    yield resource

    def _without_content(self, entry: Mapping[str, Any], walk: _Walk) -> None:
        """A deleted entry, or a hole: what it was is on the officer's list."""
        url = str(entry.get("fullUrl") or an_object(entry.get("request")).get("url") or "")
        native = "/".join(url.split("?", maxsplit=1)[0].rstrip("/").split("/")[-2:]) or walk.name
        hole = hash(str(entry.get("fullUrl") or f"hole {walk.matches}"))
        walk.add(hash(native), hole if _is_match(entry) else None)
        said = [
            str(an_object(entry.get(k)).get(v) or "")
            for k, v in (("request", "method"), ("response", "status"))
        ]
        if said[0] == "DELETE" or said[1].startswith(str(_DELETED)):
            self._hold(native, "the server lists it as deleted: ask the store's owner what it was", "deleted")
        else:
            self._hold(native, "an entry of the server's answer without content", "unreadable")

    def _outcome(self, outcome: Resource, name: str) -> None:
        severities = {str(i.get("severity") or "") for i in dicts(outcome.get("issue"))}
        if severities & {"error", "fatal"}:
            self._hold(name, "the server says that its answer is not whole", "incomplete")
        elif "warning" in severities:
            self.warned[name] = None

    def _bundle_in(self, reply: Reply) -> dict[str, Any]:
        if reply.status == _FORBIDDEN:
            said = refused(self._label, "it did not accept our credentials")
            raise ForbiddenQuestion(said.message, next_step=said.next_step)
        if reply.status != _OK:
            said = refused(self._label, f"it did not accept the question (status {reply.status})")
            raise self._refusal(reply)(said.message, next_step=said.next_step)
        bundle = reply.json(self._label, pairs=each_field)
        if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
            raise refused(self._label, "it did not answer with a FHIR bundle")
        return bundle

    def _refusal(self, reply: Reply) -> type[StoreRefused]:
        if reply.status in _NOT_OFFERED or (reply.status == _BAD and self._says_not_supported(reply)):
            return NotOffered
        return UnsupportedQuestion if reply.status in _UNSUPPORTED else StoreRefused

    def _says_not_supported(self, reply: Reply) -> bool:
        try:
            outcome = an_object(reply.json(self._label, pairs=each_field))
        except StoreRefused:
            return False
        return any(issue.get("code") == "not-supported" for issue in dicts(outcome.get("issue")))


class UnsupportedQuestion(StoreRefused):
    """The server does not offer this type or this way of asking, or takes this question for a wrong one."""


class NotOffered(UnsupportedQuestion):
    """The server says in so many words that it does not offer this."""


class ForbiddenQuestion(StoreRefused):
    """We may ask the server, but not this."""


def _next(bundle: Mapping[str, Any]) -> str:
    return next(
        (str(x.get("url") or "") for x in dicts(bundle.get("link")) if x.get("relation") == "next"), ""
    )


def _version(resource: Resource) -> tuple[int, str]:
    meta = an_object(resource.get("meta"))
    number = str(meta.get("versionId") or "")
    return (int(number) if number.isdecimal() else 0, str(meta.get("lastUpdated") or ""))


def _is_match(entry: object) -> bool:
    """Whether it is what was asked for, not what came along with it."""
    search = entry.get("search") if isinstance(entry, dict) else None
    return not isinstance(search, dict) or search.get("mode", "match") == "match"


# Made once: it is asked for every entry that comes.
_in_order = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


def _numbers(
    name: str, entry: Mapping[str, Any], resource: Resource, *, by_content: bool
) -> tuple[int, int | None]:
    """What an entry is, as numbers, so that the same one is known again when a page repeats it.

    Once by its own number and version, and once, if it is what was asked for, as it is counted.
    """
    meta = an_object(resource.get("meta"))
    version = meta.get("versionId", "")
    number = hash(f"{name}#{version}")
    if not _is_match(entry):
        return number, None
    state = version or meta.get("lastUpdated")
    if not state and by_content:
        # Without either, two different entries under one number are told apart by what they hold.
        try:
            state = _in_order(resource)
        except RecursionError:
            state = ""
    return number, number if state == version else hash(f"{name}#{state}")


def _is_reference(reference: str) -> bool:
    kind, _, native = reference.partition("/")
    return kind.isalpha() and bool(native) and all(c.isalnum() or c in "-._" for c in native)


def _whole(content: bytes, size: object) -> bytes:
    if isinstance(size, int) and not isinstance(size, bool) and size != len(content):
        raise UnreadableItem("A document that did not arrive whole.", next_step="Ask for it again.")
    return content


def _decode(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise UnreadableItem("A document whose bytes are damaged.", next_step="Ask for it again.") from None
