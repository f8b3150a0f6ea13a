"""The list of what a pack holds, by digest of what was disclosed. Nothing undisclosed is digested.

Canonical JSON: UTF-8, keys sorted, no spaces. A record's digest is the SHA-256 of its own canonical JSON;
the whole's is the SHA-256 of the data copy, byte for byte, so a family can check that file as well.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sar.domain.disclosure import DisclosedRecord, Hidden, Pack

ATTACHMENT = "manifest.json"
FORMAT = "subject-access-pack/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the PDF carries inside it."""

    reference: str
    round: int
    dated_on: str
    trail_head: str
    content_sha256: str
    records: tuple[str, ...]
    generated: tuple[str, ...]

    @classmethod
    def of(cls, pack: Pack, data: bytes) -> Manifest:
        """The manifest of a pack and its data copy."""
        return cls(
            reference=pack.reference,
            round=pack.round,
            dated_on=pack.dated_on.isoformat(),
            trail_head=pack.trail_head,
            content_sha256=hashlib.sha256(data).hexdigest(),
            records=tuple(digest(r) for r in pack.records),
            generated=tuple(digest(r) for r in pack.generated),
        )

    @classmethod
    def read(cls, content: bytes) -> Manifest:
        """Read one back. Raises ValueError, KeyError or TypeError when it is none of ours."""
        given = json.loads(content)
        if given["format"] != FORMAT:
            raise ValueError("not a manifest of ours")
        return cls(
            reference=str(given["reference"]),
            round=int(given["round"]),
            dated_on=str(given["dated_on"]),
            trail_head=str(given["trail_head"]),
            content_sha256=str(given["content_sha256"]),
            records=tuple(map(str, given["records"])),
            generated=tuple(map(str, given["generated"])),
        )

    def to_json(self) -> bytes:
        return canonical({"format": FORMAT, **asdict(self)})


def canonical(value: Any) -> bytes:
    """One spelling of a JSON value."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def digest(record: DisclosedRecord) -> str:
    """SHA-256 of a record as disclosed."""
    return hashlib.sha256(canonical(plain_record(record))).hexdigest()


def data_copy(pack: Pack) -> bytes:
    """The same content as the pages, for programs."""
    front = {
        name: plain(getattr(pack, name))
        for name in (
            "reference", "round", "dated_on", "received_on", "due_on", "recipient", "subject", "controllers",
            "letter", "clock_steps", "gaps", "grounds", "withheld_whole", "rights", "next_steps", "glossary",
            "trail_head", "search", "people", "alert_lives", "parents_told", "recipients", "contradictions",
            "complaint_trail",
        )
    }  # fmt: skip
    numbered = [{"number": n, **plain_record(r)} for n, r in enumerate(pack.records, start=1)]
    return canonical({"format": FORMAT, **front, "records": numbered})


def plain(value: Any) -> Any:
    """Values as JSON holds them."""
    if isinstance(value, DisclosedRecord):
        return plain_record(value)
    if isinstance(value, tuple):
        return [plain(v) for v in value]
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


def plain_record(record: DisclosedRecord) -> dict[str, Any]:
    """A record with its placeholders as ``{"withheld": letter}``, which no text can be mistaken for."""
    return {
        "kind": record.kind,
        "dated_on": record.dated_on.isoformat(),
        "origin": record.origin,
        "controller": record.controller,
        "found_by": record.found_by,
        "retrieved_on": record.retrieved_on.isoformat(),
        "also_held_in": list(record.also_held_in),
        "passages": [
            {
                "label": p.label,
                "pieces": [
                    {"withheld": piece.ground} if isinstance(piece, Hidden) else {"text": piece.text}
                    for piece in p.pieces
                ],
            }
            for p in record.passages
        ],
    }
