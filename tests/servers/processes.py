"""Private servers on loopback: a free port, a program or the reason why not, and an end by process id."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

BESIDE = "/usr/local/sbin:/usr/sbin:/sbin"


def program(name, package):
    """Where a server's program lies, or a skip that names what to install."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{BESIDE}")
    if found is None:
        pytest.skip(f"no {name} on this machine: `apt-get install {package}` to run this test")
    return found


def free_port():
    """A port nobody listens at now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def own_folder():
    """A folder that a server under another account can come into.

    Not below pytest's own: each new run of the same user closes that to all other accounts.
    """
    with tempfile.TemporaryDirectory(
        prefix="private-server-", dir="/tmp", ignore_cleanup_errors=True
    ) as name:
        Path(name).chmod(0o755)
        yield Path(name)


def not_as_root(folder):
    """Arguments for ``subprocess``: as root, a throw-away account that every Debian has owns the folder."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    for parent in folder.parents:
        if parent.owner() == "root" and str(parent).startswith("/tmp/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    return {"user": "nobody", "group": nobody.pw_gid, "extra_groups": []}


def accepts(port):
    """Whether somebody listens there, which is enough for most servers."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def running(command, *, port, log, answers=accepts, end_with=signal.SIGTERM, **more):
    """The server while it is needed; its own last words when it does not come up.

    :param answers: whether it is up, given its port.
    :param end_with: how it is told to end.
    """
    with log.open("wb") as said:
        # A group of its own: smbd ends its whole group with itself, and that would be the tests.
        server = subprocess.Popen(
            command, stdout=said, stderr=said, stdin=subprocess.DEVNULL, start_new_session=True, **more
        )
    try:
        await_answer(server, port, log, answers=answers)
        yield server
    finally:
        server.send_signal(end_with)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def await_answer(server, port, log, *, answers=accepts):
    """Come back when it answers; a server that ends, or is not up in a minute, fails the test."""
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        if answers(port):
            return
        time.sleep(0.02)
    pytest.fail(f"{log.name}: the server did not come up:\n{log.read_text(errors='replace')[-2000:]}")
