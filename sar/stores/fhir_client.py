"""FHIR R4 over HTTP: reading and searching, pages followed on the same origin only."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from sar.domain.errors import UnreadableItem
from sar.stores.fhir_shapes import Resource, dicts
from sar.stores.http import HttpSession, refused

_ACCEPT = "application/fhir+json"
_OK = 200
_GONE = frozenset({404, 410})
MAX_PAGES = 1000


class FhirClient:
    """The questions a FHIR server is asked."""

    def __init__(
        self, session: HttpSession, label: str, *, page_size: int = 50, max_pages: int = MAX_PAGES
    ) -> None:
        self._session = session
        self._label = label
        self._page_size = page_size
        self._max_pages = max_pages
        self._seen: dict[str, Resource | None] = {}

    def search(self, kind: str, **params: str) -> Iterator[Resource]:
        """Every match, page by page. Endless or circling pages are refused."""
        yield from self._pages(kind, {**params, "_count": str(self._page_size)}, only=kind)

    def search_many(self, kind: str, params: Mapping[str, str]) -> Iterator[Resource]:
        """``search`` with parameter names that are not Python names."""
        yield from self._pages(kind, {**params, "_count": str(self._page_size)}, only=kind)

    def history(self, reference: str) -> list[Resource]:
        """All versions of a resource, oldest first; none when the server keeps none."""
        versions = list(
            self._pages(f"{reference}/_history", {}, only=reference.partition("/")[0], lenient=True)
        )
        return sorted(versions, key=_version)

    def read(self, reference: str) -> Resource | None:
        """One resource by a relative reference; None when the server does not have it."""
        if reference not in self._seen:
            reply = self._session.get(reference, accept=_ACCEPT)
            body = reply.json(self._label) if reply.status == _OK else None
            self._seen[reference] = body if isinstance(body, dict) else None
        return self._seen[reference]

    def attachment(self, attachment: Mapping[str, Any]) -> tuple[bytes, str]:
        """The bytes of an attachment and their media type.

        :raises UnreadableItem: it is not there, not whole, or too large.
        """
        media_type = str(attachment.get("contentType") or "")
        if attachment.get("data"):
            return _decode(str(attachment["data"])), media_type
        if not attachment.get("url"):
            raise UnreadableItem("A document without content.", next_step="Ask the store's owner for it.")
        reply = self._session.get_item(str(attachment["url"]), accept=_ACCEPT)
        if reply.status != _OK:
            raise UnreadableItem(
                "A document that the server lists but does not have.",
                next_step="Ask the store's owner for it.",
            )
        if "json" not in reply.content_type:
            return reply.content, media_type or reply.content_type.partition(";")[0]
        binary = reply.json(self._label)
        content = _decode(str(binary.get("data") or "")) if isinstance(binary, dict) else b""
        size = attachment.get("size")
        if not content or (isinstance(size, int) and size != len(content)):
            raise UnreadableItem("A document that did not arrive whole.", next_step="Ask for it again.")
        return content, media_type or str(binary.get("contentType") or "")

    def _pages(
        self, reference: str, params: Mapping[str, str], *, only: str, lenient: bool = False
    ) -> Iterator[Resource]:
        asked: set[str] = set()
        following: Mapping[str, str] | None = params
        while reference:
            if reference in asked or len(asked) >= self._max_pages:
                raise refused(self._label, "its pages do not end")
            asked.add(reference)
            bundle = self._bundle(reference, following, lenient=lenient)
            for entry in dicts(bundle.get("entry")):
                resource = entry.get("resource")
                if isinstance(resource, dict) and resource.get("resourceType") == only:
                    yield resource
            reference = _next(bundle)
            following = None

    def _bundle(self, reference: str, params: Mapping[str, str] | None, *, lenient: bool) -> dict[str, Any]:
        reply = self._session.get(reference, params, accept=_ACCEPT)
        if lenient and reply.status in _GONE:
            return {}
        if reply.status != _OK:
            raise refused(self._label, f"it did not accept the question (status {reply.status})")
        bundle = reply.json(self._label)
        if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
            raise refused(self._label, "it did not answer with a FHIR bundle")
        return bundle


def _next(bundle: Mapping[str, Any]) -> str:
    return next(
        (str(x.get("url") or "") for x in dicts(bundle.get("link")) if x.get("relation") == "next"), ""
    )


def _version(resource: Resource) -> tuple[int, str]:
    meta = resource.get("meta") or {}
    number = str(meta.get("versionId") or "")
    return (int(number) if number.isdecimal() else 0, str(meta.get("lastUpdated") or ""))


def _decode(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise UnreadableItem("A document whose bytes are damaged.", next_step="Ask for it again.") from None
