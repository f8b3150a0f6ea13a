"""Looking into a folder from a store: one time limit for every question, and one meaning for every error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self, TypeVar

from sar.domain.errors import SARError, StoreUnavailable
from sar.stores.asking import Asking, TooSlow
from sar.stores.files_tree import NO_OPENING, NOT_THERE, TOO_LARGE, Listed, Tree, held_item
from sar.stores.reaching import unavailable

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long one question may take, and how large one file may be; how much one search looks at in all."""

    deadline_s: float = 300
    max_bytes: int = 100 * 1024 * 1024
    max_files: int = 1_000_000
    search_s: float = 6 * 3600


NORMAL = Limits()


class Place(Protocol):
    """Where a folder lies and how it is reached. It never shows a password."""

    @property
    def limits(self) -> Limits:
        """What one question may cost."""
        ...

    def open(self, label: str) -> Tree:
        """A connection of its own for one answer.

        :raises StoreUnavailable: it may answer later.
        :raises StoreRefused: it does not know us, or is not who it should be.
        """
        ...


class FolderLook:
    """One folder, opened for one answer. No question waits longer than the place allows, whatever the library does."""

    def __init__(self, place: Place, label: str) -> None:
        self._place = place
        self._label = label
        self._worker = Asking()
        self._tree: Tree | None = None

    def __enter__(self) -> Self:
        try:
            self._tree = self._ask(lambda: self._place.open(self._label))
        except SARError:
            self._worker.stop()
            raise
        except OSError:
            self._worker.stop()
            raise self._gone() from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._tree is not None:
            self._worker.begin(self._tree.close)
        self._worker.stop()

    def files(self) -> Iterator[Listed]:
        """Every file below the root, and every name that is none, as it comes.

        :raises StoreUnavailable: the folder is not there, or was lost on the way.
        """
        tree = self._opened
        pages = tree.pages()
        try:
            while (page := self._ask(lambda: next(pages, None), tree.lost)) is not None:
                yield from page
        except (FileNotFoundError, NotADirectoryError):
            raise self._gone() from None
        except OSError:
            raise unavailable(self._label, "its folder could not be listed") from None

    def read(self, name: str) -> bytes:
        """One file.

        :raises UnreadableItem: gone, closed to us, changed meanwhile, or too large.
        :raises StoreUnavailable: the connection was lost.
        """
        tree, most = self._opened, self._place.limits.max_bytes
        try:
            return self._ask(
                lambda: tree.read(name, most=most, until=lambda: not self._worker.given_up), tree.lost
            )
        except (FileNotFoundError, NotADirectoryError):
            raise held_item(NOT_THERE) from None
        except MemoryError:
            raise held_item(TOO_LARGE, "too-large") from None
        except OSError:
            if not tree.alive():
                raise self._broken() from None
            raise held_item(NO_OPENING) from None

    @property
    def _opened(self) -> Tree:
        assert self._tree is not None, "enter it first"  # noqa: S101 (a mistake of ours, not of an input)
        return self._tree

    def _ask(self, question: Callable[[], _T], lost: tuple[type[BaseException], ...] = ()) -> _T:
        seconds = self._place.limits.deadline_s
        broken: tuple[type[BaseException], ...] = (*lost, ConnectionError, TimeoutError, EOFError)
        try:
            return self._worker.ask(question, seconds)
        except SARError:
            raise
        except TooSlow:
            raise unavailable(self._label, f"it was not done in {seconds:g} seconds") from None
        except broken:
            raise self._broken() from None

    def _broken(self) -> StoreUnavailable:
        return unavailable(self._label, "it could not be reached, or broke off")

    def _gone(self) -> StoreUnavailable:
        return StoreUnavailable(
            f"{self._label}: the folder is not there.",
            next_step="Mount or restore it; it is asked again by itself.",
        )
