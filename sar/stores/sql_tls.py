"""A database elsewhere is read over an encrypted line to a server that proves who it is, or not at all."""

from __future__ import annotations

import ssl
from typing import Any

import sqlalchemy as sa

from sar.domain.errors import BadMapping
from sar.stores.fields import bad
from sar.stores.http import is_loopback

_PROVING = frozenset({"verify-full", "verify-ca"})
_OWN_KEYS = frozenset({"ssl_ca", "ssl_capath", "ssl_cert", "ssl_key"})
_UNPROVEN = (
    "its database lies on another machine, and the line to it would not be encrypted to a proven server"
)


def secured_postgresql(address: sa.URL, where: str) -> sa.URL:
    """The address as it may be used: to another machine only with a certificate that is checked.

    :raises BadMapping: the address asks for less.
    """
    if is_here(address, "host", "hostaddr") and "service" not in address.query:
        return address
    mode = address.query.get("sslmode")
    if mode is None:
        proven = {"sslmode": "verify-full"}
        if "sslrootcert" not in address.query:
            proven["sslrootcert"] = "system"
        return address.update_query_dict(proven)
    if mode not in _PROVING:
        raise _refused(where, "sslmode=verify-full&sslrootcert=/path/to/authority.pem")
    return address


def secured_mariadb(address: sa.URL, where: str) -> tuple[sa.URL, dict[str, Any]]:
    """The address, and what the driver is told: to another machine only with a certificate that is checked.

    :raises BadMapping: the address asks for less, or names a file that is not there.
    """
    if is_here(address, "host") and "read_default_file" not in address.query:
        return address, {}
    asked = {key for key in address.query if key.startswith(("ssl", "read_default"))}
    if asked - _OWN_KEYS:
        raise _refused(where, "ssl_ca=/path/to/authority.pem")
    own = {key: str(address.query[key]) for key in asked}
    try:
        context = ssl.create_default_context(cafile=own.get("ssl_ca"), capath=own.get("ssl_capath"))
        if "ssl_cert" in own:
            context.load_cert_chain(own["ssl_cert"], own.get("ssl_key"))
    except OSError as wrong:
        raise bad(where, "a certificate or key in its database address cannot be read") from wrong
    return address.difference_update_query(asked), {"ssl": context}


def is_here(address: sa.URL, *named: str) -> bool:
    """Whether every host that an address names is this machine: none named, a socket, or the loopback."""
    said = [address.host or ""]
    for key in named:
        value = address.query.get(key, "")
        said += [value] if isinstance(value, str) else value
    hosts = [host for each in said for host in each.split(",") if host]
    return all(
        host.startswith("/") or is_loopback(host) or is_loopback(host.rpartition(":")[0]) for host in hosts
    )


def _refused(where: str, how: str) -> BadMapping:
    return bad(where, _UNPROVEN, next_step=f"Leave such settings out of the address, or write `{how}`.")
