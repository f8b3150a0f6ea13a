from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sar.packs.rendering import PackRenderer
from sar.packs.signing import PackSigning
from tests.unit.packs.sample_pack import sample_pack

AT = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def signing(tmp_path_factory) -> PackSigning:
    return PackSigning.open(
        tmp_path_factory.mktemp("keys") / "pack", organisation="Fenwater Hospitals NHS Trust"
    )


@pytest.fixture(scope="session")
def rendered(signing):
    return PackRenderer(signer_fingerprint=signing.fingerprint).render(sample_pack(records=12, length=14))


@pytest.fixture(scope="session")
def signed(signing, rendered) -> bytes:
    return signing.sign(rendered.pdf, at=AT)


@pytest.fixture
def no_fonts(tmp_path) -> Path:
    folder = tmp_path / "fonts"
    folder.mkdir()
    return folder
