"""Parts are real child processes here: small Python programs that sleep or fall over."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from huoshui.cli import supervisor

SLEEPS = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('up', flush=True); time.sleep(60)"
)


def wait_for_line(path, text, seconds=10.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if path.exists() and text in path.read_text():
            return
        time.sleep(0.02)
    pytest.fail(f"{path} never said {text!r}")


@pytest.fixture
def parts(tmp_path):
    made = supervisor.Supervisor(tmp_path / "logs", {}, command=(sys.executable, "-c"))
    yield made
    made.stop()


class TestSupervisor:
    def test_stops_every_part(self, parts):
        first, second = parts.start("first", SLEEPS), parts.start("second", SLEEPS)
        wait_for_line(parts.log_of("second"), "up")

        parts.stop()

        assert not first.running
        assert not second.running

    def test_kills_a_part_that_does_not_want_to_go(self, parts, monkeypatch):
        monkeypatch.setattr(supervisor, "STOP_PATIENCE_S", 0.2)
        part = parts.start("stubborn", STUBBORN)
        wait_for_line(parts.log_of("stubborn"), "up")

        parts.stop()

        assert part.process.returncode == -signal.SIGKILL

    def test_starts_a_fallen_part_again(self, parts):
        part = parts.start("falls", SLEEPS)
        first_pid = part.process.pid
        part.process.kill()
        restarted = []

        def remember(name, exit_code):
            restarted.append((name, exit_code))
            parts.ask_to_stop()

        parts.watch(remember)

        assert restarted == [("falls", -signal.SIGKILL)]
        assert part.process.pid != first_pid

    def test_gives_up_on_a_part_that_keeps_falling_and_names_its_log(self, parts):
        parts.start("broken", "raise SystemExit(3)")

        with pytest.raises(supervisor.PartFailed, match=r"broken.*exit 3.*broken\.log"):
            parts.watch(lambda name, exit_code: None)

    def test_children_end_when_the_supervisor_is_killed(self, tmp_path):
        if sys.platform != "linux":
            pytest.skip("the kernel tells children of a parent's death on Linux only")
        program = (
            "import sys, time, pathlib\n"
            "from huoshui.cli import supervisor\n"
            f"logs = pathlib.Path({str(tmp_path)!r})\n"
            "python = (sys.executable, '-c')\n"
            "s = supervisor.Supervisor(logs, {}, command=python)\n"
            f"part = s.start('child', {SLEEPS!r})\n"
            "print(part.process.pid, flush=True)\n"
            "time.sleep(60)\n"
        )
        parent = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
        )
        child_pid = int(parent.stdout.readline())
        wait_for_line(tmp_path / "child.log", "up")

        parent.kill()
        parent.wait()
        parent.stdout.close()

        assert ends(child_pid)


def ends(pid: int, seconds: float = 10.0) -> bool:
    done = threading.Event()
    for _ in range(int(seconds / 0.05)):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        done.wait(0.05)
    return False
