"""The council's documents in a folder on this machine, on SFTP, in an S3 bucket and on a Windows share."""

import shutil
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.contracts.joining import Joined, set_up
from tests.servers.s3 import s3_server
from tests.servers.sftp import sftp_server
from tests.servers.smb import PASSWORD, USER, smb_server

SAMPLE = Path(__file__).parents[3] / "sample_data" / "stores"
COUNCIL = SAMPLE / "documents" / "council"


def folder_store(where, settings):
    """A store of kind ``files``, loaded as an installation loads it."""
    heading = 'name = "folder"\nlabel = "The council\'s documents"\nkind = "files"'
    return set_up(where, heading, {"mapping": f"{SAMPLE}/documents.mapping.toml", **dict(settings)})


def laid(folder):
    """The documents, readable for a server's own account."""
    shutil.copytree(COUNCIL, folder, dirs_exist_ok=True)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


@contextmanager
def on_this_machine(_fixture, base):
    laid(base / "files")
    yield folder_store(base, [("folder", "files")])


@contextmanager
def over_sftp(_fixture, base):
    with sftp_server() as server:
        laid(server.files)
        settings = [("folder", server.url()), ("user", server.user), ("key_file", str(server.key_file))]
        yield folder_store(base, [*settings, ("known_hosts", str(server.known_hosts))])


@contextmanager
def in_a_bucket(_fixture, base):
    with s3_server() as server:
        for path in COUNCIL.iterdir():
            server.put(f"council/{path.name}", path.read_bytes())
        server.put("other/2024-01-01-letter.txt", b"9992311584")
        yield folder_store(base, s3_settings(server.endpoint, server.bucket))


def s3_settings(endpoint, bucket="documents"):
    return [
        ("folder", f"s3://{bucket}/council"), ("endpoint", endpoint), ("region", "eu-west-2"),
        ("access_key", "reader"), ("secret_key", "secret"),
    ]  # fmt: skip


@contextmanager
def on_a_share(_fixture, base):
    with smb_server() as server:
        laid(server.files)
        yield folder_store(base, smb_settings(server.port))


def smb_settings(port):
    return [("folder", f"smb://127.0.0.1:{port}/documents"), ("user", USER), ("password", PASSWORD)]


def nowhere(settings, base):
    return folder_store(base, [*settings, ("timeout_s", 1)])


SFTP_NOWHERE = [
    ("folder", "sftp://127.0.0.1:9/files"),
    ("user", "x"),
    ("password", "x"),
    ("host_key", "SHA256:x"),
]

JOINED = [
    Joined(
        name="folder", open=on_this_machine,
        broken=lambda base: folder_store(base, [("folder", str(base / "gone"))]),
    ),
    Joined(name="folder-sftp", open=over_sftp, broken=partial(nowhere, SFTP_NOWHERE)),
    Joined(name="folder-s3", open=in_a_bucket, broken=partial(nowhere, s3_settings("http://127.0.0.1:9"))),
    Joined(name="folder-smb", open=on_a_share, broken=partial(nowhere, smb_settings(9))),
]  # fmt: skip
