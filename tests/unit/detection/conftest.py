from pathlib import Path

import pytest

from sar.detection.reading import load_detector

RULES = Path(__file__).parents[3] / "redaction_rules"


@pytest.fixture(scope="session")
def rules_dir():
    return RULES


@pytest.fixture(scope="session")
def detector():
    return load_detector(RULES)
