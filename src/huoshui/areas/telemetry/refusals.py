"""What telemetry refuses, each with its code, sentence and next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from huoshui.kernel import errors


class PointsNotDeclarable(errors.Refused):
    """Some declarations are wrong; none was kept, and all faults are listed."""

    status = 422

    def __init__(self, faults: Mapping[str, Sequence[str]]) -> None:
        super().__init__(
            "telemetry.points_not_declarable",
            _("%(count)d points cannot be declared as they are, the first of them %(code)s.")
            % {"count": len(faults), "code": next(iter(faults))},
            data={"faults": {code: list(why) for code, why in faults.items()}},
            next_step=_("Correct the fields named and declare all of them again."),
        )


class NoSuchPoint(errors.Refused):
    """A point was asked for that nobody has declared."""

    status = 404

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(
            "telemetry.no_such_point",
            _("There is no point %(code)s.") % {"code": ", ".join(codes[:5])},
            data={"codes": list(codes)},
            next_step=_("Look it up in the list of points."),
        )


class NoPointNamed(errors.Refused):
    """Something was asked for about points, and none was named."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "telemetry.no_point_named",
            _("No point is named."),
            next_step=_("Name at least one point."),
        )


class NoSuchAlarm(errors.Refused):
    """An alarm was asked for that does not exist."""

    status = 404

    def __init__(self, alarm_id: int) -> None:
        super().__init__(
            "telemetry.no_such_alarm",
            _("There is no alarm %(id)d.") % {"id": alarm_id},
            data={"alarm": alarm_id},
            next_step=_("Look it up in the list of alarms."),
        )


class AlarmAlreadyCleared(errors.Refused):
    """The condition went away before anybody acknowledged the alarm."""

    def __init__(self, alarm_id: int) -> None:
        super().__init__(
            "telemetry.alarm_already_cleared",
            _("This alarm has cleared by itself; there is nothing left to acknowledge."),
            data={"alarm": alarm_id},
            next_step=_("Look at the chart of that time."),
        )


class AlarmAlreadyAcknowledged(errors.Refused):
    """Somebody else was quicker."""

    def __init__(self, alarm_id: int) -> None:
        super().__init__(
            "telemetry.alarm_already_acknowledged",
            _("Somebody has already acknowledged this alarm."),
            data={"alarm": alarm_id},
            next_step=_("Load the page again to see who."),
        )


class DiskFull(errors.Unavailable):
    """The journal cannot be written; the sender must keep its readings and try again."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "telemetry.journal_unavailable",
            _("Readings cannot be stored now, most likely because the disk is full."),
            retry_after_s=30,
            data={"detail": detail},
            next_step=_("Make room on the disk of the server; senders try again by themselves."),
        )


class HistorianAlreadyOpen(errors.Refused):
    """A second writer was started beside the one that writes."""

    def __init__(self, folder: str, process: str) -> None:
        super().__init__(
            "telemetry.historian_already_open",
            _("Another ingest process already writes into this historian."),
            data={"folder": folder, "process": process},
            next_step=_("Stop that process first, or give this one another home folder."),
        )
