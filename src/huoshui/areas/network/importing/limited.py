"""Run a reader in a child process with bounds on memory and time.

GDAL and EPANET are C. What they make of a hostile or broken file must not be the end of the
program that asked: a crash, a hang or a run-away of memory becomes a problem with a name.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

MEMORY_BYTES = 3_000_000_000
SECONDS = 240
OUTPUT_BYTES = 4_000_000_000
PACKAGE_ROOT = Path(__file__).resolve().parents[4]

CRASHED, TOO_LONG, TOO_MUCH = "reader_crashed", "reader_too_slow", "reader_out_of_memory"
MEMORY_EXIT = 86
"""Exit status by which a child says that its memory was used up."""


def run(module: str, *arguments: str, seconds: int = SECONDS, memory: int = MEMORY_BYTES) -> str:
    """Run a module as a program, by its name; return "" or the code of what befell it."""
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(PACKAGE_ROOT),
        "LANG": "C.UTF-8",
        # One file may name others: of drivers, on the net, in archives. None is followed.
        "GDAL_HTTP_MAX_RETRY": "0",
        "CPL_CURL_ENABLED": "NO",
        "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE",
        "HUOSHUI_CHILD_MEMORY": str(memory),
        "HUOSHUI_CHILD_SECONDS": str(seconds),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", module, *arguments]
    child = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        status = child.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return TOO_LONG
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    if status == 0:
        return ""
    if status == MEMORY_EXIT:
        return TOO_MUCH
    return TOO_LONG if status == -signal.SIGXCPU else CRASHED


def bind() -> None:
    """Set the bounds: the first thing a child does, before it looks at the file."""
    memory = int(os.environ["HUOSHUI_CHILD_MEMORY"])
    seconds = int(os.environ["HUOSHUI_CHILD_SECONDS"])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
