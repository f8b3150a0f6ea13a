"""A private OpenSSH server that offers SFTP, with a host key and a user's key of its own."""

import os
import pwd
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.processes import free_port, not_as_root, own_folder, program, running

CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {base}/host_key
PidFile none
AuthorizedKeysFile {base}/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM yes
StrictModes no
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True)
class Sftp:
    port: int
    user: str
    key_file: Path
    known_hosts: Path
    fingerprint: str
    files: Path
    pid: int

    def url(self, below=""):
        return f"sftp://127.0.0.1:{self.port}{self.files}{below}"


@contextmanager
def sftp_server():
    """The server; what lies in ``files`` is offered. It runs as a plain account, never as root."""
    with own_folder() as base:
        sshd, keygen = program("sshd", "openssh-server"), program("ssh-keygen", "openssh-client")
        port = free_port()
        files = base / "files"
        files.mkdir(exist_ok=True)
        for key in ("host_key", "user_key"):
            subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", base / key], check=True)
        shutil.copy(base / "user_key", base / "own_key")
        shutil.copy(base / "user_key.pub", base / "authorized_keys")
        public = (base / "host_key.pub").read_text().split()
        (base / "known_hosts").write_text(f"[127.0.0.1]:{port} {public[0]} {public[1]}\n")
        said = subprocess.run(
            [keygen, "-lf", base / "host_key.pub"], check=True, capture_output=True, text=True
        )
        (base / "config").write_text(CONFIG.format(port=port, base=base))
        account = not_as_root(base)
        user = account.get("user") or pwd.getpwuid(os.geteuid()).pw_name
        if account:
            shutil.chown(base / "host_key", user, account["group"])
        with running(
            [sshd, "-D", "-e", "-f", base / "config"], port=port, log=base / "log", cwd=base, **account
        ) as server:
            yield Sftp(
                port=port, user=user, key_file=base / "own_key", known_hosts=base / "known_hosts",
                fingerprint=said.stdout.split()[1], files=files, pid=server.pid,
            )  # fmt: skip
