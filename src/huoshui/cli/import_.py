"""Import a network, points, readings, customers or valves from a file."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from huoshui.cli import speaking
from huoshui.cli.speaking import gettext as _

if TYPE_CHECKING:
    from huoshui.kernel.intake import kinds

SHOWN = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what may be imported; the areas say which kinds and options there are."""
    speaking.begin()
    from huoshui.kernel.intake import kinds

    chosen = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    for kind in kinds.listed():
        _describe(kind, chosen.add_parser(kind.code, help=str(kind.description)))


def _describe(kind: kinds.Kind, one: argparse.ArgumentParser) -> None:
    one.add_argument("file", type=Path, nargs="?")
    one.add_argument(
        "--check", action="store_true", help=_("say what would happen, and do nothing")
    )
    one.add_argument("--json", action="store_true", help=_("answer for programs"))
    one.add_argument("--problems", type=Path, help=_("write the problems to this Excel file"))
    if kind.template is not None:
        one.add_argument("--template", type=Path, help=_("write an Excel file to fill in, here"))
    for option in kind.options:
        flag = f"--{option.code.replace('_', '-')}"
        words = f"{option.label}. {option.help}".strip().replace("%", "%%")
        if option.is_flag:
            one.add_argument(
                flag, dest=option.code, action="store_const", const="yes", default="", help=words
            )
        elif option.choices:
            codes = [code for code, _label in option.choices]
            one.add_argument(
                flag, dest=option.code, choices=codes, default=option.initial(), help=words
            )
        else:
            one.add_argument(
                flag, dest=option.code, default=option.initial(), metavar="TEXT", help=words
            )


def run(options: argparse.Namespace) -> int:
    """Check or import one file; exit status 1 when nothing could be imported."""
    from huoshui.kernel.intake import kinds, report

    kind = kinds.KINDS[options.kind]
    if kind.template is not None and options.template is not None:
        with options.template.open("wb") as out:
            kind.template(out)
        sys.stdout.write(f"{options.template}\n")
        return 0
    if options.file is None:
        sys.stderr.write(_("Name the file to import.") + "\n")
        return 2
    said = {option.code: getattr(options, option.code) for option in kind.options}
    if options.check:
        outcome = kind.check(options.file, options.file.name, said)
    else:
        outcome = kind.carry_out(options.file, options.file.name, said, None)
    if options.problems:
        report.write_excel(options.problems, outcome.problems)
    if options.json:
        answer = outcome.as_json() | {"checked_only": options.check}
        sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1) + "\n")
    else:
        _say(kind, outcome, checked=options.check)
    return 1 if outcome.problems.fatal else 0


def _say_options(kind: kinds.Kind, outcome: kinds.Outcome) -> None:
    """Name the options of this command that help against the problems found."""
    helping = {
        code for problem in outcome.problems.counts for code in kind.helped_by.get(problem, ())
    }
    named = [option for option in kind.options if option.code in helping]
    if named:
        sys.stdout.write(_("Options that help:") + "\n")
    for option in named:
        flag = option.code.replace("_", "-")
        sys.stdout.write(f"  --{flag}  {option.label}. {option.help}\n")


def _say(kind: kinds.Kind, outcome: kinds.Outcome, *, checked: bool) -> None:
    from huoshui.kernel.intake import report

    say = sys.stdout.write
    for label, words in outcome.facts:
        say(f"{label}: {words}\n")
    for one in outcome.differences[:SHOWN]:
        say(f"  {one.subject} · {one.what}: {one.before or '–'} → {one.after or '–'}\n")
    if outcome.differences_total > SHOWN:
        say(_("  … and %(count)d more differences") % {
            "count": outcome.differences_total - SHOWN} + "\n")  # fmt: skip
    if outcome.problems.total:
        say(report.text(outcome.problems) + "\n")
        _say_options(kind, outcome)
    if outcome.problems.fatal:
        return
    words = (
        _("Would import: %(created)d new, %(changed)d changed, %(unchanged)d the same (%(what)s).")
        if checked
        else _("Imported: %(created)d new, %(changed)d changed, %(unchanged)d the same (%(what)s).")
    )
    say(
        words
        % {
            "created": outcome.created,
            "changed": outcome.changed,
            "unchanged": outcome.unchanged,
            "what": kind.counted,
        }
        + "\n"
    )
