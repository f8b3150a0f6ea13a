"""Running an installation: gathering from the command line, and the site with its worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sar.bootstrap import House
from sar.demonstration.sample import check_proofs, read_request, record_proof
from sar.demonstration.world import sample_world
from sar.domain.calendar import uk_day
from sar.domain.parties import Actor, StaffRole
from sar.domain.references import StaffId

RESTART_SECONDS = 1.0
LONGEST_PAUSE = 60.0
LONG_LIFE = 60.0


COMMAND_LINE = Actor(
    id=StaffId("command-line"), name="Whoever runs the command line", roles=frozenset({StaffRole.OFFICER})
)
"""Acts where a person has the data folder itself; the trail shows it as what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A case opened from a file: its reference and the due date of each leg, as ISO dates."""

    reference: str
    due: dict[str, str | None]


def receive_file(house: House, file: Path) -> Received:
    """Open a case from a request file, with the proofs of authority it records; all or nothing is wrong with it."""
    case = read_request(file)
    services, at = house.services, house.clock()
    check_proofs(case, today=uk_day(at))
    head = services.intake.receive(case.request, at=at, by=COMMAND_LINE)
    for proof in case.proofs:
        record_proof(services.standing, head.id, proof, at=at, by=COMMAND_LINE)
    services.tending.tend_case(head.id, at=at)
    page = services.enquiries.case_page(head.reference, on=uk_day(at))
    return Received(
        reference=str(head.reference),
        due={leg.name: leg.due_on.isoformat() if leg.due_on else None for leg in page.legs},
    )


def serve_site(house: House, *, host: str | None, port: int | None, say: Callable[[str], None]) -> None:
    """The site on waitress, one worker process beside it, and the sample servers for a demonstration."""
    from waitress import serve  # noqa: PLC0415 - only this command serves

    from sar.web.uploads import LARGEST_UPLOAD  # noqa: PLC0415 - the command line does not need the site

    settings = house.settings
    house.require_controller()
    with ExitStack() as stack:
        environment = dict(os.environ)
        if settings.is_demonstration and settings.stores_file:
            world = stack.enter_context(
                sample_world(settings.stores_file.parent, folder=settings.data_dir / "sample", fresh=False)
            )
            settings = replace(settings, variables=world.variables)
            environment |= {f"SAR_STORE_{name.upper()}": value for name, value in world.variables.items()}
        settings = replace(settings, host=host or settings.host, port=port or settings.port)
        application = House(settings, clock=house.clock).site()
        # Letters of the worker have to name the address the site really has.
        environment["SAR_SITE"] = settings.site_address
        # The worker is a process of its own: a store that hangs must not hang the site.
        stack.enter_context(_kept_worker(environment, say))
        # Asked to end, the worker and the sample servers end too.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        say(f"The site is at {settings.site_address} (stop with Ctrl-C).")
        # Behind a proxy of our own its headers say who asks; the site itself counts how many to believe.
        serve(
            application,
            host=settings.host,
            port=settings.port,
            threads=8,
            # Files that staff hand in stay in memory; larger ones are refused before they are read.
            inbuf_overflow=2 * LARGEST_UPLOAD,
            max_request_body_size=2 * LARGEST_UPLOAD,
            ident="",
            clear_untrusted_proxy_headers=not settings.proxies,
        )


@contextmanager
def _kept_worker(environment: dict[str, str], say: Callable[[str], None]) -> Iterator[None]:
    """A worker beside the site, started again whenever it dies, a little later each time."""
    stop = threading.Event()
    running: list[subprocess.Popen[bytes]] = []

    def keep() -> None:
        pause = RESTART_SECONDS
        while not stop.is_set():
            began = time.monotonic()
            worker = subprocess.Popen([sys.executable, "-m", "sar", "worker"], env=environment)
            running[:] = [worker]
            worker.wait()
            if stop.is_set():
                return
            pause = RESTART_SECONDS if time.monotonic() - began > LONG_LIFE else min(2 * pause, LONGEST_PAUSE)
            say(f"The worker ended (code {worker.returncode}) and starts again in {pause:.0f} seconds.")
            stop.wait(pause)

    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        for worker in running:
            worker.terminate()
            try:
                worker.wait(timeout=10)
            except subprocess.TimeoutExpired:
                worker.kill()
        keeper.join(timeout=5)


def work_until_stopped(house: House) -> None:
    """The worker process: ends on SIGTERM or Ctrl-C; what is unfinished is taken up by the next."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    house.run_worker(until=stop)
    # A store that hangs would hold a thread, and with it the process, for ever.
    os._exit(0)
