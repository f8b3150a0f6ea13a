"""Tables of accounts. No name, address, token, code or password stands in them: digests and seals only."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, UniqueConstraint

from sar.db.tables import metadata

staff_accounts = Table(
    "staff_accounts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("username_digest", String(64), nullable=False, unique=True),
    Column("password_hash", String(200), nullable=False),
    Column("sealed_profile", LargeBinary, nullable=False, comment="name and second-factor secret"),
    Column("roles", String(200), nullable=False),
    Column("totp_step", BigInteger, nullable=False, comment="the newest step used; none works twice"),
    Column("disabled", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False, comment="seconds, UTC, like every _at here"),
)

family_grants = Table(
    "family_grants",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("holder", String(64), nullable=False, index=True, comment="keyed digest of the e-mail address"),
    Column("case_id", String(32), nullable=False),
    Column("reference", String(20), nullable=False),
    Column("leg", Integer, nullable=False),
    Column("sealed_email", LargeBinary, nullable=False),
    Column("granted_at", BigInteger, nullable=False),
    UniqueConstraint("holder", "case_id", "leg"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True, comment="SHA-256 of the cookie's token"),
    Column("kind", String(10), nullable=False),
    Column("holder", String(64), nullable=False, index=True),
    Column("started_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("sealed_draft", LargeBinary),
)

one_time_codes = Table(
    "one_time_codes",
    metadata,
    Column("session_id", String(64), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("code_digest", String(64), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("guesses", Integer, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("subject", String(64), primary_key=True, comment="keyed digest"),
    Column("started_at", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
)
