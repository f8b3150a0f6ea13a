"""A demo where one was before, where something else is, and where one still runs."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from sar.bootstrap import House
from sar.config import read_settings
from sar.demonstration.sample import read_case
from sar.domain.references import CaseReference
from sar.packs.verification import PackVerification
from sar.ports.casework import state_of
from tests.journeys.conftest import Demo
from tests.journeys.stage import (
    FAMILY,
    HARTLEY,
    LEGS,
    STORY,
    TOP,
    TRUST,
    close,
    environment,
    house_at,
    sar,
)

pytestmark = pytest.mark.timeout(900)


def packs_in(folder: Path, reference: str) -> dict[str, bytes]:
    """The released packs of one case, opened from the shelf."""
    house = House(read_settings({"SAR_DATA": str(folder)}))
    try:
        case = house.archive.find(CaseReference(reference))
        with house.archive.reading(case) as file:
            state = state_of(file)
            return {
                name: file.blob(f"pack-{state.leg(i).released_round}-{i}.pdf")
                for i, name in enumerate(LEGS, start=1)
            }
    finally:
        close(house)


def test_a_second_run_in_the_same_folder_works_loses_nothing_and_a_third_at_once_is_refused(
    demo: Demo, copy: Path, tmp_path: Path
) -> None:
    before = packs_in(copy, "SA-2026-0001")
    assert before["leanne"] == (demo.out / "pack-leanne.pdf").read_bytes()
    out = tmp_path / "out"
    second = subprocess.Popen(
        [sys.executable, "-m", "sar", "demo", "--no-serve", "--out", str(out)],
        env=environment(copy), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=TOP,
    )  # fmt: skip
    try:
        assert second.stdout is not None
        assert second.stdout.readline().startswith("Request SA-2026-0003")
        third = sar("demo", "--no-serve", "--out", tmp_path / "third", data=copy)
        said, complaints = second.communicate(timeout=600)
    finally:
        second.kill()
        second.wait()
    assert third.returncode == 2
    assert "Another demo is running" in third.stderr
    assert "What to do" in third.stderr
    assert not (tmp_path / "third").exists()
    assert second.returncode == 0, complaints
    assert "Trail verified" in said
    assert packs_in(copy, "SA-2026-0001") == before
    for pdf in before.values():
        assert PackVerification().verify(pdf).reference == "SA-2026-0001"
    fresh = packs_in(copy, "SA-2026-0003")
    for leg, pdf in fresh.items():
        assert (out / f"pack-{leg}.pdf").read_bytes() == pdf
        assert sar("verify", out / f"pack-{leg}.pdf", data=copy).returncode == 0
    queue = House(read_settings({"SAR_DATA": str(copy)}))
    try:
        references = sorted(str(head.reference) for head in queue.archive.heads())
    finally:
        close(queue)
    assert references == ["SA-2026-0001", "SA-2026-0002", "SA-2026-0003"]


def test_a_folder_with_other_cases_is_refused_and_nothing_in_it_changes(tmp_path: Path) -> None:
    folder = tmp_path / "real"
    folder.mkdir()
    (folder / "sar.toml").write_text(f'controller = "{TRUST}"\n')
    house = house_at(folder, None, {})
    house.services.intake.receive(read_case(HARTLEY).request, at=STORY, by=FAMILY)
    close(house)
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in folder.rglob("*") if p.is_file()}
    said = sar("demo", "--no-serve", "--out", tmp_path / "out", data=folder)
    assert said.returncode == 1
    assert "not the demo's" in said.stderr
    assert "SAR_DATA=" in said.stderr
    assert "Traceback" not in said.stderr
    assert {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in folder.rglob("*") if p.is_file()} == before
    assert not (tmp_path / "out").exists()


def test_a_demo_that_was_killed_leaves_a_folder_that_works_again(tmp_path: Path) -> None:
    """Nothing half-done: the trail holds, and the sample servers are not left behind."""
    folder = tmp_path / "data"
    process = subprocess.Popen(
        [sys.executable, "-m", "sar", "demo", "--no-serve", "--out", str(tmp_path / "out")],
        env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=TOP,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.startswith("Gathered, round 1"):
                break
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    verified = sar("trail", "verify", data=folder)
    assert verified.returncode == 0, verified.stderr
    assert "events in 1 cases" in verified.stdout
    assert until(lambda: not children_of_the_demo(folder)), "processes of a killed demo go on"


def children_of_the_demo(folder: Path) -> list[int]:
    """Sample servers that serve this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if str(folder).encode() in command:
                found.append(int(entry.name))
    return found


def until(done: object, *, seconds: float = 10) -> bool:
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if callable(done) and done():
            return True
        time.sleep(0.1)
    return False
