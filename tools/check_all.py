"""Everything ``./huoshui test`` runs, one line per step, and a table at the end.

With arguments it runs only pytest with them: ``./huoshui test src/huoshui/areas/network -k tiles``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
LOGS = ROOT / ".tools/log"
CODE = ("src", "tests", "tools", "benchmarks", "scripts", "conftest.py", "huoshui")
SHOWN_LINES = 80


@dataclass(frozen=True)
class Step:
    """One program that must end well."""

    name: str
    command: tuple[str, ...]

    @property
    def log(self) -> Path:
        return LOGS / f"test-{self.name.replace(' ', '-')}.log"


@dataclass(frozen=True)
class Outcome:
    """How one step ended."""

    step: Step
    status: int
    duration_s: float
    remark: str


def workers() -> str:
    """Return how many test processes to start: one per core, two at least."""
    return str(max(2, min(os.cpu_count() or 2, 8)))


def pytest(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "pytest", "-q", "--durations=8", *arguments)


def chains() -> list[list[Step]]:
    """Return steps that may run beside each other; within a chain they follow one another.

    The checks of text need one core and some seconds, so they share the first minute with the
    types. Tests come after, alone, because they use every core.
    """
    python = sys.executable
    code = tuple(name for name in CODE if (ROOT / name).exists())
    return [
        [
            Step("ruff", (str(BIN / "ruff"), "check", *code)),
            Step("format", (str(BIN / "ruff"), "format", "--check", *code)),
            Step("imports", (str(BIN / "lint-imports"),)),
            Step("front end types", (python, "tools/frontend.py", "check")),
            Step("front end tests", (python, "tools/frontend.py", "test")),
        ],
        [Step("types", (python, "-m", "mypy", "src"))],
    ]


def test_steps() -> list[Step]:
    """Return the tests; journeys have a process of their own, because a browser leaves its loop."""
    everything = pytest("-n", workers(), "src", "tests", "tools", "--ignore=tests/journeys")
    found = [Step("tests", everything)]
    if any((ROOT / "tests/journeys").glob("test_*.py")):
        found.append(Step("journeys", pytest("tests/journeys")))
    return found


def run(step: Step) -> Outcome:
    """Run one step quietly and say how it ended."""
    began = time.monotonic()
    LOGS.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    with step.log.open("wb") as log:
        done = subprocess.run(
            step.command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env=env, check=False
        )
    duration_s = time.monotonic() - began
    lines = step.log.read_text(errors="replace").strip().splitlines()
    outcome = Outcome(step, done.returncode, duration_s, lines[-1].strip("= ") if lines else "")
    mark = "✗" if done.returncode else "✓"
    print(f"  {mark} {step.name:<16} {duration_s:6.1f} s   {outcome.remark[:90]}", flush=True)
    if done.returncode:
        print("\n".join(f"      {line}" for line in lines[-SHOWN_LINES:]), flush=True)
        print(f"      the whole output is in {step.log.relative_to(ROOT)}", flush=True)
    return outcome


def run_chain(chain: Sequence[Step]) -> list[Outcome]:
    return [run(step) for step in chain]


def table(outcomes: Sequence[Outcome], total_s: float) -> str:
    """Return the summary."""
    lines = ["", f"{'step':<18}{'seconds':>8}   result", "-" * 60]
    for outcome in outcomes:
        word = "failed" if outcome.status else "passed"
        lines.append(f"{outcome.step.name:<18}{outcome.duration_s:>8.1f}   {word}")
    failed = [outcome.step.name for outcome in outcomes if outcome.status]
    verdict = f"failed: {', '.join(failed)}" if failed else "everything passed"
    lines += ["-" * 60, f"{'together':<18}{total_s:>8.1f}   {verdict}"]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    if arguments:
        return subprocess.run(
            (sys.executable, "-m", "pytest", *arguments), cwd=ROOT, check=False
        ).returncode
    began = time.monotonic()
    both = chains()
    with ThreadPoolExecutor(len(both)) as pool:
        outcomes = [outcome for chain in pool.map(run_chain, both) for outcome in chain]
    outcomes += run_chain(test_steps())
    print(table(outcomes, time.monotonic() - began))
    return 1 if any(outcome.status for outcome in outcomes) else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
