"""What lays out, inspects, signs and sends: outward types only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from sar.domain.disclosure import ConsultedPassage, Leak, LetterWords, Needles, Pack


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
    message_id: str = ""
    """By which a letter that is sent again after a crash is known as the same one; empty: each is new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFacts:
    """All that a letter may be made of: typed dates, codes, words a person typed. Never a record."""

    kind: str
    """The name of its template."""
    reference: str
    to: str
    address: str
    organisation: str
    contact: tuple[str, ...]
    """How to reach us without the site."""
    site: str
    dated_on: date
    days: Mapping[str, date] = field(default_factory=dict)
    """Every date the letter says, by name; each worked out by the clock or the law, or a recorded fact."""
    dues: tuple[date, ...] = ()
    """The days by which answers are due, where one letter speaks of several parts of a request."""
    words: Mapping[str, LetterWords] = field(default_factory=dict)
    codes: frozenset[str] = frozenset()
    """What turns a sentence of the letter on."""
    passage: ConsultedPassage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFacts:
    """All that a notice to the keeper of a store may be made of.

    There is no place in it for a name, or for a word that anybody typed or a record holds.
    """

    kind: str
    """The name of its template."""
    reference: str
    store_label: str
    address: str
    organisation: str
    contact: tuple[str, ...]
    """Whom to ask."""
    link: str
    dated_on: date
    days: Mapping[str, date] = field(default_factory=dict)
    number: int = 0
    """Which reminder it is."""
    message_id: str = ""


class NoticeWriter(Protocol):
    """Puts the facts of a notice into its fixed sentences."""

    def notice(self, facts: NoticeFacts) -> Letter:
        """The notice exactly as it would leave. Raises NotFound for a kind without words."""
        ...


class LetterWriter(Protocol):
    """Puts facts into the words of a letter."""

    def write(self, facts: LetterFacts) -> Letter:
        """The letter exactly as it would leave. Raises NotFound for a kind without words."""
        ...


class Outbox(Protocol):
    """Where letters and messages leave. Everything passes the gate first."""

    def send(self, letter: Letter, *, at: datetime) -> str:
        """Hand over for delivery; a receipt."""
        ...
