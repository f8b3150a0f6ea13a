"""From the settings to a place: a path, or an address that begins with ``sftp://``, ``s3://`` or ``smb://``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from sar.domain.errors import BadMapping
from sar.stores.fields import Fields, bad
from sar.stores.files_local import LocalTree
from sar.stores.files_look import NORMAL, Limits, Place
from sar.stores.http import is_loopback


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalPlace:
    """A folder on this machine."""

    folder: Path
    limits: Limits = NORMAL

    def open(self, label: str) -> LocalTree:
        """The folder itself; ``label`` is for places that are reached over a network."""
        del label
        return LocalTree(self.folder)


class Settings(Protocol):
    """One section of the connections file, its variables filled in."""

    fields: Fields

    def text(self, key: str, default: str | None = None) -> str:
        """A setting with its variables filled in."""
        ...

    def path_of(self, text: str) -> Path:
        """A written path, relative to the connections file unless it is whole."""
        ...


def place_of(section: Settings) -> Place:
    """Where a folder lies.

    :raises BadMapping: the address is none we know, holds a password, or its package is missing.
    """
    written = section.text("folder")
    fields = section.fields
    limits = Limits(
        deadline_s=fields.number("deadline_s", NORMAL.deadline_s),
        max_files=int(fields.number("max_files", NORMAL.max_files)),
        search_s=fields.number("search_s", NORMAL.search_s),
        max_bytes=int(fields.number("max_megabytes", NORMAL.max_bytes // 1024 // 1024) * 1024 * 1024),
    )
    if "://" not in written:
        return LocalPlace(folder=section.path_of(written), limits=limits)
    try:
        url, port = urlsplit(written), urlsplit(written).port
    except ValueError:
        raise bad(fields.where, "`folder` is not an address") from None
    if "@" in url.netloc:
        raise bad(
            fields.where,
            "`folder` holds a user or a password",
            next_step="Write them as `user` and `password`, with a variable in braces.",
        )
    if url.scheme not in _REACHED or not url.hostname:
        raise bad(
            fields.where,
            "`folder` is not an address we can reach",
            next_step="Write a path, sftp://host/path, s3://bucket/prefix or smb://host/share/path.",
        )
    return _REACHED[url.scheme](section, url, port, limits)


def _sftp(section: Settings, url: SplitResult, port: int | None, limits: Limits) -> Place:
    reached = _library("sftp", section.fields.where)
    key_file, known = section.text("key_file", ""), section.text("known_hosts", "")
    place: Place = reached.SftpPlace(
        host=url.hostname,
        **_ported(port),
        folder=unquote(url.path),
        user=section.text("user"),
        password=section.text("password", ""),
        key_file=section.path_of(key_file) if key_file else None,
        known_hosts=section.path_of(known) if known else None,
        host_key=section.text("host_key", ""),
        timeout_s=section.fields.number("timeout_s", 10),
        limits=limits,
    )
    return place


def _s3(section: Settings, url: SplitResult, port: int | None, limits: Limits) -> Place:
    del port
    endpoint = section.text("endpoint", "")
    _require_tls(endpoint, section.fields.where)
    reached = _library("s3", section.fields.where)
    ca_file = section.text("ca_file", "")
    place: Place = reached.S3Place(
        bucket=url.netloc,
        prefix=unquote(url.path),
        endpoint=endpoint,
        region=section.text("region", ""),
        access_key=section.text("access_key", ""),
        secret_key=section.text("secret_key", ""),
        ca_file=section.path_of(ca_file) if ca_file else None,
        timeout_s=section.fields.number("timeout_s", 10),
        limits=limits,
    )
    return place


def _require_tls(endpoint: str, where: str) -> None:
    """An endpoint is reached with TLS, unless it is on this machine."""
    url = urlsplit(endpoint)
    if not endpoint or url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname or "")):
        return
    raise bad(
        where,
        "`endpoint` would be reached without encryption",
        next_step="Begin `endpoint` with https://; http:// is for this machine itself only.",
    )


def _smb(section: Settings, url: SplitResult, port: int | None, limits: Limits) -> Place:
    encrypt = section.fields.flag("encrypt", default=True)
    if not encrypt and not is_loopback(url.hostname or ""):
        raise bad(
            section.fields.where,
            "`encrypt` is off for a share on another machine",
            next_step="Leave `encrypt` out; ask the server's keepers for SMB 3 with encryption.",
        )
    reached = _library("smb", section.fields.where)
    place: Place = reached.SmbPlace(
        host=url.hostname,
        **_ported(port),
        folder=unquote(url.path),
        user=section.text("user"),
        password=section.text("password"),
        encrypt=encrypt,
        timeout_s=section.fields.number("timeout_s", 10),
        limits=limits,
    )
    return place


def _ported(port: int | None) -> dict[str, int]:
    return {} if port is None else {"port": port}


def _library(kind: str, where: str) -> Any:
    """The module that reaches such folders, when the packages it needs are here."""
    try:
        return import_module(f"sar.stores.files_{kind}")
    except ModuleNotFoundError as missing:
        raise BadMapping(
            f"{where}: a folder on {kind}:// needs the package `{missing.name}`, which is not installed.",
            next_step=f"Install the extra: pip install 'subject-access[{kind}]'.",
        ) from missing


_REACHED: Mapping[str, Callable[[Settings, SplitResult, int | None, Limits], Place]] = {
    "sftp": _sftp,
    "s3": _s3,
    "smb": _smb,
}
