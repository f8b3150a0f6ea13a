"""The Accounts port over our database: what identifies anybody is digested or sealed before it is a row."""

from __future__ import annotations

import hmac
import json
import secrets
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import Connection, Engine, Row, Table, case, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sar.db.account_tables import attempts, family_grants, one_time_codes, sessions, staff_accounts
from sar.db.connecting import reading, writing
from sar.db.staff_checks import check_new, plain, sign_in_refused, totp_step
from sar.domain.errors import AlreadyDone, NotFound
from sar.domain.parties import StaffRole
from sar.domain.references import CaseId, CaseReference, StaffId, StoreName
from sar.ports.access import (
    CODE_GUESSES,
    CODE_LIFETIME,
    IDLE_LIMIT,
    LONGEST_SESSION,
    Grant,
    IssuedCode,
    Limit,
    NewStaff,
    Session,
    SessionKind,
    SessionOver,
    SignInRefused,
    StaffAccount,
    TooManyAttempts,
)
from sar.ports.sealing import Vault

_SEEN_EVERY = 30
"""Seconds between two notes that a session was seen, so that reading pages seldom writes."""
_KEPT_ATTEMPTS = 24 * 3600


class Accounts:
    """Accounts, grants, sessions, codes and limits."""

    def __init__(self, engine: Engine, vault: Vault, *, hasher: PasswordHasher | None = None) -> None:
        self._engine = engine
        self._vault = vault
        self._hasher = hasher or PasswordHasher()
        # Checked for names that do not exist, so that an answer takes as long for them.
        self._nobodys_hash = self._hasher.hash(secrets.token_hex(16))

    # --- sessions -------------------------------------------------------------------------------

    def open_session(self, *, token: str, kind: SessionKind, holder: str, at: datetime) -> Session:
        now = _seconds(at)
        oldest = now - int(LONGEST_SESSION.total_seconds())
        with writing(self._engine) as connection:
            old = select(sessions.c.id).where(sessions.c.started_at < oldest)
            connection.execute(delete(one_time_codes).where(one_time_codes.c.session_id.in_(old)))
            connection.execute(delete(sessions).where(sessions.c.started_at < oldest))
            connection.execute(delete(sessions).where(sessions.c.id == _digest(token)))
            connection.execute(
                insert(sessions).values(
                    id=_digest(token), kind=kind.value, holder=holder, started_at=now, seen_at=now
                )
            )
        return Session(kind=kind, holder=holder, started_at=_moment(now), seen_at=_moment(now))

    def session(self, token: str, *, at: datetime) -> Session:
        now = _seconds(at)
        with reading(self._engine) as connection:
            row = _session_row(connection, token)
        kind = SessionKind(row.kind)
        idle = now - row.seen_at > IDLE_LIMIT[kind].total_seconds()
        if idle or now - row.started_at > LONGEST_SESSION.total_seconds():
            raise _over()
        if now - row.seen_at >= _SEEN_EVERY:
            with writing(self._engine) as connection:
                # Only ever later: two pages opened at once must not shorten each other's time.
                newer = update(sessions).where(sessions.c.id == row.id, sessions.c.seen_at < now)
                connection.execute(newer.values(seen_at=now))
        return Session(kind=kind, holder=row.holder, started_at=_moment(row.started_at), seen_at=_moment(now))

    def close_session(self, token: str) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(one_time_codes).where(one_time_codes.c.session_id == _digest(token)))
            connection.execute(delete(sessions).where(sessions.c.id == _digest(token)))

    def close_sessions_of(self, holder: str) -> int:
        with writing(self._engine) as connection:
            return connection.execute(delete(sessions).where(sessions.c.holder == holder)).rowcount

    def keep_draft(self, token: str, values: Mapping[str, str]) -> None:
        name = _digest(token)
        sealed = self._vault.seal_own(f"session/{name}", json.dumps(dict(values)).encode())
        with writing(self._engine) as connection:
            kept = connection.execute(
                update(sessions).where(sessions.c.id == name).values(sealed_draft=sealed)
            )
            if kept.rowcount != 1:
                raise _over()

    def draft(self, token: str) -> dict[str, str]:
        name = _digest(token)
        with reading(self._engine) as connection:
            sealed = connection.execute(
                select(sessions.c.sealed_draft).where(sessions.c.id == name)
            ).scalar_one_or_none()
        if sealed is None:
            return {}
        opened: dict[str, str] = json.loads(self._vault.open_own(f"session/{name}", sealed))
        return opened

    # --- limits ---------------------------------------------------------------------------------

    def attempt(self, limit: Limit, subject: str, *, at: datetime) -> None:
        now, window = _seconds(at), int(limit.window.total_seconds())
        counted = self._own_digest("attempt", limit.kind, subject)
        first = self._insert(attempts).values(kind=limit.kind, subject=counted, started_at=now, count=1)
        over = attempts.c.started_at <= now - window
        again = first.on_conflict_do_update(
            index_elements=[attempts.c.kind, attempts.c.subject],
            set_={
                "count": case((over, 1), else_=attempts.c.count + 1),
                "started_at": case((over, now), else_=attempts.c.started_at),
            },
        ).returning(attempts.c.count)
        with writing(self._engine) as connection:
            connection.execute(delete(attempts).where(attempts.c.started_at < now - _KEPT_ATTEMPTS))
            count = int(connection.execute(again).scalar_one())
        if count > limit.most:
            minutes = window // 60
            raise TooManyAttempts(
                "That was tried too many times.",
                next_step=f"Wait {minutes} minutes, then try again. You can also ring or write to us.",
            )

    # --- one-time codes -------------------------------------------------------------------------

    def new_code(self, *, token: str, email: str, at: datetime) -> IssuedCode:
        number = f"{secrets.randbelow(10**6):06d}"
        holder, session_id = self._holder(email), _digest(token)
        with writing(self._engine) as connection:
            _session_row(connection, token)
            connection.execute(delete(one_time_codes).where(one_time_codes.c.session_id == session_id))
            connection.execute(
                insert(one_time_codes).values(
                    session_id=session_id, holder=holder, made_at=_seconds(at), guesses=0,
                    code_digest=self._own_digest("code", session_id, number),
                )
            )  # fmt: skip
            known = _is_known(connection, holder)
        return IssuedCode(code=number, is_known=known)

    def use_code(self, *, token: str, code: str, at: datetime) -> str:
        return self._use_code(token, code, at, fits=_is_known)

    def prove_address(self, *, token: str, email: str, code: str, at: datetime) -> str:
        wanted = self._holder(email)
        return self._use_code(token, code, at, fits=lambda _, holder: hmac.compare_digest(holder, wanted))

    def _use_code(
        self, token: str, code: str, at: datetime, *, fits: Callable[[Connection, str], bool]
    ) -> str:
        session_id, now = _digest(token), _seconds(at)
        mine = one_time_codes.c.session_id == session_id
        with writing(self._engine) as connection:
            row = connection.execute(select(one_time_codes).where(mine)).one_or_none()
            holder = self._fits(row, self._own_digest("code", session_id, code), now)
            if holder and fits(connection, holder):
                connection.execute(delete(one_time_codes).where(mine))
                return holder
            connection.execute(
                update(one_time_codes).where(mine).values(guesses=one_time_codes.c.guesses + 1)
            )
        # Raised after the block, so that the guess is counted.
        raise SignInRefused(
            "That code does not work.",
            next_step="Check the numbers, or ask for a new code. A code works once, for 10 minutes, "
            "and only in the browser that asked for it.",
        )

    @staticmethod
    def _fits(row: Row[tuple[object, ...]] | None, given: str, now: int) -> str:
        """The holder when everything fits, else nothing."""
        if row is None or row.guesses >= CODE_GUESSES:
            return ""
        if now - row.made_at > CODE_LIFETIME.total_seconds():
            return ""
        return str(row.holder) if hmac.compare_digest(str(row.code_digest), given) else ""

    # --- staff ----------------------------------------------------------------------------------

    def add_staff(self, new: NewStaff, *, at: datetime) -> StaffAccount:
        check_new(new)
        account = new.id or StaffId(f"staff-{uuid.uuid4().hex[:12]}")
        profile = json.dumps(
            {
                "name": new.name,
                "totp": new.totp_secret,
                "stores": sorted(new.stores),
                "controllers": sorted(new.controllers),
            }
        ).encode()
        row = {
            "id": account,
            "username_digest": self._own_digest("username", plain(new.username)),
            "password_hash": self._hasher.hash(new.password),
            "sealed_profile": self._vault.seal_own(f"staff/{account}", profile),
            "roles": ",".join(sorted(role.name for role in new.roles)),
            "totp_step": 0,
            "disabled": 0,
            "created_at": _seconds(at),
        }
        with writing(self._engine) as connection:
            taken = select(staff_accounts.c.id).where(
                (staff_accounts.c.username_digest == row["username_digest"])
                | (staff_accounts.c.id == account)
            )
            if connection.execute(taken).first() is not None:
                raise AlreadyDone("There is an account of that name.", next_step="Choose another username.")
            connection.execute(insert(staff_accounts).values(row))
        return StaffAccount(
            id=account, name=new.name, roles=new.roles, stores=new.stores, controllers=new.controllers
        )

    def sign_in_staff(self, *, username: str, password: str, code: str, at: datetime) -> StaffAccount:
        wanted = staff_accounts.c.username_digest == self._own_digest("username", plain(username))
        with reading(self._engine) as connection:
            row = connection.execute(select(staff_accounts).where(wanted)).one_or_none()
        password_fits = self._password_fits(row.password_hash if row else self._nobodys_hash, password)
        if row is None or row.disabled or not password_fits:
            raise sign_in_refused()
        profile = json.loads(self._vault.open_own(f"staff/{row.id}", row.sealed_profile))
        step = totp_step(profile["totp"], code, _seconds(at))
        with writing(self._engine) as connection:
            unused = update(staff_accounts).where(
                staff_accounts.c.id == row.id, staff_accounts.c.totp_step < step
            )
            if connection.execute(unused.values(totp_step=step)).rowcount != 1:
                raise sign_in_refused()
        return _account(row, profile)

    def staff(self, account: StaffId) -> StaffAccount:
        with reading(self._engine) as connection:
            row = connection.execute(
                select(staff_accounts).where(staff_accounts.c.id == account, staff_accounts.c.disabled == 0)
            ).one_or_none()
        if row is None:
            raise NotFound("There is no such account.", next_step="Ask an administrator.")
        profile = json.loads(self._vault.open_own(f"staff/{row.id}", row.sealed_profile))
        return _account(row, profile)

    def staff_named(self, username: str) -> StaffId:
        wanted = staff_accounts.c.username_digest == self._own_digest("username", plain(username))
        with reading(self._engine) as connection:
            found = connection.execute(select(staff_accounts.c.id).where(wanted)).scalar_one_or_none()
        if found is None:
            raise NotFound("There is no account of that name.", next_step="Check how it is spelt.")
        return StaffId(found)

    def disable_staff(self, account: StaffId) -> None:
        with writing(self._engine) as connection:
            connection.execute(
                update(staff_accounts).where(staff_accounts.c.id == account).values(disabled=1)
            )
            connection.execute(delete(sessions).where(sessions.c.holder == account))

    def _password_fits(self, kept: str, given: str) -> bool:
        try:
            return self._hasher.verify(kept, given)
        except VerifyMismatchError:
            return False

    # --- families -------------------------------------------------------------------------------

    def grant_family(
        self, *, email: str, case: CaseId, reference: CaseReference, leg: int, at: datetime
    ) -> None:
        holder = self._holder(email)
        sealed = self._vault.seal_own(f"grant/{holder}", plain(email).encode())
        row = {
            "holder": holder, "case_id": case, "reference": str(reference), "leg": leg,
            "sealed_email": sealed, "granted_at": _seconds(at),
        }  # fmt: skip
        with writing(self._engine) as connection:
            connection.execute(self._insert(family_grants).values(row).on_conflict_do_nothing())

    def withdraw_family(self, *, email: str, case: CaseId, leg: int) -> None:
        with writing(self._engine) as connection:
            connection.execute(
                delete(family_grants).where(
                    family_grants.c.holder == self._holder(email),
                    family_grants.c.case_id == case,
                    family_grants.c.leg == leg,
                )
            )

    def shut_leg(self, *, case: CaseId, leg: int) -> int:
        this = (family_grants.c.case_id == case) & (family_grants.c.leg == leg)
        with writing(self._engine) as connection:
            holders = connection.execute(select(family_grants.c.holder).where(this)).scalars().all()
            connection.execute(delete(family_grants).where(this))
            connection.execute(delete(sessions).where(sessions.c.holder.in_(holders)))
        return len(holders)

    def grants(self, holder: str) -> tuple[Grant, ...]:
        mine = select(family_grants).where(family_grants.c.holder == holder).order_by(family_grants.c.n)
        with reading(self._engine) as connection:
            rows = connection.execute(mine).all()
        return tuple(
            Grant(case=CaseId(row.case_id), reference=CaseReference(row.reference), leg=row.leg)
            for row in rows
        )

    def address_of(self, holder: str) -> str:
        with reading(self._engine) as connection:
            sealed = connection.execute(
                select(family_grants.c.sealed_email).where(family_grants.c.holder == holder).limit(1)
            ).scalar_one_or_none()
        if sealed is None:
            raise NotFound("There is no such account.", next_step="Ask for a new sign-in code.")
        return self._vault.open_own(f"grant/{holder}", sealed).decode()

    def _insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An insert that can say what to do when the row is there already."""
        return postgresql.insert(table) if self._engine.dialect.name == "postgresql" else sqlite.insert(table)

    def _holder(self, email: str) -> str:
        return self._own_digest("family", plain(email))

    def _own_digest(self, *parts: str) -> str:
        # Lengths go along, so that no two different lists of parts read alike.
        return self._vault.own_digest("".join(f"{len(part)}:{part}" for part in parts).encode())


def _session_row(connection: Connection, token: str) -> Row[tuple[object, ...]]:
    row = connection.execute(select(sessions).where(sessions.c.id == _digest(token))).one_or_none()
    if row is None:
        raise _over()
    return row


def _is_known(connection: Connection, holder: str) -> bool:
    grant = select(family_grants.c.n).where(family_grants.c.holder == holder).limit(1)
    return connection.execute(grant).first() is not None


def _account(row: Row[Any], profile: Mapping[str, Any]) -> StaffAccount:
    # Accounts made before there were record holders keep no stores, and older ones name no controller.
    stores = frozenset(StoreName(name) for name in profile.get("stores", ()))
    return StaffAccount(
        id=StaffId(row.id), name=profile["name"], roles=_roles(row.roles), stores=stores,
        controllers=frozenset(profile.get("controllers", ())),
    )  # fmt: skip


def _roles(text: str) -> frozenset[StaffRole]:
    return frozenset(StaffRole[name] for name in text.split(",") if name)


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def _over() -> SessionOver:
    return SessionOver("You are not signed in, or were away too long.", next_step="Sign in again.")
