"""The stores of the sample data, and the store in memory that services are tested with."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from sar.demonstration.databases import build_databases
from sar.demonstration.servers import sample_servers
from sar.documents.reader import DocumentReading
from sar.domain.errors import StoreFault
from sar.domain.records import SubjectQuery
from sar.stores.load import load_stores
from tests.contracts.joining import Joined
from tests.fakes.stores import AT, ISLA, FakeStore

SAMPLE = Path(__file__).parents[3] / "sample_data" / "stores"
REAL = ["trust_alerts", "council_ssd", "trust_fhir", "school_nursing", "trust_documents", "council_documents"]
NOWHERE = "http://127.0.0.1:9"


@contextmanager
def opened(name, _fixture, folder):
    build_databases(SAMPLE, folder)
    with sample_servers(SAMPLE) as variables:
        loaded = load_stores(
            SAMPLE / "stores.toml",
            connections=SAMPLE / "connections.toml",
            variables=variables | {"databases": str(folder)},
            reader=DocumentReading(),
        )
        store = next(s for s in loaded if s.description.name == name)
        if name == "school_nursing":
            # The sample's service fails its first call on purpose; that is not this suite's subject.
            with pytest.raises(StoreFault):
                store.answer(SubjectQuery(subject=ISLA), at=AT)
        yield store


def broken(name, folder):
    connections = (SAMPLE / "connections.toml").read_text()
    variables = dict.fromkeys(re.findall(r"\{([a-z_]+url)\}", connections), NOWHERE)
    connections = re.sub(r'mapping = "(?=\w+\.)', f'mapping = "{SAMPLE}/', connections)
    (folder / "connections.toml").write_text(connections)
    loaded = load_stores(
        SAMPLE / "stores.toml",
        connections=folder / "connections.toml",
        variables=variables | {"databases": str(folder), "client_id": "x", "client_secret": "y"},
        reader=DocumentReading(),
    )
    return next(s for s in loaded if s.description.name == name)


@contextmanager
def in_memory(_fixture, _folder):
    yield FakeStore([("9992311584", "F-1", date(2024, 3, 6), "A note."), ("1", "F-2", date(2024, 1, 1), "-")])


JOINED = [
    *(Joined(name=n, open=partial(opened, n), broken=partial(broken, n)) for n in REAL),
    Joined(name="fake", open=in_memory, broken=lambda _folder: FakeStore(down=True)),
]
