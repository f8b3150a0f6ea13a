"""What every private server of the tests needs: a free port, an account that is not root, a wait until it answers."""

from __future__ import annotations

import os
import pwd
import socket
from pathlib import Path
from typing import Any


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def not_as_root(folder: Path) -> dict[str, Any]:
    """Arguments for ``subprocess``: as root, a throw-away account that every Debian has owns the folder."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    for parent in folder.parents:
        if parent.owner() == "root" and str(parent).startswith("/tmp/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    return {"user": "nobody", "group": nobody.pw_gid, "extra_groups": []}
