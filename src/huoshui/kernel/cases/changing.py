"""What every change of a case shares: finding it, checking who and when, writing it down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from huoshui.kernel import audit, clock, events
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import declaring, facts, reading, refusals, snapshots
from huoshui.kernel.cases.declaring import CaseType

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User
    from huoshui.kernel.cases.models import Case, CaseStep


def type_of(code: str) -> CaseType:
    """Return a declared type; refuses with `cases.unknown_type`."""
    found = declaring.case_type(code)
    if found is None:
        raise refusals.UnknownType(code)
    return found


def locked(number: str) -> Case:
    """Return a case, locked until the transaction ends; refuses with `cases.unknown_case`."""
    from huoshui.kernel.cases.models import Case

    found = Case.objects.select_for_update().filter(number=number.strip().upper()).first()
    if found is None:
        raise refusals.UnknownCase(number)
    return found


def done_before(case: Case, key: str) -> bool:
    """Tell whether a request was carried out already, so that a repeated one does nothing."""
    return bool(key) and case.steps.filter(request_key=key).exists()


def check_revision(case: Case, revision: int | None) -> None:
    """Refuse with `cases.changed_meanwhile` where the reader saw an older case."""
    if revision is None or revision == case.revision:
        return
    step = case.steps.select_related("by").order_by("-id").first()
    by = str(step.by) if step and step.by else _("the system")
    at = f"{clock.local(step.at):%Y-%m-%d %H:%M}" if step else ""
    raise refusals.ChangedMeanwhile(case.number, by, at, reading.state_label(case))


def user_of(by_id: int | None) -> User | None:
    """Return who acts; None is the system itself, which needs no permission."""
    from huoshui.kernel.accounts.models import User

    return None if by_id is None else User.objects.get(pk=by_id)


def check_may(user: User | None, code: str, case: Case) -> None:
    """Refuse unless the user holds a permission in the unit of the case."""
    if user is None:
        return
    permissions.require(user, code)
    reached = permissions.units_of(user, code)
    if reached is not None and case.unit_id not in reached:
        raise refusals.NotInYourUnit(case.number)


def check_not_merged(case: Case) -> None:
    """Refuse where a case is a duplicate, resting or closed: it is treated at its original."""
    if case.merged_into is not None:
        raise refusals.Merged(case.number, case.merged_into.number)


def check_alive(case: Case) -> None:
    """Refuse where a case is a duplicate or closed."""
    check_not_merged(case)
    if case.state_kind in declaring.CLOSED_KINDS:
        raise refusals.AlreadyClosed(case.number)


def write(
    case: Case,
    kind: str,
    *,
    at: datetime,
    by_id: int | None,
    note: str = "",
    transition: str = "",
    from_state: str = "",
    to_state: str = "",
    stayed_s: float | None = None,
    data: Mapping[str, Any] | None = None,
    key: str = "",
) -> CaseStep:
    """Append a line to the timeline of a case, and save the case as one revision later."""
    from huoshui.kernel.cases.models import CaseStep

    case_type = declaring.case_type(case.type_code)
    if case_type is not None:
        case.version_id = snapshots.version_id(case_type)
    case.revision += 1
    case.save()
    return CaseStep.objects.create(
        case=case,
        kind=kind,
        transition=transition,
        from_state=from_state,
        to_state=to_state,
        stayed_s=stayed_s,
        at=at,
        by_id=by_id,
        note=note.strip(),
        data=dict(data or {}),
        request_key=key,
    )


def in_the_trail(case: Case, deed: str, by_id: int | None, **detail: Any) -> None:
    """Record a deed on a case in the audit trail."""
    about = {"type": case.type_code, **detail}
    audit.record(by_id, f"cases.{deed}", f"cases.case:{case.number}", about)


def links_of(case: Case) -> tuple[tuple[str, str], ...]:
    """Return what a case is about, for those who are told of it."""
    return tuple(case.links.order_by("id").values_list("kind", "code"))


def tell_reopened(
    case: Case, *, by_id: int | None, now: datetime, due_at: datetime | None = None
) -> None:
    """Tell that a closed case is open again; its next deadline where no other is named."""
    events.publish(
        facts.CaseReopened(
            number=case.number,
            type_code=case.type_code,
            state=case.state,
            reopened_count=case.reopened_count,
            at=now,
            by_id=by_id,
            due_at=due_at or case.next_due_at,
            links=links_of(case),
        )
    )


def unit_id_of(code: str | None) -> int | None:
    """Return the key of a unit by its code; refuses with `cases.not_usable`."""
    from huoshui.kernel.organisation.models import Unit

    if not code:
        return None
    found = Unit.objects.filter(code=code).values_list("pk", flat=True).first()
    if found is None:
        raise refusals.NotUsable({"unit": _("there is no unit %(code)s") % {"code": code}})
    return found


def add_links(case: Case, links: Iterable[tuple[str, str]]) -> None:
    """Say what a case is about; what it is about already stays."""
    from huoshui.kernel.cases.models import CaseLink

    CaseLink.objects.bulk_create(
        [CaseLink(case=case, kind=kind, code=code) for kind, code in dict.fromkeys(links)],
        ignore_conflicts=True,
    )


def fact(case: Case) -> facts.CaseFact:
    """Return a case as others receive it."""
    return reading.fact_of(case)


def keep_person(case: Case, person: Mapping[str, str] | None) -> bool:
    """Keep who raised a case, apart from it; tell whether anything changed.

    What is not given stays; an empty word takes it away.
    """
    from huoshui.kernel.cases.models import CasePrivate

    if not person:
        return False
    row = CasePrivate.objects.filter(case=case).first() or CasePrivate(case=case)
    before = (row.name, row.phone)
    row.name = str(person.get("name", row.name) or "").strip()[:100]
    row.phone = str(person.get("phone", row.phone) or "").strip()[:32]
    if (row.name, row.phone) == before:
        return False
    row.phone_digits = re.sub(r"\D", "", row.phone)
    row.save()
    return True


def add_photos(
    case_type: CaseType,
    step: CaseStep,
    photos: Iterable[int],
    *,
    signature: int | None = None,
    by_field: Mapping[str, Iterable[int]] | None = None,
) -> None:
    """Put kept photos to a step; refuses files that were not kept as photos of such cases."""
    from huoshui.kernel.cases.models import CasePhoto
    from huoshui.kernel.files.models import StoredFile

    rows = [CasePhoto(step=step, file_id=one) for one in dict.fromkeys(photos)]
    if signature is not None:
        rows.append(CasePhoto(step=step, file_id=signature, is_signature=True))
    for field, keys in (by_field or {}).items():
        rows += [CasePhoto(step=step, file_id=one, field=field) for one in keys]
    if not rows:
        return
    wanted = {row.file_id for row in rows}
    known = StoredFile.objects.filter(pk__in=wanted, kind=case_type.photo_kind)
    # Whoever sees a case sees its photos: none may be taken over from a case of others.
    elsewhere = CasePhoto.objects.filter(file_id__in=wanted).exclude(step__case_id=step.case_id)
    if known.count() != len(wanted) or elsewhere.exists():
        raise refusals.NotUsable({"photos": _("a photo was not kept for such cases")})
    CasePhoto.objects.bulk_create(rows)
