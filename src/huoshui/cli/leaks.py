"""Leaks from plain files: one module for each deed."""

from __future__ import annotations

import argparse
import importlib

from huoshui.cli import speaking
from huoshui.cli.speaking import mark as _

# Name, module, one line of help. A module offers `add_arguments(parser)` and `run(options) -> int`.
DEEDS = (
    (
        "compound",
        "huoshui.cli.leaks_compound",
        _("watch a compound behind its master meter, and balance it"),
    ),
    ("detect", "huoshui.cli.leaks_detect", _("find leaks in files of measurements")),
    ("make", "huoshui.cli.leaks_make", _("make records whose leaks are known, to practise on")),
    (
        "rank",
        "huoshui.cli.leaks_rank",
        _("rank pipes by pressures from a moment on, without a model"),
    ),
    ("score", "huoshui.cli.leaks_score", _("value reported leaks as the battle of 2020 did")),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the deeds."""
    chosen = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    for name, path, summary in DEEDS:
        one = chosen.add_parser(name, help=speaking.gettext(summary))
        importlib.import_module(path).add_arguments(one)


def run(options: argparse.Namespace) -> int:
    """Do the one that was asked for."""
    modules = {name: path for name, path, _summary in DEEDS}
    return int(importlib.import_module(modules[options.deed]).run(options))
