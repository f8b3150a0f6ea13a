"""A folder with a census and a list of Annex A."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path

from sar.domain.references import StoreName
from sar.ports.gathering import StoreDescription
from sar.stores.tables import TablesStore
from tests.contracts.joining import Joined

RETURNS = Path(__file__).parents[2] / "data" / "returns"


def store_in(folder):
    return TablesStore(
        description=StoreDescription(name=StoreName("returns"), label="The returns", controller="A council"),
        path=folder,
    )


def filled(folder):
    for path in RETURNS.iterdir():
        if path.suffix != ".md":
            shutil.copy(path, folder)
    return folder


@contextmanager
def opened(_fixture, folder):
    yield store_in(filled(folder))


JOINED = [Joined(name="tables", open=opened, broken=lambda folder: store_in(folder / "gone"))]
