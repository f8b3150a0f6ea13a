"""A mailbox on an IMAP server. It is only looked at: no mail is marked as read, moved or changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from sar.domain.errors import StoreUnavailable, UnreadableItem
from sar.domain.parties import IdentifierKind
from sar.domain.records import AnswerKind, StoreAnswer, SubjectQuery
from sar.ports.gathering import DocumentReader, Estimate, ReadDocument, RecordSink
from sar.stores.answers import MALFORMED, NO_SENSE, AnswerBuilder, open_ended
from sar.stores.correspondents import correspondents
from sar.stores.described import MappedStore
from sar.stores.documents import not_read, passages_of_documents
from sar.stores.inside import NOT_ALL_READ, judged_inside
from sar.stores.mailbox_mapping import MailboxMapping
from sar.stores.mailbox_search import (
    Criteria,
    Term,
    attached,
    in_several_forms,
    in_signs,
    is_only_text,
    terms_for,
    within,
)
from sar.stores.mailbox_session import Envelope, MailboxSession, MailboxSettings, OpenFolder, TooMuch
from sar.stores.names import Judgement, Sameness, numbers_of
from sar.stores.values import as_date

_WINDOW = 5_000
_CHUNK = 500
_PATIENCE = 5
_MOST_IN_SIGNS = 10_000
CLOSED_FOLDER = "a mail folder that could not be opened"
GONE = "a mail that was gone, or not given to us, when we came to read it"
NOT_ALL_SIGNS = (
    "{:,} mails whose pages write letters as signs were not read: there are more than we read for one person"
)
TOO_LARGE = "a mail larger than we read by machine"


class MailboxStore(MappedStore[MailboxSettings, MailboxMapping]):
    """One mailbox. The server narrows down, what it finds is read and judged here."""

    def check(self) -> str:
        """Whether it lets us in, and what we see there."""
        with self._session() as session:
            opened = [session.examine(name) for name in session.folders(self._mapping.folders)]
        mails = sum(folder.mails for folder in opened if folder)
        said = f"{self._description.label}: the mailbox opens; {len(opened)} folders, {mails} mails"
        closed = opened.count(None)
        return f"{said}, {closed} folders that do not open to us." if closed else f"{said}."

    def estimate(self, query: SubjectQuery, *, at: datetime) -> Estimate:
        """What the server finds by name and number, and how much there is to read; no mail is fetched."""
        query = open_ended(query, at)
        named = others = size = 0
        with self._session() as session:
            for folder in filter(None, map(session.examine, session.folders(self._mapping.folders))):
                for window in _windows(folder):
                    hits = self._named(session, window, query)
                    carriers = self._carrying(session, window, query) | self._signs(session, window, query)
                    carriers -= hits
                    named, others = named + len(hits), others + len(carriers)
                    size += sum(e.size for e in _envelopes(session, hits | carriers))
        held = named or others
        return Estimate(
            kind=AnswerKind.FOUND if held else AnswerKind.NOTHING_HELD,
            records=named,
            is_exact=not held,
            megabytes=size / 1024 / 1024,
        )

    def answer(self, query: SubjectQuery, *, at: datetime, into: RecordSink | None = None) -> StoreAnswer:
        """Everything held about one data subject, one mail in memory at a time."""
        query = open_ended(query, at)
        answer = AnswerBuilder(self._description, query, at, into=into)
        for kind in IdentifierKind:
            if numbers_of(query.subject, kind):
                answer.searched_by(kind.value)
        if query.contacts:
            answer.searched_by("e-mail address")
        answer.searched_by("an initial with every surname")
        answer.searched_by("every name, with a number, date of birth or address in the same mail")
        if self._mapping.inside_attachments:
            answer.searched_by("the same inside attachments")
        with self._session() as session:
            look = _Look(session, self._mapping, self._reader, self._settings.max_bytes, answer)
            for name in session.folders(self._mapping.folders):
                folder = session.examine(name)
                if folder is None:
                    answer.hold(name, CLOSED_FOLDER, "unreadable")
                    continue
                for window in _windows(folder):
                    named = self._named(session, window, query)
                    known = named | self._carrying(session, window, query)
                    look.at(folder, sorted(known))
                    look.in_signs(folder, sorted(self._signs(session, window, query) - known))
        return answer.build(note=look.note())

    def _session(self) -> MailboxSession:
        return MailboxSession(self._settings, self._description.label)

    def _named(self, session: MailboxSession, window: str, query: SubjectQuery) -> set[int]:
        """Mails with a name or number of the subject, as far as the server can tell."""
        found: set[int] = set()
        period = within(query)
        for term in terms_for(query.subject, query.contacts):
            found.update(_searched(session, [window, *period], term))
        return found

    def _carrying(self, session: MailboxSession, window: str, query: SubjectQuery) -> set[int]:
        """Mails with attachments: no server is trusted to have looked inside."""
        if not self._mapping.inside_attachments:
            return set()
        narrowed = [window, *within(query)]
        found = set(session.search([*narrowed, *attached()]) or ())
        several = set(session.search([*narrowed, *in_several_forms()]) or ()) - found
        return found | set(_with_more(session, several))

    def _signs(self, session: MailboxSession, window: str, query: SubjectQuery) -> set[int]:
        """Mails in two forms whose page may name the subject in a way that a server does not read."""
        if not self._mapping.inside_attachments:
            return set()
        return set(session.search([window, *within(query), *in_signs(query.subject)]) or ())


def _windows(folder: OpenFolder) -> Iterator[str]:
    """Spans of a folder from its end to its beginning.

    A mail that somebody removes meanwhile moves later ones down, so that they may be met twice but never missed.
    """
    end = folder.mails
    while end > 0:
        yield f"{max(1, end - _WINDOW + 1)}:{end}"
        end -= _WINDOW


def _searched(session: MailboxSession, narrowed: Criteria, term: Term) -> list[int]:
    if term.is_ascii:
        return session.search([*narrowed, *term.criteria()]) or []
    found = session.search([*narrowed, *term.criteria()], charset="UTF-8")
    if found is None:
        found = session.search([*narrowed, *term.plainer().criteria()])
    return found or []


def _envelopes(session: MailboxSession, uids: set[int]) -> Iterator[Envelope]:
    rest = iter(sorted(uids))
    while chunk := list(islice(rest, _CHUNK)):
        yield from session.envelopes(chunk)


def _with_more(session: MailboxSession, uids: set[int]) -> Iterator[int]:
    """Those that carry more than text, and those of which the server does not say."""
    rest = iter(sorted(uids))
    while chunk := list(islice(rest, _CHUNK)):
        said = session.structures(chunk)
        yield from (uid for uid in chunk if not is_only_text(said.get(uid)))


class _Look:
    """Reading and judging the mails of one answer."""

    def __init__(
        self,
        session: MailboxSession,
        mapping: MailboxMapping,
        reader: DocumentReader,
        most: int,
        answer: AnswerBuilder,
    ) -> None:
        self._session = session
        self._mapping = mapping
        self._reader = reader
        self._most = most
        self._answer = answer
        self._broken = 0
        self._in_signs = 0
        self._left_in_signs: dict[str, int] = {}

    def at(self, folder: OpenFolder, uids: list[int]) -> None:
        """Each of these mails of a folder."""
        there: set[int] = set()
        for envelope in _envelopes(self._session, set(uids)):
            there.add(envelope.uid)
            try:
                self._mail(folder, envelope)
            except MALFORMED:
                self._answer.hold(_native(folder, envelope.uid), NO_SENSE, "unreadable")
        for uid in sorted(set(uids) - there):
            self._answer.hold(_native(folder, uid), GONE, "unreadable")

    def in_signs(self, folder: OpenFolder, uids: list[int]) -> None:
        """Each of these mails, read for what its page may hide; the newest first, and no more than is reasonable."""
        read = uids[max(0, len(uids) - max(0, _MOST_IN_SIGNS - self._in_signs)) :]
        self._in_signs += len(read)
        self.at(folder, read)
        if left := len(uids) - len(read):
            self._left_in_signs[folder.name] = self._left_in_signs.get(folder.name, 0) + left

    def note(self) -> str:
        """How many mails were read because of their pages; those that were not are held back."""
        for name, left in self._left_in_signs.items():
            self._answer.hold(name, NOT_ALL_SIGNS.format(left), "incomplete")
        if not self._in_signs:
            return ""
        mails = "1 mail" if self._in_signs == 1 else f"{self._in_signs:,} mails"
        return f"Read here, because a page in it writes letters as signs: {mails}."

    def _mail(self, folder: OpenFolder, envelope: Envelope) -> None:
        native = _native(folder, envelope.uid)
        if envelope.size > self._most:
            self._answer.hold(native, TOO_LARGE, "too-large")
            return
        try:
            content = self._session.mail(envelope.uid)
        except TooMuch:
            self._answer.hold(native, TOO_LARGE, "too-large")
            self._again(folder)
            return
        if content is None:
            self._answer.hold(native, GONE, "unreadable")
            return
        try:
            documents = self._reader.read(content, name="mail.eml", media_type="message/rfc822")
        except UnreadableItem as fault:
            self._answer.hold(native, fault.message, fault.field or "unreadable")
            return
        self._judge(native, envelope, documents)

    def _judge(self, native: str, envelope: Envelope, documents: tuple[ReadDocument, ...]) -> None:
        whys = dict.fromkeys(why for document in documents for why in not_read(document))
        judged = self._judged(native, documents)
        if judged.sameness is Sameness.SAME:
            self._keep(native, envelope, documents, judged.found_by)
            for number, why in enumerate(whys, start=1):
                self._answer.hold(f"{native}#not-read-{number}", why, "unreadable")
        elif judged.sameness is Sameness.NEAR:
            self._answer.hold(native, judged.why, "near-name", facts=judged.facts)
        elif whys:
            self._answer.hold(native, NOT_ALL_READ, "unreadable")

    def _judged(self, native: str, documents: tuple[ReadDocument, ...]) -> Judgement:
        """All pieces of a mail are one: the name may stand in one and the number in another."""
        parts = tuple(part for document in documents for part in document.parts)
        whole = ReadDocument(parts=parts, media_type="message/rfc822")
        return judged_inside(native, whole, self._answer.query, by_stamp=self._mapping.filed_under)

    def _keep(
        self, native: str, envelope: Envelope, documents: tuple[ReadDocument, ...], found_by: str
    ) -> None:
        sent_on = next((d.dated_on for d in documents if d.dated_on), None)
        self._answer.record(
            native,
            self._mapping.kind_of(native.rsplit("/", 2)[0]),
            sent_on or as_date(envelope.received_at),
            list(passages_of_documents(documents)),
            found_by=found_by,
            people=[p for d in documents for p in correspondents(d, self._answer, self._mapping.domains)],
            entered_at=envelope.received_at,
        )

    def _again(self, folder: OpenFolder) -> None:
        """Come back after a mail that broke the connection; a server that does it always is left alone."""
        self._broken += 1
        if self._broken <= _PATIENCE:
            self._session.again()
            if self._session.examine(folder.name) == folder:
                return
        raise StoreUnavailable(
            f"{self._answer.description.label}: its answers kept breaking off.",
            next_step="It is asked again by itself; if it goes on, speak to the store's owner.",
        )


def _native(folder: OpenFolder, uid: int) -> str:
    return f"{folder.name}/{folder.validity}/{uid}"
