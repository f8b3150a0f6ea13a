"""A folder on a server, over SFTP. A server whose host key nobody has written down is refused."""

from __future__ import annotations

import base64
import hashlib
import logging
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem
from paramiko import sftp_attr
from paramiko.sftp import CMD_CLOSE, CMD_OPENDIR, CMD_READDIR

from sar.domain.errors import StoreRefused
from sar.stores.files_look import NORMAL, Limits
from sar.stores.files_tree import OUTSIDE_LINK, Entry, NestedTree, Thing, held_item, read_whole
from sar.stores.reaching import refused, unavailable

_SSH = 22

# At their most talkative these write names of files, which name people, and keys into the log.
for _talker in ("paramiko", "fsspec.sftp"):
    logging.getLogger(_talker).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpPlace:
    """A folder on an SFTP server, and what proves who it and who we are."""

    host: str
    port: int = _SSH
    folder: str
    user: str = field(repr=False)
    password: str = field(default="", repr=False)
    key_file: Path | None = field(default=None, repr=False)
    known_hosts: Path | None = None
    host_key: str = ""
    """``SHA256:...``, as ``ssh-keygen -lf`` prints it."""
    timeout_s: float = 10
    limits: Limits = NORMAL

    def open(self, label: str) -> SftpTree:
        """A connection of its own."""
        try:
            files = SFTPFileSystem(
                self.host,
                port=self.port,
                username=self.user,
                password=self.password or None,
                key_filename=str(self.key_file) if self.key_file else None,
                passphrase=self.password or None,
                host_key_policy=_Known(self),
                # Only what the settings name: no key or agent of whoever runs the program.
                allow_agent=False,
                look_for_keys=False,
                timeout=self.timeout_s,
                banner_timeout=self.timeout_s,
                auth_timeout=self.timeout_s,
                channel_timeout=self.timeout_s,
                skip_instance_cache=True,
            )
        except _UnknownHost:
            raise StoreRefused(
                f"{label}: the server's host key is not the one we were told, so nothing was sent to it.",
                next_step="Ask the server's keepers for its fingerprint; write it in `host_key` or `known_hosts`.",
            ) from None
        except (paramiko.AuthenticationException, paramiko.PasswordRequiredException):
            raise refused(label, "it did not accept our credentials") from None
        except FileNotFoundError:
            raise refused(label, "the key file of its settings is not there") from None
        except (paramiko.SSHException, OSError, EOFError):
            raise unavailable(label, "it could not be reached, or broke off") from None
        return SftpTree(files, self.folder, self.timeout_s)


class _UnknownHost(Exception):
    """The server showed a key that we were not told of."""


class _Known(paramiko.MissingHostKeyPolicy):
    """Asked for every server, since the client itself is given no known ones."""

    def __init__(self, place: SftpPlace) -> None:
        self._place = place

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        """Refuse, unless the key is the one written in the settings."""
        del client
        print_ = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
        if self._place.host_key and self._place.host_key.rstrip("=") == f"SHA256:{print_}":
            return
        if self._place.known_hosts is not None:
            known = paramiko.HostKeys(str(self._place.known_hosts))
            if known.check(hostname, key):
                return
        raise _UnknownHost


class SftpTree(NestedTree):
    """One connection to one folder."""

    lost: tuple[type[BaseException], ...] = (paramiko.SSHException, EOFError, ConnectionError, TimeoutError)

    def __init__(self, files: Any, folder: str, timeout_s: float) -> None:
        self._files = files
        self._ftp: Any = files.ftp
        self._ftp.get_channel().settimeout(timeout_s)
        self._root: str = self._ftp.normalize(folder or ".").rstrip("/")
        if not stat.S_ISDIR(self._ftp.stat(self._root or "/").st_mode or 0):
            raise FileNotFoundError

    def entries(self, folder: str) -> Iterator[Entry]:
        """The names in one folder, in the pieces the server sends.

        The library's own listing stops at the first name that is no UTF-8; this one reads names as bytes.
        """
        _, opened = self._ftp._request(CMD_OPENDIR, f"{self._root}/{folder}")  # noqa: SLF001 (see above)
        handle = opened.get_binary()
        attributes: Any = sftp_attr.SFTPAttributes
        try:
            while True:
                _, reply = self._ftp._request(CMD_READDIR, handle)  # noqa: SLF001
                for _ in range(reply.get_int()):
                    name = reply.get_binary().decode("utf-8", "surrogateescape")
                    reply.get_binary()
                    seen = attributes._from_msg(reply)  # noqa: SLF001
                    if name not in {".", ".."}:
                        yield _entry(name, seen)
        except EOFError:
            if not self.alive():
                raise
        self._ftp._request(CMD_CLOSE, handle)  # noqa: SLF001

    def linked(self, name: str) -> Entry | None:
        """Where a link leads, if that is inside."""
        try:
            return _entry(name, self._ftp.stat(self._inside(name)))
        except ValueError:
            return None
        except self.lost:
            raise
        except OSError:
            return None

    def read(self, name: str, *, most: int, until: Callable[[], bool]) -> bytes:
        """One file, where it really lies."""
        try:
            path = self._inside(name)
        except ValueError:
            raise held_item(OUTSIDE_LINK) from None
        return read_whole(self._files, path, most=most, until=until)

    def alive(self) -> bool:
        """Whether the connection stands."""
        transport = self._files.client.get_transport()
        return transport is not None and transport.is_active()

    def close(self) -> None:
        """End the connection."""
        self._files.client.close()

    def _inside(self, name: str) -> str:
        path: str = self._ftp.normalize(f"{self._root}/{name}")
        if not path.startswith(f"{self._root}/"):
            raise ValueError
        return path


def _entry(name: str, seen: Any) -> Entry:
    thing = _THINGS.get(stat.S_IFMT(seen.st_mode or 0), Thing.OTHER)
    return Entry(name, thing, seen.st_size or 0, seen.st_mtime)


_THINGS = {stat.S_IFREG: Thing.FILE, stat.S_IFDIR: Thing.FOLDER, stat.S_IFLNK: Thing.LINK}
