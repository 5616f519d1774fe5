"""The server as a process: its ports, its modes, and what keeps it from starting."""

from __future__ import annotations

import signal
import socket

import httpx
import pytest

from app.jobs import Attempt, Job, Outcome
from app.serving import CannotServe, serve
from app.settings import settings_from
from tests.app.site import Site, until

pytestmark = pytest.mark.usefixtures("logging_put_back")


def test_metrics_have_a_port_of_their_own(site: Site) -> None:
    site.start()
    site.deliver(1)
    until(lambda: site.happened("end") == ["1 a"])
    until(lambda: 'tidewaiter_jobs_total{outcome="done"} 1.0' in metrics(site))
    assert 'tidewaiter_deliveries_total{event="pull_request",result="queued"} 1.0' in metrics(site)
    assert httpx.get(f"http://127.0.0.1:{site.logged('listening')}/metrics").status_code == 404
    assert "hush" not in site.log.read_text()
    assert site.end(signal.SIGTERM) == 0


def metrics(site: Site) -> str:
    return httpx.get(f"http://127.0.0.1:{site.logged('metrics')}/metrics").text


def test_without_credentials_there_is_nothing_to_serve(site: Site) -> None:
    left = {name: value for name, value in site.environment.items() if name not in CREDENTIALS}
    with pytest.raises(CannotServe, match="TIDEWAITER_APP_ID: not set"):
        serve(settings_from(left), never)


CREDENTIALS = {"TIDEWAITER_APP_ID", "TIDEWAITER_PRIVATE_KEY", "TIDEWAITER_WEBHOOK_SECRET"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("TIDEWAITER_PORT", "TIDEWAITER_PORT: 127.0.0.1:{port}: Address already in use (expected a free address)"),
        ("TIDEWAITER_METRICS_PORT",
         "TIDEWAITER_METRICS_PORT: 127.0.0.1:{port}: Address already in use (expected a free address)"),
        ("TIDEWAITER_HOST",
         "TIDEWAITER_HOST: nowhere.invalid: not an address of this machine (expected 127.0.0.1, 0.0.0.0 or another)"),
        ("TIDEWAITER_STATE_DIR",
         "TIDEWAITER_STATE_DIR: {folder}/port/state: Not a directory (expected a directory to write in)"),
        ("TIDEWAITER_DATABASE_URL", "TIDEWAITER_DATABASE_URL: connection failed"),
    ],
)  # fmt: skip
def test_what_keeps_it_from_starting(site: Site, name: str, said: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (site.folder / "port").touch()
        values = {
            "TIDEWAITER_HOST": "nowhere.invalid",
            "TIDEWAITER_STATE_DIR": f"{site.folder}/port/state",
            "TIDEWAITER_DATABASE_URL": "postgresql://bob:letmein@127.0.0.1:1/none",
        }
        site.environment[name] = values.get(name, str(port))
        with pytest.raises(CannotServe) as raised:
            serve(settings_from(site.environment), never)
    line = str(raised.value)
    assert line.startswith(said.format(port=port, folder=site.folder))
    assert "\n" not in line
    assert "letmein" not in line


async def never(_job: Job, _attempt: Attempt) -> Outcome:
    raise AssertionError
