"""The sample databases on the two servers that councils and trusts really run."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial

from sar.domain.references import StoreName
from sar.ports.gathering import StoreDescription
from sar.stores.sql import SqlStore
from sar.stores.sql_mapping import load_mapping
from tests.contracts.joined.sample import SAMPLE
from tests.contracts.joining import Joined
from tests.servers import mariadb, postgres

SERVERS = {
    "postgresql": ("postgres", postgres.database_on, "postgresql+psycopg://nobody@127.0.0.1:9/none"),
    "mariadb": ("mariadb", mariadb.database_on, "mysql+pymysql://nobody@127.0.0.1:9/none"),
}


def store_at(url, name):
    return SqlStore(
        description=StoreDescription(name=StoreName(name), label=f"The {name}", controller="A council"),
        url=url,
        mapping=load_mapping(SAMPLE / f"{name}.mapping.toml"),
        timeout_s=5,
    )


@contextmanager
def opened(server, name, fixture, _folder):
    which, database_on, _ = SERVERS[server]
    yield store_at(database_on(fixture(which), f"joined_{name}", SAMPLE / f"{name}.sql"), name)


JOINED = [
    Joined(
        name=f"{name}-{server}",
        open=partial(opened, server, name),
        broken=lambda _folder, server=server, name=name: store_at(SERVERS[server][2], name),
    )
    for server in SERVERS
    for name in ("trust_alerts", "council_ssd")
]
