"""The same mapping on a real, private PostgreSQL: the same records, and nothing can be written."""

import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from sar.demonstration.databases import build_databases
from sar.domain.errors import StoreRefused
from sar.domain.records import SubjectQuery
from sar.domain.references import StoreName
from sar.ports.gathering import StoreDescription
from sar.stores.sql import SqlStore
from sar.stores.sql_mapping import load_mapping
from tests.fakes.stores import AT, ISLA, LEANNE

SAMPLE = Path(__file__).parents[3] / "sample_data" / "stores"


def program(name):
    found = [str(p) for p in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))]
    return found[-1] if found else shutil.which(name)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    if not (program("initdb") and program("pg_ctl")):
        pytest.skip("no PostgreSQL server on this machine: `apt-get install postgresql` to run this test")
    folder = tmp_path_factory.mktemp("pg")
    # initdb refuses root; a throw-away account that every Debian has does the work.
    as_user = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        for parent in folder.parents:
            if parent.owner() == "root" and str(parent).startswith("/tmp/"):
                parent.chmod(parent.stat().st_mode | 0o011)
        as_user = {"user": "nobody", "group": nobody.pw_gid, "extra_groups": []}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"

    def run(*command):
        subprocess.run(command, check=True, capture_output=True, cwd=folder, timeout=60, **as_user)

    run(program("initdb"), "-D", data, "-U", "owner", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    run(program("pg_ctl"), "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
    try:
        yield f"postgresql+psycopg://owner@127.0.0.1:{port}/postgres"
    finally:
        run(program("pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")


@pytest.mark.parametrize("name", ["trust_alerts", "council_ssd"])
def test_postgresql_gives_what_sqlite_gives(postgres, tmp_path, name):
    engine = sa.create_engine(postgres, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql((SAMPLE / f"{name}.sql").read_text().replace("%", "%%"))
    urls = [postgres, str(build_databases(SAMPLE, tmp_path)[name])]
    both = [
        SqlStore(
            description=StoreDescription(name=StoreName(name), label=name, controller="C"),
            url=url,
            mapping=load_mapping(SAMPLE / f"{name}.mapping.toml"),
        )
        for url in urls
    ]
    for subject in (LEANNE, ISLA):
        large, small = (s.answer(SubjectQuery(subject=subject), at=AT) for s in both)
        assert small.records
        assert large == small


def test_postgresql_refuses_to_be_written_to(postgres):
    store = SqlStore(
        description=StoreDescription(name=StoreName("x"), label="x", controller="C"),
        url=postgres,
        mapping=load_mapping(SAMPLE / "trust_alerts.mapping.toml"),
    )
    with store._engine.connect() as connection, pytest.raises(sa.exc.InternalError, match="read-only"):
        connection.exec_driver_sql("CREATE TABLE planted (x int)")


def test_a_database_user_that_does_not_exist_is_refused_not_retried(postgres):
    store = SqlStore(
        description=StoreDescription(name=StoreName("x"), label="x", controller="C"),
        url=postgres.replace("owner@", "stranger@"),
        mapping=load_mapping(SAMPLE / "trust_alerts.mapping.toml"),
    )
    with pytest.raises(StoreRefused):
        store.check()
