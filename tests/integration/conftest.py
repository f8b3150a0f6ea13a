"""What is read once for all tests over the services and the pages: the law, and the rules of redaction."""

from __future__ import annotations

import pytest

from sar.config import shipped
from sar.detection.reading import load_detector
from sar.domain.statutes import Law
from sar.law import load
from sar.ports.reviewing import Detector


@pytest.fixture(scope="session")
def law() -> Law:
    return load("england")


@pytest.fixture(scope="session")
def detector() -> Detector:
    return load_detector(shipped("redaction_rules"))
