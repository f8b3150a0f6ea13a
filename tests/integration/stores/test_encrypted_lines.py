"""A store on another machine is reached over an encrypted line to a server that proves itself, or not at all."""

import shutil
import time
from contextlib import contextmanager

import psycopg
import pytest
import sqlalchemy as sa

from sar.documents.reader import DocumentReading
from sar.domain.errors import BadMapping, StoreRefused
from sar.domain.records import AnswerKind
from sar.stores import sql_tls
from sar.stores.load import load_stores
from sar.stores.sql_engine import engine_for
from tests.integration.stores.test_databases import ROWS, TABLES, ask
from tests.integration.stores.test_databases import server as server_fixture
from tests.integration.stores.test_folders import MAPPING
from tests.servers import postgres as postgres_server
from tests.servers.certificates import self_signed
from tests.servers.processes import not_as_root, own_folder

server = server_fixture


def loaded(folder, kind, connection):
    (folder / "m.toml").write_text(MAPPING)
    (folder / "s.toml").write_text(f'[[store]]\nname="a"\nlabel="A"\ncontroller="C"\nkind="{kind}"\n')
    (folder / "c.toml").write_text(f"[a]\n{connection}")
    reach = folder / "c.toml"
    return load_stores(folder / "s.toml", connections=reach, variables={}, reader=DocumentReading())


S3 = 'folder="s3://bucket/x"\nendpoint="{}"\naccess_key="k"\nsecret_key="s"\nmapping="m.toml"\n'
SMB = 'folder="smb://{}/x"\nuser="u"\npassword="p"\nencrypt=false\nmapping="m.toml"\n'
SQL = 'database="{}"\nmapping="ssd"\n'


@pytest.mark.parametrize(
    ("kind", "connection"),
    [
        ("files", S3.format("http://objects.council.example:9000")),
        ("files", S3.format("objects.council.example")),
        ("files", SMB.format("files.council.example/share")),
        ("sql", SQL.format("postgresql://u:secret-p@db.council.example/x?sslmode=prefer")),
        ("sql", SQL.format("postgresql://u:secret-p@localhost/x?sslmode=disable&host=10.1.2.3")),
        ("sql", SQL.format("postgresql://u:secret-p@localhost/x?sslmode=allow&hostaddr=10.1.2.3")),
        ("sql", SQL.format("postgresql:///x?service=theirs&sslmode=require")),
        ("sql", SQL.format("mysql://u:secret-p@db.council.example/x?ssl_disabled=true")),
        ("sql", SQL.format("mysql://u:secret-p@db.council.example/x?ssl_check_hostname=false")),
        ("sql", SQL.format("mysql://u:secret-p@db.council.example/x?ssl_ca=/nowhere.pem")),
    ],
)
def test_a_line_in_clear_to_another_machine_is_refused_when_it_is_set_up(tmp_path, kind, connection):
    with pytest.raises(BadMapping) as refusal:
        loaded(tmp_path, kind, connection)
    assert refusal.value.next_step
    assert "secret-p" not in str(refusal.value)


@pytest.mark.parametrize(
    ("kind", "connection"),
    [
        ("files", S3.format("http://127.0.0.1:9000")),
        ("files", S3.format("https://objects.council.example")),
        ("files", SMB.format("127.0.0.1/share")),
        ("sql", SQL.format("postgresql://u@127.0.0.1/x")),
        ("sql", SQL.format("postgresql:///x?host=/var/run/postgresql")),
        ("sql", SQL.format("postgresql://u@db.council.example/x?sslmode=verify-full&sslrootcert=a.pem")),
        ("sql", SQL.format("mysql://u@localhost/x")),
        ("sql", SQL.format("mysql://u@db.council.example/x")),
    ],
)
def test_a_line_on_this_machine_or_an_encrypted_one_is_taken(tmp_path, kind, connection):
    assert len(loaded(tmp_path, kind, connection)) == 1


def test_a_database_elsewhere_is_asked_for_a_proof_without_being_told_to():
    address = sa.make_url("postgresql://u@[2001:db8::1]/x")
    assert sql_tls.secured_postgresql(address, "x").query == {
        "sslmode": "verify-full",
        "sslrootcert": "system",
    }
    assert sql_tls.secured_postgresql(sa.make_url("postgresql://u@[::1]/x"), "x").query == {}
    left, told = sql_tls.secured_mariadb(sa.make_url("mysql://u@db.council.example/x?charset=utf8"), "x")
    assert told["ssl"].check_hostname
    assert left.query == {"charset": "utf8"}


@contextmanager
def encrypting(postgres, folder):
    """The server, told to encrypt; gives the file of the authority that proves it."""
    certificate, key = self_signed(folder)
    owner = not_as_root(folder).get("user")
    if owner:
        shutil.chown(key, owner)
    key.chmod(0o600)
    address = sa.make_url(postgres).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        for name, value in (("ssl_cert_file", certificate), ("ssl_key_file", key), ("ssl", "on")):
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        connection.execute("SELECT pg_reload_conf()")
    try:
        until(address, encrypted=True)
        yield certificate
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            for name in ("ssl", "ssl_cert_file", "ssl_key_file"):
                connection.execute(f"ALTER SYSTEM RESET {name}")
            connection.execute("SELECT pg_reload_conf()")
        until(address, encrypted=False)


def until(address, *, encrypted):
    """The server reads its settings a moment later."""
    for _ in range(200):
        with psycopg.connect(address) as connection:
            if connection.pgconn.ssl_in_use is encrypted:
                return
        time.sleep(0.05)
    pytest.fail("the server did not take its settings in")


@pytest.mark.parametrize("server", ["postgresql", "mariadb"], indirect=True)
def test_a_server_that_cannot_encrypt_is_refused_and_told_nothing(server, monkeypatch):
    url = server.build(server.script())
    assert ask(server.store(url)).kind is AnswerKind.FOUND
    monkeypatch.setattr(sql_tls, "is_here", lambda *_: False)
    with pytest.raises(StoreRefused, match="encrypted, or its certificate"):
        ask(server.store(url))


def test_a_server_with_a_certificate_of_our_authority_is_read_and_another_is_not(
    postgres, tmp_path, monkeypatch
):
    (tmp_path / "x.sql").write_text(TABLES + ROWS)
    url = postgres_server.database_on(postgres, "proven", tmp_path / "x.sql")
    monkeypatch.setattr(sql_tls, "is_here", lambda *_: False)
    with own_folder() as folder, encrypting(postgres, folder) as authority:
        proven = engine_for(f"{url}?sslmode=verify-full&sslrootcert={authority}", timeout_s=10, where="x")
        with proven.connect() as connection:
            assert connection.exec_driver_sql(
                "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            ).scalar()
        stranger = engine_for(url, timeout_s=10, where="x")
        with pytest.raises(sa.exc.OperationalError, match="certificate verify failed"):
            stranger.connect()
