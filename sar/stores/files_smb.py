"""A folder on a Windows share, over SMB. Links on the share are not followed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import smbclient
from fsspec.implementations.smb import SMBFileSystem
from smbprotocol import exceptions as smb
from smbprotocol.file_info import FileAttributes

from sar.domain.errors import StoreRefused
from sar.stores.files_look import NORMAL, Limits
from sar.stores.files_tree import Entry, NestedTree, Thing, read_whole
from sar.stores.reaching import refused, unavailable

_SMB = 445
_REFUSALS = (smb.SMBAuthenticationError, smb.LogonFailure, smb.AccessDenied)

# At their most talkative these write names of files, which name people, and keys into the log.
for _talker in ("smbprotocol", "smbclient", "spnego"):
    logging.getLogger(_talker).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmbPlace:
    """A share, a folder in it and who we are there."""

    host: str
    port: int = _SMB
    folder: str
    """``share/folder``."""
    user: str = field(repr=False)
    password: str = field(repr=False)
    encrypt: bool = True
    timeout_s: float = 10
    limits: Limits = NORMAL

    def open(self, label: str) -> SmbTree:
        """A session; each answer asks the share anew whether it is there."""
        try:
            files = SMBFileSystem(
                self.host,
                port=self.port,
                username=self.user,
                password=self.password,
                timeout=int(self.timeout_s) or 1,
                encrypt=self.encrypt,
                # Others go on working with the files while we read; a change meanwhile is noticed.
                share_access="rwd",
                register_session_retries=0,
                skip_instance_cache=True,
            )
            return SmbTree(files, self.folder)
        except _REFUSALS:
            raise refused(label, "it did not accept our credentials") from None
        except smb.SMBOSError as fault:
            if fault.ntstatus == smb.NtStatus.STATUS_ACCESS_DENIED:
                raise refused(label, "it does not let us into this folder") from None
            raise _not_there(label) from None
        except smb.BadNetworkName:
            raise _not_there(label) from None
        except (smb.SMBException, ValueError, OSError):
            raise unavailable(label, "it could not be reached, or broke off") from None


def _not_there(label: str) -> StoreRefused:
    return StoreRefused(
        f"{label}: the share or the folder is not there.",
        next_step="Correct `folder`, or ask the store's owner where the documents lie now.",
    )


class SmbTree(NestedTree):
    """One session on one folder of a share."""

    lost: tuple[type[BaseException], ...] = (smb.SMBConnectionClosed, ConnectionError, TimeoutError)

    def __init__(self, files: Any, folder: str) -> None:
        self._files = files
        self._folder = "/" + folder.strip("/")
        self._port = {"port": files.port}
        smbclient.listdir(self._unc(""), search_pattern="sar-looks-for-nothing", **self._port)

    def entries(self, folder: str) -> Iterator[Entry]:
        """The names in one folder; sizes and times come with them."""
        try:
            with smbclient.scandir(self._unc(folder), **self._port) as found:
                yield from map(_entry, found)
        except smb.SMBOSError:
            raise
        except smb.SMBResponseException as fault:
            raise OSError(0, type(fault).__name__) from None

    def linked(self, name: str) -> Entry | None:
        """Nowhere: what a link on a share means is for its server to say, and it may lie."""
        del name
        return None

    def read(self, name: str, *, most: int, until: Callable[[], bool]) -> bytes:
        """One file."""
        try:
            return read_whole(self._files, f"{self._folder}/{name}", most=most, until=until)
        except smb.SMBOSError:
            raise
        except (smb.SMBResponseException, smb.SMBLinkRedirectionError) as fault:
            raise OSError(0, type(fault).__name__) from None

    def close(self) -> None:
        """The session is shared by name and left to the pool; files are closed one by one."""

    def _unc(self, folder: str) -> str:
        below = f"{self._folder}/{folder}".rstrip("/").replace("/", "\\")
        return f"\\\\{self._files.host}{below}"


def _entry(found: Any) -> Entry:
    info = found.smb_info
    attributes = info.file_attributes
    thing = Thing.FILE
    if attributes & FileAttributes.FILE_ATTRIBUTE_REPARSE_POINT:
        thing = Thing.LINK
    elif attributes & FileAttributes.FILE_ATTRIBUTE_DIRECTORY:
        thing = Thing.FOLDER
    return Entry(found.name, thing, info.end_of_file, info.last_write_time.timestamp())
