"""H10: what a commit says first."""

from __future__ import annotations

import re
import subprocess

from tests.house.checks import tree

SUBJECT_LENGTH_MAX = 72
SUBJECT = re.compile(r"^[a-z][a-z0-9_-]*(?:, [a-z][a-z0-9_-]*)*: [A-Z][^\n]*[^.]\.$")
LAZY = re.compile(r": (?:Fix lint|Fix tests?|Cleanup|Clean up|Update|Misc|Various|Small fixes)\.$")


def wrong_subject(subject: str) -> list[str]:
    """Return complaints about a subject that is not ``area: Imperative sentence.``"""
    complaints = []
    if len(subject) > SUBJECT_LENGTH_MAX:
        complaints.append(f"{len(subject)} characters (limit {SUBJECT_LENGTH_MAX}): {subject}")
    if not SUBJECT.match(subject):
        complaints.append(f"not of the form `area: Imperative sentence.`: {subject}")
    if LAZY.search(subject):
        complaints.append(f"does not say what changed: {subject}")
    return complaints


def subjects_on_the_branch() -> list[str]:
    """Return the subjects that the main branch of the origin does not have yet.

    Without such a branch, those of the latest hundred commits. Merges are left out.
    """
    for reach in ("origin/main..HEAD", "-100"):
        done = subprocess.run(
            ["git", "log", "--no-merges", "--format=%s", reach],
            cwd=tree.ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            return done.stdout.splitlines()
    return []
