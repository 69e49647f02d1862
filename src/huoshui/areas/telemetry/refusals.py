"""What telemetry refuses, each with its code, sentence and next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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


class ReasonMissing(errors.Refused):
    """Something is to be done that others must be able to understand later."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "telemetry.reason_missing",
            _("The reason is missing."),
            next_step=_("Say in a few words why; the next shift will read it."),
        )


class ShelvedTooLong(errors.Refused):
    """Shelving is for hours or days; its end must lie ahead and not far away."""

    status = 422

    def __init__(self, days: int) -> None:
        super().__init__(
            "telemetry.shelved_too_long",
            _("An alarm is shelved until a moment within the next %(days)d days.") % {"days": days},
            data={"days": days},
            next_step=_("Choose an earlier end, or take the point out of service."),
        )


class AlreadyOutOfService(errors.Refused):
    """The alarms of this point are out of service already."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "telemetry.already_out_of_service",
            _("The alarms of %(code)s are out of service already.") % {"code": code},
            data={"point": code},
            next_step=_("Look at the list of what is shelved and out of service."),
        )


class NotSuppressed(errors.Refused):
    """What was to be ended has ended already."""

    def __init__(self, suppression_id: int) -> None:
        super().__init__(
            "telemetry.not_suppressed",
            _("This is over already."),
            data={"suppression": suppression_id},
            next_step=_("Load the page again."),
        )


class AlarmNotResettable(errors.Refused):
    """Only an alarm that is held can be let go, once it is normal and acknowledged."""

    def __init__(self, alarm_id: int) -> None:
        super().__init__(
            "telemetry.alarm_not_resettable",
            _("This alarm cannot be reset: it still stands, or nobody has acknowledged it."),
            data={"alarm": alarm_id},
            next_step=_("Acknowledge it and wait until its value is normal."),
        )


class NoSuchRule(errors.Refused):
    """A rule was asked for that does not exist."""

    status = 404

    def __init__(self, code: str) -> None:
        super().__init__(
            "telemetry.no_such_rule",
            _("There is no alarm rule %(code)s.") % {"code": code},
            data={"rule": code},
            next_step=_("Look it up in the list of alarm rules."),
        )


class RuleNotUsable(errors.Refused):
    """A rule is wrong as it is written; nothing of it was kept."""

    status = 422

    def __init__(self, code: str, faults: Sequence[Any]) -> None:
        from huoshui.areas.telemetry import labels

        self.faults = tuple(faults)
        super().__init__(
            "telemetry.rule_not_usable",
            _("The rule %(code)s cannot be used: %(why)s")
            % {"code": code, "why": " ".join(str(labels.fault_text(one)) for one in faults)},
            data={
                "rule": code,
                "faults": [{"field": one.field, "code": one.code} for one in faults],
            },
            next_step=_("Correct the fields named and save again."),
        )


class LimitNotUsable(errors.Refused):
    """A limit would stand in the wrong order or outside what the instrument can measure."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "telemetry.limit_not_usable",
            _("This limit does not fit the other limits and the range of the instrument."),
            next_step=_("Limits go up from far below to far above, inside the range."),
        )


class OwnChange(errors.Refused):
    """Nobody decides on a change of a limit that he asked for himself."""

    status = 403

    def __init__(self, change_id: int) -> None:
        super().__init__(
            "telemetry.own_change",
            _("You asked for this change yourself; another person decides."),
            data={"change": change_id},
            next_step=_("Ask somebody who may approve limits."),
        )


class ChangeDecided(errors.Refused):
    """Somebody has already decided on this change, or there is none of that number."""

    def __init__(self, change_id: int) -> None:
        super().__init__(
            "telemetry.change_decided",
            _("This change has been decided already."),
            data={"change": change_id},
            next_step=_("Load the page again."),
        )


class NotCorrectable(errors.Refused):
    """A correction that cannot be made as it was asked for; ``problem`` says what is wrong."""

    status = 422

    def __init__(self, what: str, sentence: Any, next_step: Any) -> None:
        super().__init__(
            "telemetry.not_correctable", sentence, data={"problem": what}, next_step=next_step
        )


class NoSuchCorrection(errors.Refused):
    """A correction was asked for that does not exist."""

    status = 404

    def __init__(self, number: int) -> None:
        super().__init__(
            "telemetry.no_such_correction",
            _("There is no correction %(id)d.") % {"id": number},
            data={"correction": number},
            next_step=_("Look it up in the list of corrections."),
        )


class CorrectionAlreadyUndone(errors.Refused):
    """Somebody else was quicker."""

    def __init__(self, number: int) -> None:
        super().__init__(
            "telemetry.correction_already_undone",
            _("Somebody has already undone this correction."),
            data={"correction": number},
            next_step=_("Load the page again to see who."),
        )


class CorrectionPastKeeping(errors.Refused):
    """The readings below a correction are gone, and only hours that contain it are left."""

    def __init__(self, number: int) -> None:
        super().__init__(
            "telemetry.correction_past_keeping",
            _("The readings of this correction were deleted because their time was over."),
            data={"correction": number},
            next_step=_(
                "It stays as it is in the hourly values. Leave a remark on the trend if it was"
                " wrong."
            ),
        )


class NoSuchRetentionClass(errors.Refused):
    """A class of points was asked for that the program does not have."""

    status = 404

    def __init__(self, code: str) -> None:
        super().__init__(
            "telemetry.no_such_retention_class",
            _("There is no class %(code)s.") % {"code": code},
            data={"class": code},
            next_step=_("Choose one from the page of retention."),
        )


class KeptTooShort(errors.Refused):
    """Readings would be deleted before anybody could have looked at them."""

    status = 422

    def __init__(self, least_days: int) -> None:
        super().__init__(
            "telemetry.kept_too_short",
            _("Readings are kept for %(days)d days at least.") % {"days": least_days},
            data={"least_days": least_days},
            next_step=_("Choose a longer time, or keep them for ever."),
        )


class PointChangedMeanwhile(errors.Refused):
    """Somebody else changed a point while it was being edited."""

    status = 409

    def __init__(self, code: str) -> None:
        super().__init__(
            "telemetry.point_changed_meanwhile",
            _("Somebody else has changed point %(code)s meanwhile.") % {"code": code},
            data={"point": code},
            next_step=_("Load the page again and make your change to what holds now."),
        )


class PointsOfSeveralKinds(errors.Refused):
    """A number with a unit was given for points of several units."""

    status = 422

    def __init__(self, kinds: Sequence[str]) -> None:
        super().__init__(
            "telemetry.points_of_several_kinds",
            _("These points are of several kinds, and a number in one unit cannot suit them all."),
            data={"kinds": list(kinds)},
            next_step=_("Filter the list by kind and change the points of one kind at a time."),
        )
