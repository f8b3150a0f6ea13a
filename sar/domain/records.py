"""What stores hold and answer. Everything here is unredacted: nothing that renders or sends may see it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum
from json.encoder import encode_basestring as _text

from sar.domain.parties import DataSubject, Person
from sar.domain.references import RecordKey, StoreName, SubjectId


class RecordKind(Enum):
    """What a record is, in the words a family reads."""

    ALERT = "alert"
    REFERRAL = "referral or contact"
    ASSESSMENT = "assessment"
    STRATEGY_DISCUSSION = "strategy discussion"
    SECTION_47 = "section 47 enquiry"
    CONFERENCE = "child protection conference"
    PLAN = "plan"
    REVIEW = "review"
    VISIT = "visit"
    CASE_NOTE = "case note"
    CORRESPONDENCE = "correspondence"
    COMPLAINT = "complaint"
    POLICE_NOTIFICATION = "police notification"
    SECTION_42 = "adult safeguarding enquiry (section 42)"
    SAFEGUARDING_PLAN = "safeguarding plan"
    PRACTICE_REVIEW = "practice review"
    DESIGNATED_OFFICER = "allegation against a professional (designated officer)"
    DBS = "DBS disclosure"
    ACCESS_LOG = "access-log entry"
    PERSON_DETAILS = "details held about a person"
    # Written by sar itself from what the stores answered; reviewed like any record.
    SEARCH_LOG = "what we searched"
    ALERT_LIFE = "life of an alert"
    PARENTS_TOLD = "should we have been told?"
    RECIPIENTS = "who was told"
    CONTRADICTIONS = "where the records disagree"
    PEOPLE_KEPT = "people named in these records"
    COMPLAINT_TRAIL = "complaints and corrections"

    @property
    def is_generated(self) -> bool:
        """True for the pages sar writes; they pass the same decisions and the same gate."""
        return self in _GENERATED


_GENERATED = frozenset(
    {
        RecordKind.SEARCH_LOG, RecordKind.ALERT_LIFE, RecordKind.PARENTS_TOLD, RecordKind.RECIPIENTS,
        RecordKind.CONTRADICTIONS, RecordKind.PEOPLE_KEPT, RecordKind.COMPLAINT_TRAIL,
    }
)  # fmt: skip


class DataClass(Enum):
    """Which body of law a record falls under: each kind has its own exemptions (DPA 2018 Sch 3)."""

    HEALTH = "health"
    """Data concerning health (Sch 3 para 2)."""
    SOCIAL_WORK = "social-work"
    """Social work data (paras 7 and 8): never what is health or education data."""
    EDUCATION = "education"
    """Education data (paras 13 to 17)."""
    OTHER = "other"
    UNKNOWN = ""
    """The store does not say: an officer decides before the record can go out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A labelled piece of a record. Labels come from mappings and extractors, never from free text."""

    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a record came from and how it was found."""

    store: StoreName
    store_label: str
    controller: str
    native_id: str
    found_by: str
    """In words: "NHS number", "council person number", "full name and date of birth"."""
    retrieved_at: datetime
    data_class: DataClass = DataClass.UNKNOWN
    """What the store says it holds."""
    entered_at: datetime | None = None
    """When the store says the record was first written, where it says so; not what the record is dated."""
    changed_at: datetime | None = None
    """When the store says the record was last changed, where it says so."""
    saved_on: date | None = None
    """The day a program noted inside the document as that of its last saving. Copying a file does not change it."""
    is_file_date: bool = False
    """``changed_at`` is only the date that a folder gives a file: copying the file sets it too."""


