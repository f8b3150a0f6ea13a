"""One case inside a transaction. Rows are gathered and written together; reading sees them at once."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, bindparam, func, insert, select, update

from sar.db.conversion import from_bytes, to_bytes
from sar.db.tables import cases, events, sealed_items
from sar.db.trails import KnownTrails, checked_facts, event_row, last_event_of, role_words
from sar.domain.errors import NotFound, OutOfOrder
from sar.domain.parties import Actor
from sar.domain.references import CaseId, CaseReference
from sar.domain.trail import Event, EventKind, Fact, next_event
from sar.ports.keeping import Collection, Packed
from sar.ports.sealing import BlobShelf, CaseSeals, Vault

T = TypeVar("T")

_BLOBS = "blob"
"""Where the names of documents on the shelf are kept; no ``Collection`` of the port has this value."""
_AT_ONCE = 400
"""Ids in one question: both databases take more, none takes any number."""
_LOOKED_UP = 30
"""Names of a collection that are looked up one by one; a reader of more reads all names at once."""
_HELD_ITEMS = 200
"""Sealed items that wait in memory before they are handed to the transaction."""

# Made once: to put such a question together takes longer than to have it answered, and a page asks hundreds.
_KEEP = insert(sealed_items)
_LAST_POSITION = select(func.max(sealed_items.c.position)).where(sealed_items.c.case_id == bindparam("case"))
_VALUE = select(sealed_items.c.sealed_value).where(sealed_items.c.id == bindparam("item"))
_VALUES = select(sealed_items.c.id, sealed_items.c.sealed_value).where(
    sealed_items.c.id.in_(bindparam("items", expanding=True))
)
_NAMES = select(
    sealed_items.c.position, sealed_items.c.id, sealed_items.c.name_digest, sealed_items.c.sealed_name
).where(sealed_items.c.case_id == bindparam("case"), sealed_items.c.collection == bindparam("collection"))


class SqlCaseFile:
    """Implements ``sar.ports.keeping.CaseFile``."""

    def __init__(
        self, connection: Connection, vault: Vault, shelf: BlobShelf, *,
        case: CaseId, reference: CaseReference, trails: KnownTrails, may_write: bool,
    ) -> None:  # fmt: skip
        self._connection = connection
        self._vault = vault
        self._shelf = shelf
        self._id = case
        self._reference = reference
        self._may_write = may_write
        self._trails = trails
        self._is_reading = not may_write
        self._trail: list[Event] | None = None
        self._last: Event | None = None
        self._last_known = False
        self._new_events: list[Event] = []
        self._new_items: list[dict[str, Any]] = []
        self._next_position = 0
        self._index: dict[str, dict[str, str]] = {}
        self._looked_up: Counter[str] = Counter()
        self._opened: dict[tuple[str, Any], Any] = {}
        self._held: CaseSeals | None = None
        self.recorded: list[Event] = []
        """Every event this transaction added."""
        self.shelved: list[str] = []
        """Names on the shelf that must go again when the transaction does not happen."""

    @property
    def id(self) -> CaseId:
        """The case."""
        return self._id

    @property
    def reference(self) -> CaseReference:
        """What people quote."""
        return self._reference

    def events(self) -> tuple[Event, ...]:
        """The whole trail, oldest first."""
        if self._trail is None:
            self.flush()
            self._trail = self._trails.of(self._connection, self._id, is_committed=self._is_reading)
        return tuple(self._trail)

    def record(
        self, kind: EventKind, *, at: datetime, by: Actor, leg: int | None = None, **facts: Fact
    ) -> Event:
        """Append to the trail."""
        self._must_write()
        event = next_event(
            case=self._id, last=self._newest(), at=at, kind=kind, by="family" if by.is_family else by.id,
            by_role=role_words(by), leg=leg, facts=checked_facts(facts),
        )  # fmt: skip
        self._last = event
        self._new_events.append(event)
        self.recorded.append(event)
        if self._trail is not None:
            self._trail.append(event)
        return event

    def keep(self, collection: Collection, name: str, value: object) -> str:
        """Seal a value as the newest version of ``name``; its id."""
        content = value.content if isinstance(value, Packed) else to_bytes(value)
        return self._keep(collection.value, name, content)

    def keep_all(self, collection: Collection, values: Mapping[str, object]) -> None:
        """``keep`` for many at once."""
        for name, value in values.items():
            self.keep(collection, name, value)

    def latest(self, collection: Collection, name: str, kind: type[T]) -> T:
        """The newest version. Raises NotFound."""
        item = self._newest_id(collection.value, name)
        return self._values(collection.value, [item], kind)[0]

    def find(self, collection: Collection, name: str, kind: type[T]) -> T | None:
        """The newest version, or None."""
        item = self._found_id(collection.value, name)
        return None if item is None else self._values(collection.value, [item], kind)[0]

    def every(self, collection: Collection, kind: type[T], *, under: str = "") -> tuple[T, ...]:
        """The newest version of each name that starts with ``under``, in the order first kept."""
        names = self._names(collection.value)
        wanted = [item for name, item in names.items() if name.startswith(under)]
        return tuple(self._values(collection.value, wanted, kind))

    def each(self, collection: Collection, kind: type[T], names: Iterable[str]) -> Iterator[T]:
        """The newest version of each name, one after the other; nothing is held."""
        for name in names:
            item = self._newest_id(collection.value, name)
            self.flush()
            sealed = self._connection.execute(_VALUE, {"item": item}).scalar_one()
            plain = self._seals.open(_place(collection.value, item, "value"), sealed)
            yield from_bytes(plain, kind)

    def names(self, collection: Collection, *, under: str = "") -> tuple[str, ...]:
        """The names kept, in the order first kept."""
        return tuple(name for name in self._names(collection.value) if name.startswith(under))

    def keep_blob(self, name: str, content: bytes) -> None:
        """Seal bytes on the shelf: under an id of their own, so that an older version is never harmed."""
        item = self._keep(_BLOBS, name, b"{}")
        self.shelved.append(item)
        self._shelf.put(self._id, item, content)

    def blob(self, name: str) -> bytes:
        """Open bytes from the shelf. Raises NotFound."""
        return self._shelf.get(self._id, self._newest_id(_BLOBS, name))

    def keyed_digest(self, data: bytes) -> str:
        """A digest safe to put in the trail: it dies with the case's key."""
        return self._seals.keyed_digest(b"trail/" + data)

    def flush(self) -> None:
        """Hand the gathered rows to the transaction."""
        if self._new_items:
            self._connection.execute(_KEEP, self._new_items)
            self._new_items = []
        if self._new_events:
            self._connection.execute(insert(events), [event_row(e) for e in self._new_events])
            head = self._new_events[-1].seq
            self._connection.execute(update(cases).where(cases.c.id == self._id).values(head_seq=head))
            self._new_events = []

    def close(self) -> None:
        """After the block nothing can be added: it would silently be lost."""
        self._may_write = False

    @property
    def _seals(self) -> CaseSeals:
        """The key as this transaction found it: a reading sees one moment, and asks for the key once."""
        if self._held is None:
            self._held = self._vault.held(self._id)
        return self._held

    def _must_write(self) -> None:
        if not self._may_write:
            raise OutOfOrder(
                "The case is open for reading, or was closed.",
                next_step="Open it for writing; everything that belongs together goes into one block.",
            )

    def _newest(self) -> Event | None:
        if not self._last_known:
            self._last = self._trail[-1] if self._trail else last_event_of(self._connection, self._id)
            self._last_known = True
        return self._last

    def _keep(self, collection: str, name: str, content: bytes) -> str:
        self._must_write()
        item = uuid.uuid4().hex
        self._new_items.append(
            {
                "id": item,
                "case_id": self._id,
                "position": self._position(),
                "collection": collection,
                "name_digest": self._name_digest(collection, name),
                "sealed_name": self._seals.seal(_place(collection, item, "name"), name.encode()),
                "sealed_value": self._seals.seal(_place(collection, item, "value"), content),
            }
        )
        if collection in self._index:
            self._index[collection][name] = item
        if len(self._new_items) >= _HELD_ITEMS:
            self.flush()
        return item

    def _position(self) -> int:
        if not self._next_position:
            self._next_position = self._connection.execute(_LAST_POSITION, {"case": self._id}).scalar() or 0
        self._next_position += 1
        return self._next_position

    def _name_digest(self, collection: str, name: str) -> str:
        return self._seals.keyed_digest(f"name/{collection}/{name}".encode())

    def _newest_id(self, collection: str, name: str) -> str:
        item = self._found_id(collection, name) or self._names(collection).get(name)
        if item is None:
            raise NotFound(
                f"The case holds no such {collection.replace('-', ' ')}.", next_step="Open the case again."
            )
        return item

    def _found_id(self, collection: str, name: str) -> str | None:
        """The newest version of one name. The first few are looked up by themselves, then all names are read."""
        self._looked_up[collection] += 1
        if collection in self._index or self._looked_up[collection] > _LOOKED_UP:
            return self._names(collection).get(name)
        self.flush()
        asked = (
            select(sealed_items.c.id, sealed_items.c.sealed_name)
            .where(
                sealed_items.c.case_id == self._id,
                sealed_items.c.collection == collection,
                sealed_items.c.name_digest == self._name_digest(collection, name),
            )
            .order_by(sealed_items.c.position.desc())
            .limit(1)
        )
        row = self._connection.execute(asked).first()
        if row is None:
            return None
        # The digest only leads there: who can write to the table could exchange digests, but no sealed names.
        if self._seals.open(_place(collection, row.id, "name"), row.sealed_name) == name.encode():
            return str(row.id)
        return self._names(collection).get(name)

    def _names(self, collection: str) -> dict[str, str]:
        """Name -> id of the newest version, in the order first kept."""
        if collection not in self._index:
            self.flush()
            # Put in order here: told to, SQLite walks over every item of the case for it, whatever the collection.
            asked = self._connection.execute(_NAMES, {"case": self._id, "collection": collection})
            rows = sorted(map(tuple, asked.all()))
            newest = {digest: (item, sealed) for _, item, digest, sealed in rows}
            opened = self._seals.open
            self._index[collection] = {
                opened(_place(collection, item, "name"), sealed).decode(): item
                for item, sealed in newest.values()
            }
        return self._index[collection]

    def _values(self, collection: str, items: Sequence[str], kind: type[T]) -> list[T]:
        missing = [item for item in items if (item, kind) not in self._opened]
        if missing:
            self.flush()
        for start in range(0, len(missing), _AT_ONCE):
            asked = {"items": missing[start : start + _AT_ONCE]}
            for item, sealed in self._connection.execute(_VALUES, asked):
                plain = self._seals.open(_place(collection, item, "value"), sealed)
                self._opened[item, kind] = from_bytes(plain, kind)
        return [cast("T", self._opened[item, kind]) for item in items]


def _place(collection: str, item: str, part: str) -> str:
    return f"{collection}/{item}/{part}"
