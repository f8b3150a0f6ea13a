"""What every store is made of: whose it is, how it is reached, how it is mapped, who reads its documents."""

from __future__ import annotations

from typing import Generic, TypeVar

from sar.ports.gathering import DocumentReader, StoreDescription

_Settings = TypeVar("_Settings")
_Mapping = TypeVar("_Mapping")


class DescribedStore:
    """A store that says who it is. How it answers is its own."""

    def __init__(self, *, description: StoreDescription) -> None:
        self._description = description

    @property
    def description(self) -> StoreDescription:
        """Who it is and whose."""
        return self._description


class MappedStore(DescribedStore, Generic[_Settings, _Mapping]):
    """A store that is reached by settings, understood by a mapping, and may hold documents."""

    def __init__(
        self,
        *,
        description: StoreDescription,
        settings: _Settings,
        mapping: _Mapping,
        reader: DocumentReader,
    ) -> None:
        super().__init__(description=description)
        self._settings = settings
        self._mapping = mapping
        self._reader = reader