class AlertStep(Enum):
    """What can happen to an alert."""

    RAISED = "raised"
    COPIED = "copied to another place"
    RELABELLED = "re-labelled"
    REVIEWED = "reviewed"
    CLOSED = "closed"
    ENTERED_IN_ERROR = "marked as entered in error"
    STATUS = "present state"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEntry:
    """One dated fact in the life of one alert, as one store holds it."""

    alert_number: str
    """The number all systems share for it; the store's own id where none is shared."""
    step: AlertStep
    on: date
    by_role: str = ""
    category: str = ""
    recipient: str = ""
    """Who was told: organisation and role."""
    parents_told: bool | None = None
    reason_not_told: str = ""
    status: str = ""
    """``active``, ``inactive`` or ``entered-in-error`` (FHIR words); they are not the same."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A coded outcome that other stores can be compared with (``closed``, ``no concern``, ``factor 21``)."""

    code: str
    words: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One thing a store holds about a data subject."""

    key: RecordKey
    kind: RecordKind
    dated_on: date
    passages: tuple[Passage, ...]
    provenance: Provenance
    about: frozenset[SubjectId]
    people: tuple[Person, ...] = ()
    """People named in structured fields; they feed the register."""
    alert: tuple[AlertEntry, ...] = ()
    findings: tuple[Finding, ...] = ()
    copies: tuple[Provenance, ...] = ()
    """The same content found elsewhere: where a copy lives is what a correction needs."""
    _version: str = field(default="", init=False, repr=False, compare=False)
    """Remembered once it was worked out: it is asked for several times on the way in."""

    @property
    def data_class(self) -> DataClass:
        """What the record's own store, or any that holds a copy, says it is; health wins, for it has a gate."""
        said = [place.data_class for place in (self.provenance, *self.copies)]
        if DataClass.HEALTH in said:
            return DataClass.HEALTH
        return said[0]

    @property
    def version(self) -> str:
        """Digest of the content (hex). Held in sealed places only: it would confirm a guess."""
        if not self._version:
            # The JSON of a list, written by hand: a digest is taken of every record that comes in.
            said = ",".join([f"[{_text(p.label)},{_text(p.text)}]" for p in self.passages])
            content = f'[{_text(self.kind.value)},"{self.dated_on.isoformat()}",[{said}]]'
            object.__setattr__(self, "_version", hashlib.sha256(content.encode()).hexdigest())
        return self._version

    def also_about(self, subjects: frozenset[SubjectId]) -> Record:
        """The same record, found again for another data subject."""
        return replace(self, about=self.about | subjects)

    def with_copy(self, place: Provenance) -> Record:
        """The same record, with another place that holds it."""
        return self if place in self.copies else replace(self, copies=(*self.copies, place))


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectQuery:
    """What a store is asked: one data subject, every number and name we know, and the period."""

    subject: DataSubject
    from_on: date | None = None
    to_on: date | None = None
    confirmed: frozenset[str] = frozenset()
    """The store's own numbers of people whom an officer compared and found to be the subject."""
    ruled_out: frozenset[str] = frozenset()
    """The store's own numbers of people whom an officer compared and found to be somebody else."""
    seen_at: datetime | None = None
    """When the store last gave an answer about the subject: an estimate may say how much it has changed since."""
    contacts: tuple[str, ...] = ()
    """E-mail addresses known to be the subject's own. One that waits to be confirmed is not among them."""
    compared: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each of these numbers, digests of the facts that the officer saw: the decision holds for them alone. A number
    without any was decided on before digests were kept, and holds whatever the store says of it."""


class AnswerKind(Enum):
    """The meanings of a store's answer, in the words of the search log."""

    FOUND = "found"
    NOTHING_HELD = "nothing held"
    NOT_USED_HERE = "identifier not used here"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    SUSPENDED = "suspended: not asked for now"
    NEEDS_PERSON = "a person looks for it"
    NOT_OURS = "another controller's: signposted, not searched"

    @property
    def is_gap(self) -> bool:
        """True while it is still open whether this place holds anything."""
        return self in _GAPS


_GAPS = frozenset({AnswerKind.UNAVAILABLE, AnswerKind.REFUSED, AnswerKind.SUSPENDED, AnswerKind.NEEDS_PERSON})


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """One item a person must look at: unreadable, undated, or found by a near name only."""

    key: RecordKey
    why: str
    """Plain words without content: "a PDF with a password"."""
    code: str
    """``unreadable``, ``undated``, ``unknown-kind``, ``near-name``, ``duplicate-id``, ``too-large``, ``incomplete``,
    ``other-person``, ``several-numbers``, ``deleted``, ``not-allowed``."""
    facts: tuple[str, ...] = ()
    """For a near name: digests of what the store says of the person, so that a decision holds for that and no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAnswer:
    """One store's answer about one data subject, kept whatever it is."""

    store: StoreName
    store_label: str
    controller: str
    subject: SubjectId
    kind: AnswerKind
    asked_at: datetime
    searched_by: tuple[str, ...] = ()
    """Kinds of identifier or name used, in words, never their values."""
    records: tuple[Record, ...] = ()
    people: tuple[Person, ...] = ()
    held_back: tuple[HeldBack, ...] = ()
    note: str = ""
    """Plain words, no personal data: "did not answer in 10 seconds"."""
    attempt: int = 1
    total: int = 0
    """How many records were found; in an answer that was streamed they are not in ``records``."""
    pages: tuple[str, ...] = ()
    """Where the records of a streamed answer are kept, page by page."""
    ended_at: datetime | None = None
    from_on: date | None = None
    to_on: date | None = None
    """The period that was asked for."""
    terms: tuple[str, ...] = ()
    """The numbers and names we could give, with their values: for the officer's search log alone."""
    agreement: str = ""
    """The reference of the agreement by which another controller's store was read."""

    @property
    def found(self) -> int:
        """How many records this answer brought, wherever they are kept."""
        return self.total or len(self.records)

    @property
    def is_no_longer_ours(self) -> bool:
        """Whether we may not ask any more, and what we were lawfully given before stays ours to answer for."""
        return self.kind is AnswerKind.NOT_OURS and bool(self.found or self.held_back)

    @property
    def leaves_open(self) -> bool:
        """Whether the place may hold something that is not in this answer."""
        return self.kind.is_gap or self.is_no_longer_ours
