"""What every process of an installation has: law, keys, cases, stores. Little else, for there are several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from sar.config import Settings
from sar.db import SqlArchive, open_archive
from sar.documents.isolated import IsolatedReading
from sar.domain.errors import EnvironmentFault
from sar.domain.statutes import Law
from sar.law import load
from sar.law.checking import check_everything
from sar.ports.gathering import Agreement, Store
from sar.services.gathering import Gathering
from sar.stores.load import load_agreements, load_stores
from sar.vault import CaseVault, Shelf, open_signer, open_vault

Clock = Callable[[], datetime]


def present() -> datetime:
    """The moment it is, aware, in UTC."""
    return datetime.now(UTC)


@dataclass
class Installation:
    """Its parts are made when they are first asked for."""

    settings: Settings
    clock: Clock = present

    @cached_property
    def law(self) -> Law:
        """The law of the nation the installation works in."""
        settings = self.settings
        law = load(
            settings.nation,
            extra_days=settings.extra_holidays,
            overrides=settings.law,
            terms=settings.school_terms,
        )
        check_everything(law)
        return law

    @cached_property
    def vault(self) -> CaseVault:
        """Keys and seals."""
        return open_vault(self._folder())

    @cached_property
    def archive(self) -> SqlArchive:
        """All cases."""
        folder = self._folder()
        return open_archive(
            self.settings.database,
            self.vault,
            Shelf(folder / "blobs", self.vault),
            open_signer(folder),
            folder / "checkpoints.jsonl",
        )

    @cached_property
    def _loaded(self) -> tuple[tuple[Store, ...], tuple[Agreement, ...]]:
        if self.settings.stores_file is None:
            return (), ()
        file = self.settings.stores_file
        loaded = load_stores(
            file,
            connections=file.with_name("connections.toml"),
            variables=self.settings.variables,
            reader=IsolatedReading(),
            clock=self.clock,
        )
        return loaded, load_agreements(file)

    @property
    def agreements(self) -> tuple[Agreement, ...]:
        """With whom we may share what, and since when."""
        return self._loaded[1]

    @property
    def stores(self) -> tuple[Store, ...]:
        """Every store that is set up."""
        return self._loaded[0]

    @cached_property
    def gathering(self) -> Gathering:
        """The step that asks stores."""
        return Gathering(
            archive=self.archive, stores=self.stores, controller=self.settings.controller,
            agreements=self.agreements, expected=self.law.alert_review,
        )  # fmt: skip

    def _folder(self) -> Path:
        folder = self.settings.data_dir
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise EnvironmentFault(
                "The data folder cannot be made.",
                next_step="Set SAR_DATA to a folder you may write to, or free some space.",
            ) from fault
        return folder


def gathering_of(settings: Settings) -> Gathering:
    """What a process needs that puts questions to stores."""
    return Installation(settings).gathering
