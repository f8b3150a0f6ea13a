"""A family's pack: how long it takes from decided words to a signed file, and how large a page is.

Measured on the invented pack of the tests, about sixty pages, in one process: render, inspect, sign.
The time is the processor's, so that a busy machine does not change the answer.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.claims import Claim
from sar.domain.disclosure import Needles
from sar.packs.inspection import PackInspection
from sar.packs.rendering import PackRenderer
from sar.packs.signing import PackSigning
from tests.unit.packs.sample_pack import SECRETS, sample_pack

RUNS = 3


def claims(*, full: bool) -> Iterator[Claim]:
    """Build the pack three times and give the median; the first run also pays for loading."""
    del full  # one size until packs are built in pieces
    pack, needles = sample_pack(), Needles(SECRETS)
    seconds, pages, size = [], 1, 0
    with tempfile.TemporaryDirectory() as folder:
        signing = PackSigning.open(Path(folder))
        for _ in range(RUNS):
            started = time.process_time()
            rendered = PackRenderer(signer_fingerprint=signing.fingerprint).render(pack)
            assert PackInspection().inspect_pdf(rendered.pdf, needles) == ()
            signed = signing.sign(rendered.pdf, at=datetime(2026, 11, 18, tzinfo=UTC))
            seconds.append(time.process_time() - started)
            pages, size = rendered.pages, len(signed)
    yield Claim(
        claim=f"pack.build_{pages}_pages",
        value=statistics.median(seconds),
        target=6,
        better="lower",
        unit="CPU s",
    )
    # The room for the signature and its revision is the same 20 KB in a pack of any length.
    yield Claim(claim="pack.size_per_page", value=size / pages / 1000, target=5, better="lower", unit="KB")
