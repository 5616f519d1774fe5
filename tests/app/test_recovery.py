"""Nothing that was answered with 202 is lost, whatever ends the process."""

from __future__ import annotations

import signal
import time

from tests.app.site import PATIENCE, Site, until


def test_killed_while_running_and_waiting(site: Site) -> None:
    site.hold.touch()
    site.start()
    running = [site.deliver(1), site.deliver(2)]
    until(lambda: len(site.happened("begin")) == 2)
    # Two workers are taken: these wait, the first of them behind its own pull request as well.
    older, newer = site.deliver(1, "b", 1), site.deliver(1, "c", 2)
    waiting = [site.deliver(number) for number in (3, 4)]
    assert site.end(signal.SIGKILL) == -signal.SIGKILL

    site.hold.unlink()
    site.start()
    site.settle()

    states = site.states()
    assert [states[guid] for guid in running] == ["superseded", "done"]
    assert (states[older], states[newer]) == ("superseded", "done")
    assert [states[guid] for guid in waiting] == ["done", "done"]
    # Finished once each. What had begun before a newer head came is begun again, to be left in order.
    assert sorted(site.happened("end")) == ["1 c", "2 a", "3 a", "4 a"]
    assert sorted(site.happened("begin")) == ["1 a", "1 a", "1 c", "2 a", "2 a", "3 a", "4 a"]
    assert site.end(signal.SIGTERM) == 0


def test_killed_at_any_moment(site: Site) -> None:
    accepted: list[str] = []
    for milliseconds in (0, 30):
        site.start()
        first = len(accepted) + 100
        accepted += [site.deliver(number, guid=f"guid-{number}") for number in range(first, first + 8)]
        time.sleep(milliseconds / 1000)
        site.end(signal.SIGKILL)
    site.start()
    # GitHub, or we, may deliver again what is long stored.
    assert site.deliver(100, guid="guid-100") in accepted
    site.settle()
    assert site.states() == dict.fromkeys(accepted, "done")
    site.end(signal.SIGTERM)


def test_a_parked_job_survives_and_a_held_one_too(site: Site) -> None:
    site.hold.touch()
    site.start()
    parked, held = site.deliver(13), site.deliver(1)
    until(lambda: len(site.happened("begin")) == 2)
    # The grace time is over before the held job is: what is left is for the next process.
    assert site.end(signal.SIGTERM) == 0
    assert set(site.states().values()) == {"queued", "running"}

    site.hold.unlink()
    site.start()
    site.settle()
    assert site.states() == {parked: "done", held: "done"}
    assert sorted(site.happened("end")) == ["1 a", "13 a"]


def test_one_process_for_a_state_directory(site: Site) -> None:
    site.start()
    second = site.process(site.folder / "second")
    assert second.wait(PATIENCE) == 2
    said = (site.folder / "second").read_text().splitlines()[-1]
    assert said.startswith(
        f"TIDEWAITER_STATE_DIR: {site.folder / 'state'}: used by another process (expected"
    )
    assert site.end(signal.SIGINT) == 0
