"""What may be imported: the areas declare it, the command line and the pages offer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils.functional import Promise

from huoshui.kernel.intake.problems import Found

DIFFERENCES_KEPT = 1_000


@dataclass(frozen=True)
class Option:
    """One thing a person may say about a file. A flag is "yes" or nothing."""

    code: str
    label: Any
    help: Any = ""
    choices: tuple[tuple[str, Any], ...] = ()
    is_flag: bool = False
    default: str | Callable[[], str] = ""

    def initial(self) -> str:
        """What is assumed when nothing is said."""
        return self.default() if callable(self.default) else self.default


@dataclass(frozen=True)
class Difference:
    """One value that the import changes: of what, which, from, to."""

    subject: str
    what: Any
    before: Any
    after: Any


@dataclass
class Outcome:
    """What an import would do (checked) or did (carried out).

    ``facts`` say how the file was understood, each a label and its words. ``unchanged`` counts
    what the file says just as we know it; ``left_out`` what could not be taken.
    """

    facts: list[tuple[Any, Any]] = field(default_factory=list)
    problems: Found = field(default_factory=Found)
    differences: list[Difference] = field(default_factory=list)
    differences_total: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    left_out: int = 0

    def differ(self, subject: str, what: Any, before: Any, after: Any) -> None:
        """Take down one difference; all are counted, as many kept as anybody reads."""
        self.differences_total += 1
        if len(self.differences) < DIFFERENCES_KEPT:
            # Words of a list stay translatable: they are kept in every language.
            said = [
                "" if one is None else one if isinstance(one, Promise) else str(one)
                for one in (before, after)
            ]
            self.differences.append(Difference(subject, what, *said))

    def as_json(self) -> dict[str, Any]:
        """Return the outcome for programs and for keeping; words in the reader's language."""
        from huoshui.kernel.intake import report

        return {
            "facts": [[str(label), str(words)] for label, words in self.facts],
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "left_out": self.left_out,
            "fatal": self.problems.fatal,
            "problems_total": self.problems.total,
            "problems": report.as_json(self.problems),
            "differences_total": self.differences_total,
            "differences": [
                [one.subject, str(one.what), str(one.before), str(one.after)]
                for one in self.differences
            ],
        }


Check = Callable[[Path, str, Mapping[str, str]], Outcome]
CarryOut = Callable[[Path, str, Mapping[str, str], int | None], Outcome]


def done_and_taken_back(
    carry_out: CarryOut, path: Path, name: str, options: Mapping[str, str]
) -> Outcome:
    """Do an import and take it back: what is refused then is refused when it counts.

    For a ``check`` whose rows are judged by the deeds that would keep them.
    """
    with transaction.atomic():
        outcome = carry_out(path, name, options, None)
        transaction.set_rollback(True)
    return outcome


@dataclass(frozen=True)
class Kind:
    """One kind of file that may be imported.

    ``check`` and ``carry_out`` take the path, the name its owner gives the file, and the options;
    neither raises for what is in the file. ``template`` writes an Excel file to fill in.
    ``counted`` names what is counted ("points").
    """

    code: str
    label: Any
    description: Any
    permission: str
    check: Check
    carry_out: CarryOut
    counted: Any
    options: Sequence[Option] = ()
    template: Callable[[IO[bytes]], None] | None = None
    order: int = 100
    files: Any = ""
    """Which files it takes, in words; empty: tables."""
    helped_by: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Which options help against a problem, by its code."""


def of_module(load: Callable[[], Any], *, has_template: bool = True, **rest: Any) -> Kind:
    """Return a kind whose ``check``, ``carry_out`` and ``template`` are functions of one module.

    ``load`` imports the module: only when somebody imports such a file, since it would slow down
    the start of every process.
    """

    def check(path: Path, name: str, options: Mapping[str, str]) -> Outcome:
        found: Outcome = load().check(path, name, options)
        return found

    def carry_out(path: Path, name: str, options: Mapping[str, str], by_id: int | None) -> Outcome:
        found: Outcome = load().carry_out(path, name, options, by_id)
        return found

    def template(target: IO[bytes]) -> None:
        load().template(target)

    return Kind(
        check=check, carry_out=carry_out, template=template if has_template else None, **rest
    )


KINDS: dict[str, Kind] = {}


def declare_kind(kind: Kind) -> None:
    """Make a kind of import known to the command line and the pages."""
    KINDS[kind.code] = kind


def name_of(code: str) -> Any:
    """Return what a kind of import is called; one that is gone stays a code."""
    return KINDS[code].label if code in KINDS else code


def listed() -> list[Kind]:
    """Return all kinds in the order they are offered."""
    return sorted(KINDS.values(), key=lambda kind: (kind.order, kind.code))
