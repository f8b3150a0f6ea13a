"""What lays out, inspects, signs and sends: outward types only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sar.domain.disclosure import Leak, Needles, Pack


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPack:
    """A laid-out pack before its signature."""

    pdf: bytes
    html: bytes
    data: bytes
    """JSON of the same disclosed content."""
    pages: int
    manifest: bytes
    """JSON: SHA-256 of every disclosed piece, the reference, the round, the trail head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackProof:
    """What ``verify`` proved about a file."""

    signer_fingerprint: str
    reference: str
    round: int
    dated_on: str
    digest: str
    lines: tuple[str, ...]
    """Plain sentences: what is proved and what is not."""


class Renderer(Protocol):
    """Lays out a pack."""

    def render(self, pack: Pack) -> RenderedPack:
        """Tagged, dated PDF with the manifest inside, accessible HTML, data file."""
        ...


class Inspector(Protocol):
    """The release gate; independent of whatever redacted."""

    def inspect_pdf(self, content: bytes, needles: Needles) -> tuple[Leak, ...]:
        """Re-open a PDF and search everything in it."""
        ...

    def inspect_text(self, content: str, needles: Needles, *, place: str) -> tuple[Leak, ...]:
        """The same for HTML, data files, letters and messages."""
        ...


class PackSigner(Protocol):
    """PAdES signatures with the controller's own key."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the signing certificate, hex."""
        ...

    def sign(self, pdf: bytes, *, at: datetime) -> bytes:
        """The signed PDF."""
        ...


class PackVerifier(Protocol):
    """What anyone can check offline."""

    def verify(self, pdf: bytes) -> PackProof:
        """Raises PackAltered when any byte, digest or the signature does not agree."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Words of ours for one addressee. It holds nothing out of a record."""

    to: str
    address: str
    subject: str
    paragraphs: tuple[str, ...]
    kind: str
    """``acknowledgement``, ``sign-in-code``, ``pack-ready``, ``correction-notice`` ..."""
    attachments: tuple[tuple[str, bytes], ...] = ()


class Outbox(Protocol):
    """Where letters and messages leave. Everything passes the gate first."""

    def send(self, letter: Letter, *, at: datetime) -> str:
        """Hand over for delivery; a receipt."""
        ...
