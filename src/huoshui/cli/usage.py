"""The words of argparse in the reader's language: usage, options, what is missing or wrong.

The module says them through two functions of its own, which are replaced by ours.
"""

from __future__ import annotations

import argparse

from huoshui.cli import speaking
from huoshui.cli.speaking import mark as _

WORDS = (
    _("usage: "),
    _("positional arguments"),
    _("options"),
    _("show this help message and exit"),
    _("argument %(argument_name)s: %(message)s"),
    _("unknown parser %(parser_name)r (choices: %(choices)s)"),
    _("can't open '%(filename)s': %(error)s"),
    _("unrecognized arguments: %s"),
    _("not allowed with argument %s"),
    _("ignored explicit argument %r"),
    _("the following arguments are required: %s"),
    _("one of the arguments %s is required"),
    _("expected one argument"),
    _("expected at most one argument"),
    _("expected at least one argument"),
    _("ambiguous option: %(option)s could match %(matches)s"),
    _("unexpected option string: %s"),
    _("invalid %(type)s value: %(value)r"),
    _("invalid choice: %(value)r (choose from %(choices)s)"),
    _("%(prog)s: error: %(message)s\n"),
    _("expected %s argument"),
    _("expected %s arguments"),
)
"""What people may meet of it; the rest is said to who writes commands, and stays as it is."""


def speak() -> None:
    """Let argparse speak the language of this terminal's reader."""
    argparse._ = speaking.gettext  # type: ignore[attr-defined]
    argparse.ngettext = _one_or_many  # type: ignore[attr-defined]


def _one_or_many(one: str, many: str, count: int) -> str:
    return speaking.gettext(one if count == 1 else many)
