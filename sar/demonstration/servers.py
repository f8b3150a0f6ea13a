"""The sample stores that speak HTTP, as one process on loopback.

``python -m sar.demonstration.servers --stores sample_data/stores --port-file ports.json`` writes the variables
that ``connections.toml`` needs (addresses, client id and secret) and serves until it is terminated.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sar.demonstration import sample_fhir, sample_sar_http
from sar.demonstration.sample_http import CLIENT_ID, SampleServer

SERVICES = ("school_nursing", "ambulance", "housing")


@contextmanager
def sample_servers(stores: Path) -> Iterator[dict[str, str]]:
    """All sample servers in threads of this process; the value fills ``connections.toml``."""
    secret = secrets.token_urlsafe(24)
    servers = {
        "fhir": SampleServer(sample_fhir.handler_for(sample_fhir.Resources(stores / "trust_fhir")), secret)
    }
    for name in SERVICES:
        service = sample_sar_http.Service(stores / f"{name}.json")
        servers[name] = SampleServer(sample_sar_http.handler_for(service), secret)
    threads = [
        threading.Thread(target=s.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        for s in servers.values()
    ]
    for thread in threads:
        thread.start()
    try:
        yield _variables(servers, secret)
    finally:
        for server in servers.values():
            server.shutdown()
            server.server_close()
        for thread in threads:
            thread.join(timeout=5)


def _variables(servers: dict[str, SampleServer], secret: str) -> dict[str, str]:
    variables = {"client_id": CLIENT_ID, "client_secret": secret}
    for name, server in servers.items():
        base = f"{server.origin}{sample_fhir.BASE}" if name == "fhir" else server.origin
        variables |= {f"{name}_url": base, f"{name}_token_url": f"{server.origin}/token"}
    return variables


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until terminated, or until the process that started us is gone."""
    parser = argparse.ArgumentParser(
        description="Serve the sample stores that speak HTTP, on this machine only."
    )
    parser.add_argument("--stores", type=Path, required=True, help="the folder sample_data/stores")
    parser.add_argument(
        "--port-file", type=Path, required=True, help="written when the servers listen (JSON)"
    )
    options = parser.parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    parent = os.getppid()
    with sample_servers(options.stores) as variables:
        _write(options.port_file, variables)
        while not stop.wait(0.5):
            # A demo that was killed must not leave its servers behind.
            if os.getppid() != parent:
                break
    options.port_file.unlink(missing_ok=True)
    return 0


def _write(target: Path, variables: dict[str, str]) -> None:
    """Whole or not at all, and readable by us only: it holds a secret."""
    fresh = target.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(variables, indent=1), encoding="utf-8")
    fresh.replace(target)


if __name__ == "__main__":
    raise SystemExit(main())
