"""The clean-up after a run that was killed."""

import os
import subprocess
import sys
import time
from pathlib import Path

OWNER = """
import sys, time
from pathlib import Path
from tests.controlplane.process import Process
from tests.controlplane.watchdog import Watchdog
directory = Path(sys.argv[1])
watchdog = Watchdog(directory)
process = Process(["sleep", "600"], log=directory / "sleep.log", watchdog=watchdog)
print(process.pid, flush=True)
if sys.argv[2] == "stop":
    process.stop()
    watchdog.stop()
else:
    time.sleep(600)
"""


def own(directory: Path, end: str) -> tuple[subprocess.Popen[str], int]:
    directory.mkdir()
    owner = subprocess.Popen([sys.executable, "-c", OWNER, directory, end], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    with owner.stdout:
        return owner, int(owner.stdout.readline())


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def gone(pid: int, directory: Path) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not is_running(pid) and not directory.exists():
            return True
        time.sleep(0.01)
    return False


def test_programs_and_folder_go_when_the_owner_is_killed(tmp_path: Path) -> None:
    owner, pid = own(tmp_path / "run", "wait")

    owner.kill()
    owner.wait()

    assert gone(pid, tmp_path / "run")


def test_programs_and_folder_go_when_the_owner_stops_them(tmp_path: Path) -> None:
    owner, pid = own(tmp_path / "run", "stop")

    assert owner.wait(10) == 0

    assert gone(pid, tmp_path / "run")
