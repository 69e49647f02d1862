"""Running the checks of the network, and accepting what is right as it is."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import check_words, checking
from huoshui.areas.network.models import Finding
from huoshui.areas.network.refusals import ReasonNeeded
from huoshui.kernel import audit, clock, jobs

ROWS_AT_ONCE = 1000
IDS_AT_ONCE = 500


def run_checks(*, by_id: int | None, told: checking.Told = lambda done, total: None) -> int:
    """Run every check and keep what it found in place of the last run; return how many.

    What was found before and still is keeps its day and its acceptance.
    """
    found = {(one.check, one.subject): one for one in checking.find(told)}
    now = clock.now()
    with transaction.atomic():
        known = {
            (row.check_code, row.subject): row
            for row in Finding.objects.only("id", "check_code", "subject", "value", "expected")
        }
        gone = [row.id for key, row in known.items() if key not in found]
        for at in range(0, len(gone), IDS_AT_ONCE):
            Finding.objects.filter(id__in=gone[at : at + IDS_AT_ONCE]).delete()
        Finding.objects.update(seen_at=now)
        changed = []
        for key, row in known.items():
            one = found.get(key)
            if one is not None and (row.value, row.expected) != (one.value, one.expected):
                row.value, row.expected = one.value, one.expected
                changed.append(row)
        Finding.objects.bulk_update(changed, ["value", "expected"], batch_size=IDS_AT_ONCE)
        fresh = [
            Finding(
                check_code=one.check,
                level=check_words.BY_CODE[one.check].level,
                asset_id=one.asset_id,
                other_id=one.other_id,
                subject=one.subject,
                value=one.value,
                expected=one.expected,
                lon=one.lon,
                lat=one.lat,
                zone_id=one.zone_id,
                found_at=now,
                seen_at=now,
            )
            for key, one in found.items()
            if key not in known
        ]
        Finding.objects.bulk_create(fresh, batch_size=ROWS_AT_ONCE)
        audit.record(
            by_id,
            "network.run_checks",
            "network.findings",
            {"found": len(found), "new": len(fresh), "gone": len(gone)},
        )
    return len(found)


@jobs.task(label=_("Check the network"))  # type: ignore[untyped-decorator]
def check_network(by_id: int | None) -> int:
    """Run every check in the background, telling how far it is; return how many findings."""
    return run_checks(by_id=by_id, told=jobs.progress)


def accept_findings(ids: Sequence[int], *, reason: str, by_id: int | None) -> int:
    """Say that these findings are right as they are; return how many were open.

    Refuses without a reason (`network.reason_needed`).
    """
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        rows = Finding.objects.filter(id__in=list(ids), accepted_at=None)
        subjects = list(rows.values_list("check_code", "subject"))
        rows.update(accepted_at=clock.now(), accepted_by=by_id, reason=reason.strip()[:300])
        if subjects:
            audit.record(
                by_id,
                "network.accept_findings",
                "network.findings",
                {"findings": [": ".join(one) for one in subjects[:50]], "reason": reason.strip()},
            )
    return len(subjects)


def reopen_finding(finding_id: int, *, by_id: int | None) -> None:
    """Take back the acceptance of a finding."""
    with transaction.atomic():
        rows = Finding.objects.filter(id=finding_id, accepted_at__isnull=False)
        row = rows.first()
        if row is None:
            return
        rows.update(accepted_at=None, accepted_by=None, reason="")
        audit.record(
            by_id,
            "network.reopen_finding",
            "network.findings",
            {"check": row.check_code, "subject": row.subject},
        )
