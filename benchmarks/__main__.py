"""``python -m benchmarks [--only NAME] [--full]``: one JSON line a claim on standard output, a table on standard error.

Exit 0 when every measured claim is met, 1 when one is not, 2 for an unknown name. Each module of
this package with a function ``claims(*, full: bool)`` is a benchmark.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.claims import Claim

_NOT_BENCHMARKS = frozenset({"__main__", "claims"})


def _names() -> list[str]:
    here = [str(Path(__file__).parent)]
    return sorted(m.name for m in pkgutil.iter_modules(here) if m.name not in _NOT_BENCHMARKS)


def _measure(names: list[str], *, full: bool) -> Iterator[Claim]:
    for name in names:
        yield from importlib.import_module(f"benchmarks.{name}").claims(full=full)


def _row(claim: Claim) -> str:
    said = {True: "met", False: "NOT MET", None: f"skipped: {claim.skipped}"}[claim.met]
    value = "-" if claim.value is None else f"{claim.value:.4g}"
    sign = ">=" if claim.better == "higher" else "<="
    against = f" against {claim.against}" if claim.against else ""
    return f"{claim.claim:<58} {value:>9} {sign} {claim.target:g} {claim.unit}{against}: {said}"


def main() -> int:
    """Measure what was asked for and say whether every claim holds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", metavar="NAME", help=f"one of: {', '.join(_names())}")
    parser.add_argument("--full", action="store_true", help="the long form")
    asked = parser.parse_args()
    names = [asked.only] if asked.only else _names()
    if asked.only and asked.only not in _names():
        print(f"There is no benchmark {asked.only!r}. Use one of: {', '.join(_names())}.", file=sys.stderr)
        return 2
    unmet = 0
    for claim in _measure(names, full=asked.full):
        print(json.dumps(claim.as_line()), flush=True)
        print(_row(claim), file=sys.stderr)
        unmet += claim.met is False
    return 1 if unmet else 0


if __name__ == "__main__":
    sys.exit(main())
