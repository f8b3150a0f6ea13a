"""A private Samba server with one read-only share."""

import os
import pwd
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.processes import free_port, own_folder, program, running

USER, PASSWORD = "nobody", "tanner-row-14"
CONFIG = """
[global]
server role = standalone server
netbios name = PRIVATE
disable netbios = yes
smb ports = {port}
bind interfaces only = yes
interfaces = lo
private dir = {base}/private
lock directory = {base}/lock
state directory = {base}/state
cache directory = {base}/cache
pid directory = {base}/pid
ncalrpc dir = {base}/ncalrpc
passdb backend = tdbsam:{base}/private/passdb.tdb
log file = {base}/smbd.log
load printers = no
printing = bsd
printcap name = /dev/null
disable spoolss = yes
usershare max shares = 0
server smb encrypt = desired
restrict anonymous = 2
[documents]
path = {base}/files
read only = yes
"""


@dataclass(frozen=True)
class Smb:
    port: int
    files: Path
    pid: int


@contextmanager
def smb_server():
    """The server; it needs root, because it serves each user under that user's account."""
    with own_folder() as base:
        smbd, smbpasswd = program("smbd", "samba"), program("smbpasswd", "samba")
        if os.geteuid() != 0:
            pytest.skip(
                "smbd serves each user under the user's own account, which takes root: run as root to try it"
            )
        port = free_port()
        for folder in ("private", "lock", "state", "cache", "pid", "ncalrpc", "files"):
            (base / folder).mkdir(exist_ok=True)
        config = base / "smb.conf"
        config.write_text(CONFIG.format(port=port, base=base))
        subprocess.run(
            [smbpasswd, "-c", config, "-s", "-a", USER],
            input=f"{PASSWORD}\n{PASSWORD}\n", text=True, check=True, capture_output=True,
        )  # fmt: skip
        os.chown(base / "files", pwd.getpwnam(USER).pw_uid, -1)
        with running(
            [smbd, "--foreground", "--no-process-group", "-s", config, "--debug-stdout"],
            port=port, log=base / "log",
        ) as server:  # fmt: skip
            yield Smb(port=port, files=base / "files", pid=server.pid)
