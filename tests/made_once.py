"""What is the same in every test is made once a process: empty tables, compiled templates, compiled addresses.

Nothing under test changes by it: the tests of migrations, templates and routes make theirs anew, or would fail
alike. It only spares the suite several minutes of doing the same thing a thousand times.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import Environment
from sqlalchemy import Engine, create_engine
from werkzeug.routing import Rule

from sar.db import migrating


def empty_tables(file: Path) -> Callable[[Engine], None]:
    """``upgrade`` for SQLite databases without a table: copied from one that was really upgraded."""
    upgrade = migrating.upgrade
    template = create_engine(f"sqlite:///{file}")
    upgrade(template)
    template.dispose()

    def copied(engine: Engine) -> None:
        if engine.dialect.name == "sqlite":
            with closing(engine.raw_connection()) as there:
                if not there.execute("SELECT 1 FROM sqlite_master").fetchone():
                    with closing(sqlite3.connect(file)) as made:
                        made.backup(there.driver_connection)
                    return
        upgrade(engine)

    return copied


def compiled_templates() -> Callable[..., Any]:
    """``Environment.compile`` that remembers what it made of the same source under the same settings."""
    compile_ = Environment.compile
    known: dict[tuple[object, ...], CodeType] = {}

    def once(self: Environment, source: Any, name: Any = None, filename: Any = None, *rest: Any) -> Any:
        if not isinstance(source, str) or rest:
            return compile_(self, source, name, filename, *rest)
        settings = (
            type(self), self.autoescape, self.undefined, self.trim_blocks, self.lstrip_blocks, self.optimized,
            self.is_async, *(frozenset(each) for each in (self.filters, self.tests, self.globals, self.extensions)),
        )  # fmt: skip
        key = (source, name, filename, *settings)
        if key not in known:
            known[key] = compile_(self, source, name, filename)
        return known[key]

    return once


def compiled_addresses() -> Callable[..., Any]:
    """``Rule._compile_builder`` that remembers what it made of the same rule."""
    build = Rule._compile_builder  # There is no public way, and it is a third of making a site.
    known: dict[tuple[object, ...], Any] = {}

    def once(self: Rule, append_unknown: bool = True) -> Any:
        parts = (tuple(self._trace), repr(self.defaults), append_unknown)
        if parts not in known:
            known[parts] = build(self, append_unknown)
        return known[parts]

    return once
