"""Choose the group of commands and hand over."""

from __future__ import annotations

import argparse
import importlib
import os
import select
import sys
from collections.abc import Sequence

from huoshui.cli import speaking, usage
from huoshui.cli.speaking import mark as _
from huoshui.kernel import errors

# Name, module, one line of help. A module offers `add_arguments(parser)` and `run(options) -> int`.
GROUPS = (
    ("demo", "huoshui.cli.demo", _("set up and run the demo city")),
    ("setup", "huoshui.cli.setup", _("make secrets, database and the first administrator")),
    ("web", "huoshui.cli.web", _("serve pages, API and live values")),
    ("worker", "huoshui.cli.worker", _("deliver events, run schedules and background tasks")),
    ("ingest", "huoshui.cli.ingest", _("receive measurements: the one writer of the historian")),
    ("broker", "huoshui.cli.broker", _("the demo's MQTT broker")),
    ("city", "huoshui.cli.city", _("the demo city's simulator")),
    (
        "users",
        "huoshui.cli.users",
        _("add users, set passwords, give and end posts, make API tokens"),
    ),
    ("audit", "huoshui.cli.audit", _("verify the audit trail")),
    ("health", "huoshui.cli.health", _("say what is late, full or failing")),
    ("backup", "huoshui.cli.backup", _("copy everything that is kept, while it runs")),
    ("restore", "huoshui.cli.restore", _("put a backup into an empty home folder")),
    ("import", "huoshui.cli.import_", _("import points, readings, customers, valves or a network")),
    ("export", "huoshui.cli.export", _("give the network out as a file")),
    ("forecast", "huoshui.cli.forecast", _("forecast what zones will use, from plain files")),
    ("simulate", "huoshui.cli.simulate", _("run a network file over time")),
    ("twin", "huoshui.cli.twin", _("hold a model against its measurements")),
    ("calls", "huoshui.cli.calls", "play calls to the hotline, as a telephone system would"),
    ("balance", "huoshui.cli.balance", _("balance the water of zones, with bands and grade")),
    ("leaks", "huoshui.cli.leaks", _("find leaks in measurements, and value reports of them")),
    ("docs", "huoshui.cli.docs", _("print generated reference pages")),
    ("manage", "huoshui.cli.manage", _("Django's own commands")),
)


READER_IS_GONE = 141
"""What a shell says of a program whose reader left early: 128 and the number of SIGPIPE."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; refusals go to stderr in plain words.

    Whoever reads only the first lines (``| head``) ends the command without a word.
    """
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        if not _reader_is_gone():
            raise
        return READER_IS_GONE


def _reader_is_gone() -> bool:
    """Return whether it is our own output that nobody reads, and let what is left of it go."""
    out = sys.stdout.fileno()
    poll = select.poll()
    poll.register(out, select.POLLOUT)
    if not any(event & (select.POLLERR | select.POLLHUP) for _file, event in poll.poll(0)):
        return False
    os.dup2(os.open(os.devnull, os.O_WRONLY), out)
    return True


def _run(arguments: Sequence[str] | None) -> int:
    words = list(sys.argv[1:] if arguments is None else arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
    # Before numpy is loaded: matrices here are small, and threads that share one cost more than
    # they bring (two years of leaks on two busy cores: 185 s of processor time, 48 s with one).
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    usage.speak()
    parser = argparse.ArgumentParser(prog="huoshui", description="Huoshui 活水")
    groups = parser.add_subparsers(dest="group", required=True, metavar="COMMAND")
    wanted = words[0] if words else ""
    modules = {}
    for name, path, summary in GROUPS:
        group = groups.add_parser(name, help=speaking.gettext(summary), add_help=name != "manage")
        if name == wanted:
            modules[name] = importlib.import_module(path)
            modules[name].add_arguments(group)
    if wanted == "manage":
        # Django reads its own options; argparse would take those before the first plain word.
        return int(modules["manage"].run(argparse.Namespace(words=words[1:])))
    options = parser.parse_args(words)
    try:
        return int(modules[options.group].run(options))
    except errors.HuoshuiError as refused:
        sys.stderr.write(f"{refused.message}\n")
        if refused.next_step:
            sys.stderr.write(f"{refused.next_step}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    finally:
        speaking.end()
