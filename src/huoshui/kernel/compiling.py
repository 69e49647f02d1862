"""Compile one C file for this machine, once, with whatever compiler there is.

A compiler may come with the system or as a Python package (`ziglang`), which works without a
network once it is installed. Where there is none, or it fails, the caller goes on without: what is
compiled here must always have a slower way in Python beside it.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

log = logging.getLogger(__name__)

FLAGS = ("-O3", "-march=native", "-ffp-contract=fast", "-shared", "-fPIC")
LONGEST_S = 300
COMPILERS = ("cc", "gcc", "clang")


def compilers() -> list[list[str]]:
    """Return the commands that may compile C here, the system's own before the package's."""
    found = [[path] for name in COMPILERS if (path := shutil.which(name))]
    if importlib.util.find_spec("ziglang") is not None:
        found.append([sys.executable, "-m", "ziglang", "cc"])
    return found


def ensure(source: Path, target: Path) -> bool:
    """Make a shared library of a C file unless it is there, and say whether there is one now.

    The folder of the target is made for its owner only. The library appears all at once, so that
    two processes may do this at the same time. A failure is logged and is no error.
    """
    if target.is_file():
        return True
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".compiling-") as folder:
            made = Path(folder) / target.name
            for compiler in compilers():
                if _compile(compiler, source, made, Path(folder)):
                    made.chmod(0o700)
                    made.replace(target)
                    return True
    except OSError as failure:
        log.info("nothing was compiled: %s", failure)
    return False


def _compile(compiler: list[str], source: Path, made: Path, folder: Path) -> bool:
    """Run one compiler; say whether it made the library."""
    # Zig keeps caches of its own in the home folder; they are of no use to anybody afterwards.
    environment = os.environ | {
        "ZIG_GLOBAL_CACHE_DIR": str(folder / "zig"),
        "ZIG_LOCAL_CACHE_DIR": str(folder / "zig"),
    }
    command = [*compiler, *FLAGS, "-o", str(made), str(source), "-lm"]
    try:
        run = subprocess.run(
            command,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as failure:
        log.info("%s failed: %s", compiler[0], failure)
        return False
    if run.returncode:
        log.info("%s failed: %s", compiler[0], run.stderr[-2000:])
    return run.returncode == 0 and made.is_file()
