"""Attachments of the subject-access contract: checked by length, kept under number and name, each for itself."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sar.domain.errors import UnreadableItem
from sar.domain.records import Passage
from sar.ports.gathering import DocumentReader
from sar.stores.answers import AnswerBuilder
from sar.stores.documents import not_read, passages_of_documents
from sar.stores.http import HttpSession, Reply, listed_headers
from sar.stores.values import readable

_OK = 200
_SHORT = "an attachment that did not arrive whole"


class Attachments:
    """The attachments of one answer. A bad one is held back; the entries and the others go on."""

    def __init__(
        self, body: Mapping[str, Any], answer: AnswerBuilder, *, session: HttpSession, reader: DocumentReader
    ) -> None:
        self._answer = answer
        self._session = session
        self._reader = reader
        self._opens = True
        listed = body.get("attachments")
        self._listed: list[dict[str, Any]] = []
        if listed is not None and not isinstance(listed, list):
            answer.hold("attachments", "attachments that are not listed as the contract says", "unreadable")
        for place, entry in enumerate(listed if isinstance(listed, list) else [], start=1):
            if isinstance(entry, dict):
                self._listed.append(entry)
            else:
                answer.hold(
                    f"attachment at place {place}",
                    "an attachment not listed as the contract says",
                    "unreadable",
                )

    @property
    def stated_bytes(self) -> int:
        """How large they are, as far as the service says."""
        sizes = (entry.get("filesize") for entry in self._listed)
        return sum(s for s in sizes if isinstance(s, int) and not isinstance(s, bool) and s > 0)

    def unopened(self) -> Attachments:
        """The same, for counting: nothing is fetched."""
        self._opens = False
        return self

    def place(self, entries: Sequence[object]) -> dict[int, list[dict[str, Any]]]:
        """Which attachment goes with which entry: the one that names its number, else the first."""
        placed: dict[int, list[dict[str, Any]]] = {}
        if not self._listed:
            return placed
        named = {n: i for i, entry in reversed(list(enumerate(entries))) for n in _numbers_in(entry)}
        for entry in self._listed:
            placed.setdefault(named.get(_number(entry), 0), []).append(entry)
        return placed

    def read(self, attached: Iterable[Mapping[str, Any]], entry: object) -> list[Passage]:
        """The attachments of one entry and the pictures inside it, as passages."""
        if not self._opens:
            return []
        passages: list[Passage] = []
        for each in (*attached, *_pictures_in(entry)):
            passages += self._one(each)
        return passages

    def hold_all(self) -> None:
        """There is no entry that they could go with."""
        for entry in self._listed:
            self._answer.hold(_key(entry), "an attachment that belongs to no entry", "undated")

    def hold(self, attached: Iterable[Mapping[str, Any]]) -> None:
        """The entry that they go with was held back; most of them name none, and were only put there."""
        for entry in attached:
            self._answer.hold(_key(entry), "an attachment of an entry that is held back", "incomplete")

    def _one(self, entry: Mapping[str, Any]) -> list[Passage]:
        said = clean(readable(entry.get("name")))
        number, name = _number(entry), clean(readable(entry.get("filename"))) or said
        try:
            return [
                Passage(
                    label="Attached file",
                    text=f"{number}: {name}" + (f" ({said})" if said not in {"", name} else ""),
                ),
                *self._content(entry, name),
            ]
        except UnreadableItem as fault:
            self._answer.hold(_key(entry), fault.message, fault.field or "unreadable")
        except (AttributeError, TypeError, KeyError, ValueError, OverflowError, RecursionError):
            self._answer.hold(_key(entry), "an attachment not listed as the contract says", "unreadable")
        return []

    def _content(self, entry: Mapping[str, Any], name: str) -> list[Passage]:
        url, media_type = entry.get("url"), readable(entry.get("contentType"))
        if not isinstance(url, str) or not url.strip():
            raise _unreadable("an attachment without an address")
        headers = {"Accept-Encoding": "identity", **listed_headers(entry.get("headers"))}
        if media_type.isascii() and media_type.isprintable() and media_type:
            # An oddity of the contract: the question carries the type of the answer.
            headers["Content-Type"] = media_type
        accept = media_type if "Content-Type" in headers and "/" in media_type else "*/*"
        reply = self._session.get_item(url.strip(), accept=accept, headers=headers)
        _require_whole(reply, entry.get("filesize"))
        documents = self._reader.read(reply.content, name=name, media_type=media_type)
        unread = dict.fromkeys(why for document in documents for why in not_read(document))
        for which, why in enumerate(unread, start=1):
            self._answer.hold(f"{_key(entry)}#not-read-{which}", why, "unreadable")
        return list(passages_of_documents(documents))


def _require_whole(reply: Reply, filesize: object) -> None:
    """Its length is what the answer's head says, else what the list says. Without either nobody knows."""
    if reply.status != _OK:
        raise _unreadable(_SHORT)
    stated = filesize if isinstance(filesize, int) and not isinstance(filesize, bool) else None
    if reply.length is None and stated is None:
        raise _unreadable("an attachment whose length nobody states")
    # Stricter than the contract: where both are stated, both must be right.
    if len(reply.content) not in {reply.length, stated} or (
        stated is not None and stated != len(reply.content)
    ):
        raise _unreadable(_SHORT)


def _unreadable(why: str) -> UnreadableItem:
    return UnreadableItem(why, next_step="Ask the store's owner for it.", field="unreadable")


def _number(entry: Mapping[str, Any]) -> str:
    return readable(entry.get("attachmentNumber"))


def _key(entry: Mapping[str, Any]) -> str:
    """By number and name: file names are not unique, and numbers have been given twice."""
    name = clean(readable(entry.get("filename")))
    return " ".join(filter(None, ("attachment", "-".join(filter(None, (_number(entry), name))))))


def clean(name: str) -> str:
    """A file name without marks that hide what it is, and with plain single spaces."""
    text = unicodedata.normalize("NFKC", html.unescape(name))
    spaced = "".join(" " if c.isspace() else c for c in text)
    return " ".join("".join(c for c in spaced if unicodedata.category(c)[0] != "C").split())


def _objects_in(entry: object) -> Iterator[dict[str, Any]]:
    heap = [entry]
    while heap:
        top = heap.pop()
        if isinstance(top, dict):
            yield top
            heap += top.values()
        elif isinstance(top, list):
            heap += top


def _numbers_in(entry: object) -> Iterator[str]:
    for found in _objects_in(entry):
        if "attachmentNumber" in found:
            yield readable(found["attachmentNumber"])


def _pictures_in(entry: object) -> Iterator[dict[str, Any]]:
    """A picture that stands in the content itself: a type of picture and an address."""
    for found in _objects_in(entry):
        if str(found.get("contentType") or "").startswith("image/") and isinstance(found.get("url"), str):
            yield found
