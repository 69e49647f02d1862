"""Everything that is done with lists and checks of plants. Each is one transaction, and audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork import refusals as job_refusals
from huoshui.areas.fieldwork.checks import queries, refusals, rules, words
from huoshui.areas.fieldwork.checks.kinds import ItemKind, Verdict
from huoshui.areas.fieldwork.patrol import actions as patrol
from huoshui.areas.fieldwork.patrol import belonging, kinds
from huoshui.areas.fieldwork.patrol import refusals as patrol_refusals
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.kernel import audit
from huoshui.kernel.accounts import permissions

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User


@transaction.atomic
def keep_list(
    code: str,
    *,
    name_zh: str,
    name_en: str = "",
    asset_kind: str,
    items: Sequence[rules.Item],
    by_id: int | None,
    asset_type: str = "",
    only_named: bool = False,
    is_retired: bool = False,
) -> models.CheckList:
    """Make or change the list of a kind or type of asset; checks that were made keep their words.

    A list is for the whole house, so a post that is limited to units may not change it. Refuses a
    type that the kind does not have, a second list that stands for the same, and to make two lists
    of a round be for the same.
    """
    permissions.require_in(by_id, belonging.MANAGE, [None])
    if asset_type and asset_type not in network.type_choices(asset_kind):
        raise refusals.NoSuchType(asset_kind, asset_type)
    others = models.CheckList.objects.filter(
        asset_kind=asset_kind, asset_type=asset_type, is_retired=False
    ).exclude(code=code)
    other = others.filter(only_named=False).first()
    if other is not None and not is_retired and not only_named:
        raise refusals.KindHasList(other.code)
    if not is_retired:
        rivals = {one.code for one in others}
        for one in queries.rounds():
            if code in one.check_lists and rivals & set(one.check_lists):
                raise refusals.ListsCollide(sorted({code} | (rivals & set(one.check_lists))))
    row, _is_new = models.CheckList.objects.update_or_create(
        code=code,
        defaults={"name_zh": name_zh, "name_en": name_en, "asset_kind": asset_kind,
                  "asset_type": asset_type, "only_named": only_named, "is_retired": is_retired},
    )  # fmt: skip
    row.items.all().delete()
    models.CheckItem.objects.bulk_create(
        models.CheckItem(
            check_list=row, code=one.code, position=at, name_zh=one.name_zh, name_en=one.name_en,
            kind=one.kind, unit=one.unit, low=one.low, high=one.high, is_needed=one.is_needed,
            wants_job=one.wants_job,
        )
        for at, one in enumerate(items)
    )  # fmt: skip
    detail = {"items": len(items), "is_retired": is_retired}
    audit.record(by_id, "fieldwork.check_list_kept", f"fieldwork.check_list:{code}", detail)
    return row


def assets_chosen(
    *,
    codes: Sequence[str] = (),
    zone_code: str = "",
    asset_kinds: Sequence[str] = (),
    check_lists: Sequence[str] = (),
) -> list[str]:
    """Return the assets of a round: those named, and those of some kinds in a zone.

    A kind may be narrowed to a type, such as ``valve:air``. ``check_lists`` are those that the
    round names. Refuses what the network does not have, what has no place or no list, and lists
    that cannot be on one round.
    """
    _fit_together(check_lists)
    listed = list(dict.fromkeys(codes))
    known = {one.code: one for one in network.assets(codes=listed)} if listed else {}
    missing = [code for code in listed if code not in known]
    if missing:
        raise patrol_refusals.UnknownAssets(missing)
    if zone_code and asset_kinds:
        known |= _in_zone(zone_code, asset_kinds)
    if not 0 < len(known) <= rules.ASSETS_MAX:
        raise refusals.NothingToCheck(len(known), rules.ASSETS_MAX)
    asked, places = queries.asked(known), network.places(known)
    lost = [
        code
        for code, one in known.items()
        if code not in places or asked.among(code, one.kind, check_lists) is None
    ]
    if lost:
        raise refusals.CannotBeChecked(lost)
    return [*listed, *(code for code in known if code not in set(listed))]


def _in_zone(zone_code: str, wanted: Sequence[str]) -> dict[str, network_contracts.Asset]:
    """Return the assets of a zone of some kinds, or of some types where a kind is narrowed."""
    pairs = [one.partition(":")[::2] for one in wanted]
    rows = network.assets(kind=sorted({kind for kind, _type in pairs}), zone=zone_code)
    types = network.types_of([one.code for one in rows]) if any(dict(pairs).values()) else {}
    return {
        one.code: one
        for one in rows
        if (one.kind, "") in pairs or (one.kind, types.get(one.code)) in pairs
    }


def _fit_together(codes: Sequence[str]) -> None:
    """Refuse lists of a round that are not used any more, or of which two are for the same."""
    used = {one.code: one for one in queries.lists().filter(is_retired=False, code__in=codes)}
    missing = [code for code in codes if code not in used]
    if missing:
        raise refusals.NoSuchList(missing)
    first: dict[tuple[str, str], str] = {}
    for code in codes:
        other = first.setdefault((used[code].asset_kind, used[code].asset_type), code)
        if other != code:
            raise refusals.ListsCollide([other, code])


def keep_round(
    code: str,
    *,
    values: Mapping[str, Any],
    asset_codes: Sequence[str] | None,
    by_id: int | None,
    is_new: bool = False,
) -> models.PatrolRound:
    """Make or change a round to plants; what it was counts for the periods that are over."""
    said = {**values, "purpose": kinds.Purpose.EQUIPMENT}
    return patrol.keep_round(code, values=said, asset_codes=asset_codes, by_id=by_id, is_new=is_new)


def take_check(
    asset_code: str,
    *,
    by: User,
    answers: Mapping[str, Any],
    checked_at: datetime,
    row: models.PatrolRound | None = None,
    note: str = "",
    wants_job: bool = False,
    key: str = "",
    list_code: str = "",
) -> models.Check:
    """Keep one look at an asset. The same key again returns the check that is there.

    ``list_code`` is the list that asked, where a phone had fetched it before: what was answered is
    judged by its items, also where another list is asked by meanwhile.
    What is not in order becomes a finding, and a job where an item or the person wants one; while
    a job that an earlier check asked for because of the same is open, none is asked for again.
    Refuses an asset that nobody knows, a kind without a list, and answers that cannot be.
    """
    with transaction.atomic():
        known = models.Check.objects.filter(key=key).first() if key else None
        if known is not None:
            return known
        asset = network.asset(asset_code)
        if asset is None:
            raise job_refusals.UnknownPlace(asset_code)
        asking = queries.lists().filter(code=list_code, asset_kind=asset.kind).first()
        check_list = asking or queries.asked([asset_code]).of(asset_code, asset.kind, row)
        if check_list is None:
            raise refusals.CannotBeChecked([asset_code])
        items = queries.items_of(check_list)
        unfit = rules.unfit(items, answers)
        if unfit:
            raise refusals.AnswersNotUsable(unfit)
        judged = rules.judged(items, answers)
        verdicts = [one["verdict"] for one in judged]
        check = models.Check.objects.create(
            round=row, check_list=check_list, asset_code=asset_code, checked_at=checked_at, by=by,
            answers=judged, wrong=verdicts.count(Verdict.WRONG),
            missing=verdicts.count(Verdict.MISSING), note=note.strip(), key=key,
        )  # fmt: skip
        detail = {"asset": asset_code, "wrong": check.wrong, "missing": check.missing}
        audit.record(by.pk, "fieldwork.check_taken", f"fieldwork.check:{check.pk}", detail)
        pressing = {one.code for one in items if one.wants_job}
        if check.wrong:
            _find(check, pressing, wants_job)
    return check


def _find(check: models.Check, pressing: set[str], wants_job: bool) -> None:
    """Make a finding of what is not in order, and a job where one is needed and none is open."""
    wrong = [one["item"] for one in check.answers if one["verdict"] == Verdict.WRONG]
    wants_job = wants_job or bool(pressing & set(wrong))
    job = queries.open_job_of(check.asset_code, wrong) if wants_job else None
    lon, lat = network.places([check.asset_code])[check.asset_code]
    photo = next((one["value"] for one in check.answers
                  if one["kind"] == ItemKind.PHOTO and one["value"]), "")  # fmt: skip
    said = [words.wrong_words(check.answers), check.note]
    check.finding = patrol.take_finding(
        by=check.by, kind=kinds.FindingKind.EQUIPMENT, lon=lon, lat=lat,
        found_at=check.checked_at, asset_code=check.asset_code,
        note="\n".join(filter(None, said)), photo_hash=photo,
        key=f"check:{check.pk}", wants_job=wants_job and job is None,
    )  # fmt: skip
    if job is not None:
        check.finding.job = job
        check.finding.save(update_fields=["job"])
    check.save(update_fields=["finding"])
