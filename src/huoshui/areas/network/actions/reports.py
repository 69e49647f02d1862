"""What passers-by report about assets, and what staff do with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import choices, contracts, rules
from huoshui.areas.network.contracts import ReportState, Trouble
from huoshui.areas.network.models import Asset, AssetReport, Attachment
from huoshui.areas.network.refusals import NoSuchReport, TooManyReports
from huoshui.kernel import audit, clock, events, files, notices


def receive_report(
    asset_id: int,
    *,
    trouble: Trouble,
    text: str = "",
    phone: str = "",
    photo: Any = None,
    address: str = "",
) -> int:
    """Take a report of somebody without an account; return its number.

    Of ``address`` only a keyed hash is kept, that changes daily. Refuses more than some reports an
    hour from one address or about one asset (`network.too_many_reports`). Tells dispatchers.
    """
    now = clock.now()
    day = clock.local(now).date().isoformat()
    sender = salted_hmac("network.sender", f"{day} {address}", algorithm="sha256").hexdigest()[:32]
    # Asked twice: nobody's photo is unpacked in vain, and none is while all others wait to write.
    _refuse_too_many(asset_id, sender, now)
    read = files.read(photo, "network.report") if photo else None
    with transaction.atomic():
        asset = Asset.objects.present().select_for_update().get(id=asset_id)
        _refuse_too_many(asset_id, sender, now)
        report = AssetReport.objects.create(
            asset=asset,
            trouble=str(trouble),
            text=text.strip()[:1000],
            phone=phone.strip()[:40],
            photo=files.keep(read, None, "network.report") if read else None,
            sender=sender,
            reported_at=now,
        )
        audit.record(
            None,
            "network.receive_report",
            f"network.report:{report.pk}",
            {"asset": asset.code, "trouble": str(trouble)},
        )
        events.publish(
            contracts.AssetReported(
                report_id=report.pk, asset_code=asset.code, trouble=str(trouble), at=now
            )
        )
        notices.send(
            posts=("dispatcher",),
            title=_("Report about %(code)s"),
            values={"code": asset.code},
            text=choices.TROUBLES[trouble],
            url=f"/network/reports/{report.pk}/",
            level=notices.WARNING,
            key=f"network.report:{report.pk}",
        )
    return report.pk


def _refuse_too_many(asset_id: int, sender: str, now: datetime) -> None:
    latest = AssetReport.objects.filter(reported_at__gt=now - timedelta(hours=1))
    if (
        latest.filter(sender=sender).count() >= rules.REPORTS_PER_SENDER_H
        or latest.filter(asset_id=asset_id).count() >= rules.REPORTS_PER_ASSET_H
    ):
        raise TooManyReports


def settle_report(
    report_id: int, *, state: ReportState, by_id: int | None, answer: str = ""
) -> None:
    """Say what was done with a report: looked at, put aside, or a job asked for.

    Whoever makes jobs hears of it by `AssetJobWanted`. Refuses unknown reports.
    """
    now = clock.now()
    with transaction.atomic():
        report = AssetReport.objects.select_related("asset").filter(pk=report_id).first()
        if report is None:
            raise NoSuchReport(report_id)
        if report.state == state:
            return
        report.state, report.answer = str(state), answer.strip()[:300]
        report.looked_at, report.looked_by_id = now, by_id
        report.save()
        audit.record(
            by_id, "network.settle_report", f"network.report:{report_id}", {"state": str(state)}
        )
        if state == ReportState.JOB:
            events.publish(
                contracts.AssetJobWanted(
                    report_id=report_id,
                    asset_code=report.asset.code,
                    text=report.text,
                    by_id=by_id,
                    at=now,
                )
            )


def attach(code: str, upload: Any, *, caption: str = "", by_id: int | None) -> int:
    """Keep a photo with an asset; return the number of the attachment.

    Refuses what is no photo, as `kernel.files` does.
    """
    photo = files.read(upload, "network.asset")
    with transaction.atomic():
        asset = Asset.objects.get(code=code)
        found = Attachment.objects.create(
            asset=asset,
            file=files.keep(photo, by_id, "network.asset"),
            caption=caption.strip()[:200],
            added_at=clock.now(),
            added_by_id=by_id,
        )
        audit.record(by_id, "network.attach", f"network.asset:{code}", {"name": found.file.name})
    return found.pk


def detach(attachment_id: int, *, by_id: int | None) -> str:
    """Remove a photo from its asset; it stays on record. Return the asset's code."""
    with transaction.atomic():
        row = Attachment.objects.select_related("asset", "file").get(pk=attachment_id)
        if row.removed_at is None:
            Attachment.objects.filter(pk=row.pk).update(removed_at=clock.now())
            audit.record(
                by_id,
                "network.detach",
                f"network.asset:{row.asset.code}",
                {"name": row.file.name},
            )
    return row.asset.code
