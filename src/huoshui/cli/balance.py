"""The water balance of a file: by IWA with its bands, and by CJJ 92 with its grade."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from huoshui.cli import balance_file, balance_json, balance_said, plain_files
from huoshui.cli.speaking import gettext as _
from huoshui.kernel import errors
from huoshui.lab.leakage import account, cjj92

RULES = ("iwa", "cjj92")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the file."""
    parser.add_argument(
        "file", type=Path, help=_("volumes of one or more zones: TOML, CSV or Excel")
    )
    parser.add_argument(
        "--rules", default=",".join(RULES), metavar="LIST", help=_("iwa, cjj92 or both (both)")
    )
    parser.add_argument(
        "--anyway", action="store_true",
        help=_("balance in spite of too little data or impossible volumes; says so"),
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help=_("answer for programs"))


def run(options: argparse.Namespace) -> int:
    """Balance each zone of the file; exit status 1 when one was refused, 2 for a bad file."""
    rules = [one.strip() for one in options.rules.split(",") if one.strip()]
    if not rules or not set(rules) <= set(RULES):
        raise errors.Refused(
            "cli.rules_unknown",
            _("There are no rules %(rules)s.") % {"rules": options.rules},
            data={"rules": options.rules},
            next_step=_("Say iwa, cjj92 or iwa,cjj92."),
        )
    reader = balance_file.Reader(options.file)
    try:
        with options.file.open("rb"):
            pass
        accounts = reader.read()
    except OSError as problem:
        raise plain_files.refusal(problem) from problem
    if reader.problems:
        return _refuse(reader, as_json=options.json)
    answers, done, refused = [], [], False
    for one, line in accounts:
        findings = account.check(one)
        stopped = any(found.fatal for found in findings) and not options.anyway
        refused = refused or stopped
        worked = None if stopped else account.work_out(one)
        if worked is not None:
            done.append((one, worked))
        if options.json:
            answers.append(balance_json.as_json(one, line, findings, worked, rules))
        else:
            where = plain_files.place(options.file, line)
            sys.stdout.write(balance_said.text(one, where, findings, worked, rules) + "\n")
    region = _region(done) if "cjj92" in rules else None
    if options.json:
        answer = {"file": str(options.file), "balances": answers, "region": region}
        sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1) + "\n")
    elif region is not None:
        words = _(
            "All %(count)d together by CJJ 92, weighed by their water: loss rate %(rate).2f %%."
        )
        sys.stdout.write(words % {"count": region["zones"], "rate": region["rate_pct"]} + "\n")
    return 1 if refused else 0


def _region(done: Sequence[tuple[account.Account, account.Worked]]) -> dict[str, Any] | None:
    """Return the loss rate of all zones of one period together, where each has a rate."""
    if len(done) < 2 or len({(one.from_date, one.until_date) for one, _worked in done}) > 1:
        return None
    supplied = [worked.balance["water_supplied"].volume_m3.item() for _one, worked in done]
    rate = cjj92.regional_rate(
        rate_pct=[worked.rate.rate_pct.item() for _one, worked in done], supplied_m3=supplied
    )
    if math.isnan(rate):
        return None
    return {"zones": len(done), "supplied_m3": sum(supplied), "rate_pct": round(rate, 4)}


def _refuse(reader: balance_file.Reader, *, as_json: bool) -> int:
    """Say everything that is wrong with the file, each with its place and what to do."""
    if as_json:
        problems: list[dict[str, Any]] = [
            {
                "code": one.code, "line": one.line, "column": one.column, "value": one.value,
                "words": str(one.words), "remedy": str(one.remedy),
            }
            for one in reader.problems
        ]  # fmt: skip
        answer = {"file": str(reader.path), "problems": problems}
        sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1) + "\n")
        return 2
    for one in reader.problems:
        where = plain_files.place(reader.path, one.line, one.column)
        value = f" [{one.value}]" if one.value else ""
        sys.stderr.write(f"{where}{_(': ')}{one.words}{value}\n    {one.remedy}\n")
    return 2
