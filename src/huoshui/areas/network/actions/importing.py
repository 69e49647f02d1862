"""Importing a network file of any kind: check, plan, and write the good part."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from huoshui.areas.network import contracts, queries
from huoshui.areas.network.actions import connections
from huoshui.areas.network.actions.common import new_revision
from huoshui.areas.network.contracts import ImportReport
from huoshui.areas.network.importing import apply, source
from huoshui.areas.network.importing import plan as planning
from huoshui.areas.network.importing.coordinates import Placement
from huoshui.areas.network.importing.model import ReadNetwork
from huoshui.areas.network.importing.plan import Plan
from huoshui.areas.network.importing.source import Options
from huoshui.areas.network.models import NetworkFile
from huoshui.kernel import audit, clock, events

Tell = Callable[[str, int, int], None]


@dataclass
class Import:
    """One file, read and compared: what is wrong with it, and what it would do."""

    file_name: str
    sha256: str
    network: ReadNetwork
    plan: Plan = field(default_factory=Plan)
    revision: str = ""
    options: Options = field(default_factory=Options)

    @property
    def usable(self) -> bool:
        """Tell whether anything of the file can go in."""
        return not self.network.refused

    def report(self, *, ok: bool) -> ImportReport:
        """Return the outcome in numbers, with every problem."""
        plan = self.plan
        return ImportReport(
            ok=ok,
            file_name=self.file_name,
            sha256=self.sha256,
            nodes=len(self.network.nodes),
            links=len(self.network.links),
            created=len(plan.new),
            changed=len(plan.changed),
            unchanged=plan.unchanged,
            absent=plan.absent,
            problems=tuple(self.network.problems),
        )


def silent(step: str, done: int, total: int) -> None:
    """Tell nobody how far the work is."""


def check_network(path: Path, *, file_name: str, options: Options, tell: Tell = silent) -> Import:
    """Read a file and compare it with the register; writes nothing, raises for nothing in it."""
    tell("read", 0, 0)
    network = source.read(path, options, name=file_name)
    try:
        sha256 = source.sha256_of(path)
    except OSError:
        sha256 = ""
    found = Import(file_name, sha256, network, options=options)
    if not network.refused:
        tell("compare", 0, 0)
        found.revision = queries.revision()
        found.plan = planning.make(network, options.placement, whole=options.whole)
    return found


def apply_network(
    found: Import, *, by_id: int | None, only_good: bool, tell: Tell = silent
) -> ImportReport:
    """Write what a checked import planned, in one transaction.

    With problems that leave things out it writes only where ``only_good`` says that the rest is
    wanted. A file that changes nothing and was imported before leaves no trace. Publishes
    `NetworkImported`.
    """
    if not found.usable or (found.network.fatal and not only_good):
        return found.report(ok=False)
    with apply.roomy(), transaction.atomic():
        if queries.revision() != found.revision:
            # Somebody changed the register after the comparison.
            found.plan = planning.make(
                found.network, found.options.placement, whole=found.options.whole
            )
        plan = found.plan
        newest = NetworkFile.objects.order_by("-id").first()
        if plan.is_empty and newest is not None and newest.sha256 == found.sha256:
            return found.report(ok=True)
        apply.write(
            plan,
            by_id=by_id,
            why=found.file_name,
            tell=lambda done, total: tell("write", done, total),
        )
        if plan.made_whole:
            connections.retap(plan.made_whole, fresh=())
        report = found.report(ok=True)
        file = _keep_file(found, by_id)
        new_revision()
        audit.record(
            by_id,
            "network.import_network",
            f"network.file:{file.pk}",
            {
                "file": found.file_name,
                "sha256": found.sha256,
                "created": report.created,
                "changed": report.changed,
                "left_out": sum(problem.fatal for problem in report.problems),
            },
        )
        events.publish(
            contracts.NetworkImported(
                file_id=file.pk,
                file_name=found.file_name,
                sha256=found.sha256,
                nodes=report.nodes,
                links=report.links,
                by_id=by_id,
                at=file.imported_at,
            )
        )
    return report


def _keep_file(found: Import, by_id: int | None) -> NetworkFile:
    placement = found.options.placement
    return NetworkFile.objects.create(
        name=found.file_name[:255],
        sha256=found.sha256,
        text=found.network.text,
        crs=Placement(
            crs=found.plan.crs,
            offset_e_m=placement.offset_e_m,
            offset_n_m=placement.offset_n_m,
            rotation_deg=placement.rotation_deg,
            swap_axes=placement.swap_axes,
        ).described(),
        nodes=len(found.network.nodes),
        links=len(found.network.links),
        imported_at=clock.now(),
        imported_by_id=by_id,
    )


def import_inp(raw: bytes, *, file_name: str, crs: str, by_id: int | None) -> ImportReport:
    """Make the register hold the assets of an EPANET network file, if all of it is good."""
    with tempfile.TemporaryDirectory(prefix="huoshui-inp-") as folder:
        path = Path(folder, "network.inp")
        path.write_bytes(raw)
        options = Options(placement=Placement(crs=crs, anywhere=True))
        found = check_network(path, file_name=file_name, options=options)
        return apply_network(found, by_id=by_id, only_good=False)
