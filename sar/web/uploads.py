"""Files that staff hand in: only where a view says so, only from an account that may open it, never on a disk."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import IO, Any, TypeVar

from flask import Request, current_app, request

View = TypeVar("View", bound=Callable[..., Any])

LARGEST_UPLOAD = 64 * 1024 * 1024
"""Bytes of one form with its files."""


class InMemory(Request):
    """A request whose files stay in memory: what a family's paper says must not lie in a folder for passing files."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        del total_content_length, content_type, filename, content_length
        return BytesIO()


def takes_files(view: View) -> View:
    """Say that a view takes files. Stands next to the function."""
    view.sar_takes_files = True  # type: ignore[attr-defined]  # the mark that makes room
    return view


def makes_room() -> bool:
    """Whether the view that was asked for takes files."""
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, "sar_takes_files", False))


def make_room() -> None:
    """Let a larger form in where the view takes files. To be called only for an account that may open it."""
    if makes_room():
        request.max_content_length = LARGEST_UPLOAD
