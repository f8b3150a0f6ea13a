"""How a mailbox is read and reached: its folders, who writes from where, and how to sign in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from ipaddress import ip_address
from pathlib import Path

from sar.domain.records import RecordKind
from sar.stores.answers import kind_named
from sar.stores.fields import Fields, bad, read_toml
from sar.stores.files_places import Settings
from sar.stores.mailbox_session import MailboxSettings
from sar.stores.mailbox_token import TokenSettings, fetch_token

_PORTS = {"tls": 993, "starttls": 143, "none": 143}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxMapping:
    """Which folders are searched, what a mail in them is, and whose mail domains are whose."""

    folders: tuple[str, ...] = ()
    """Names or patterns (``*``), those of shared mailboxes too; none: all that the server shows."""
    kinds: Mapping[str, RecordKind]
    """Pattern of a folder's name -> kind of record; a mail elsewhere is correspondence."""
    domains: Mapping[str, str]
    """Mail domain -> organisation: whoever writes from there writes in their work."""
    inside_attachments: bool = True
    """Whether every mail that carries something is read, whatever the server found in it."""
    filed_under: bool = False
    """Whether the keepers write into each mail whom it is filed under; else a sender could have."""

    def kind_of(self, folder: str) -> RecordKind:
        """The kind of a mail, by its folder."""
        name = folder.casefold()
        return next((k for p, k in self.kinds.items() if fnmatch(name, p)), RecordKind.CORRESPONDENCE)


def load_mailbox_mapping(path: Path) -> MailboxMapping:
    """Read a mapping file.

    :raises BadMapping: with the place and what to do.
    """
    top = Fields(read_toml(path), path.name)
    kinds = {pattern.casefold(): kind_named(word) for pattern, word in top.words("kinds").items()}
    for pattern, kind in kinds.items():
        if kind is None:
            raise bad(path.name, f"`{pattern}` has an unknown kind of record")
    mapping = MailboxMapping(
        folders=top.texts("folders"),
        kinds={pattern: kind for pattern, kind in kinds.items() if kind},
        domains={d.casefold(): o for d, o in top.words("domains").items()},
        inside_attachments=top.flag("inside_attachments", default=True),
        filed_under=top.flag("filed_under"),
    )
    top.done()
    return mapping


def mailbox_settings(section: Settings) -> MailboxSettings:
    """One section of the connections file.

    :raises BadMapping: with the setting and what to do.
    """
    fields = section.fields
    host, security = section.text("host"), section.text("security", "tls")
    if security not in _PORTS:
        raise bad(fields.where, "`security` is unknown", next_step="Use one of: tls, starttls, none.")
    if security == "none" and not _here(host):
        raise bad(
            fields.where,
            "`security` is none, so that the password would travel in the clear",
            next_step="Use tls or starttls; none is only for a server on this machine.",
        )
    ca_file, timeout_s = section.text("ca_file", ""), fields.number("timeout_s", 20)
    token_url = section.text("token_url", "")
    token = TokenSettings(
        url=token_url,
        client_id=section.text("client_id", ""),
        client_secret=section.text("client_secret", ""),
        scope=section.text("scope", ""),
        timeout_s=timeout_s,
    )
    if token_url and not (token_url.startswith("https://") or _here(token.host)):
        raise bad(fields.where, "`token_url` must begin with https://")
    password = "" if token_url else section.text("password")
    return MailboxSettings(
        host=host,
        port=int(fields.number("port", _PORTS[security])),
        security=security,
        user=section.text("user"),
        password=(lambda: fetch_token(token)) if token_url else (lambda: password),
        by_token=bool(token_url),
        ca_file=section.path_of(ca_file) if ca_file else None,
        timeout_s=timeout_s,
        deadline_s=fields.number("deadline_s", 300),
        max_bytes=int(fields.number("max_megabytes", 100) * 1024 * 1024),
    )


def _here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
