"""Make two years of records whose leaks are known, to try a detector on."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from huoshui.cli import plain_files
from huoshui.cli.speaking import gettext as _
from huoshui.kernel import errors


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the town."""
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help=_("where the files go")
    )
    parser.add_argument(
        "--seed", type=int, required=True, help=_("another number makes another town")
    )
    parser.add_argument(
        "--worse-model",
        action="store_true",
        help=_("the network file lies further from the truth"),
    )
    parser.add_argument(
        "--compound",
        action="store_true",
        help=_("a year of a compound behind its master meter instead of a town"),
    )
    parser.add_argument(
        "--days", type=int, default=730, help=_("how many of the two years' days are made")
    )


def run(options: argparse.Namespace) -> int:
    """Make the records, the truth and the network file that a detector may see."""
    from huoshui.democity.simulate import scada_years
    from huoshui.democity.worlds import ltown

    folder: Path = options.out
    if folder.exists() and not folder.is_dir():
        raise errors.Refused(
            "cli.no_folder",
            _("%(folder)s is a file.") % {"folder": folder},
            data={"folder": str(folder)},
            next_step=_("Choose a folder that is new or empty."),
        )
    if folder.exists() and any(folder.iterdir()):
        raise errors.Refused(
            "cli.folder_not_empty",
            _("%(folder)s is not empty.") % {"folder": folder},
            data={"folder": str(folder)},
            next_step=_("Choose a folder that is new or empty."),
        )
    if not 1 <= options.days <= scada_years.DAYS or options.seed < 0:
        raise errors.Refused(
            "cli.town_impossible",
            _("A town needs 1 to %(most)d days and a seed of 0 or more.")
            % {"most": scada_years.DAYS},
            data={"days": options.days, "seed": options.seed},
            next_step=_("Correct the number."),
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise plain_files.not_written(folder, problem) from problem
    if options.compound:
        from huoshui.democity.simulate import compounds

        compounds.write(folder, compounds.compound(options.seed))
        sys.stdout.write(
            _("A compound is in %(folder)s: master.csv, homes.csv, events.csv, leaks.csv.")
            % {"folder": folder}
            + "\n"
        )
        return 0
    town = scada_years.Town(options.seed, scada_years.WORSE if options.worse_model else None)
    try:
        scada_years.write_world(folder, town, town.run(options.days))
    finally:
        town.close()
    shutil.copyfile(ltown.network_path(), folder / "L-TOWN.inp")
    sys.stdout.write(
        _("Made in %(folder)s: records by year, leaks.csv with the truth, L-TOWN.inp.")
        % {"folder": folder}
        + "\n"
    )
    return 0
