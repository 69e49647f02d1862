"""Sets of changes: drawing them, and letting another person approve them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import contracts, drawn_warnings, history, units
from huoshui.areas.network.actions import common, connections
from huoshui.areas.network.changing import AT_APPROVAL, Draft
from huoshui.areas.network.contracts import ChangeDeed, ChangeState, Kind
from huoshui.areas.network.models import Asset, ChangeItem, ChangeSet, Zone
from huoshui.areas.network.refusals import (
    ChangeHasProblems,
    ChangeIsEmpty,
    NoSuchChange,
    NotYet,
    OwnChange,
    WrongChangeState,
)
from huoshui.kernel import audit, clock, events, notices
from huoshui.kernel.accounts import permissions

OPEN_STATES = (ChangeState.DRAFT, ChangeState.SUBMITTED)


def draft_of(change: ChangeSet) -> Draft:
    """Return what the steps of a set make of the network now, with every problem and warning."""
    draft = Draft()
    items = change.items.filter(is_undone=False).order_by("position")
    steps = [(one.position, one.deed, one.asset_code, one.wanted) for one in items]
    draft.run(steps)
    draft.warnings = drawn_warnings.of(draft, steps)
    return draft


def make_change(
    title: str, *, by_id: int | None, why: str = "", valid_from: datetime | None = None
) -> ChangeSet:
    """Begin a set of changes. It may hold from a past moment, not from one to come."""
    if valid_from is not None and valid_from > clock.now():
        raise NotYet
    with transaction.atomic():
        change = ChangeSet.objects.create(
            title=title.strip()[:200] or "–",
            why=why[:300],
            valid_from=valid_from,
            made_by_id=by_id,
            made_at=clock.now(),
        )
        _audit("network.make_change", change, by_id, {"title": change.title})
    return change


def add_step(
    change_id: int,
    deed: ChangeDeed,
    asset_code: str,
    wanted: Mapping[str, Any],
    *,
    by_id: int | None,
) -> ChangeSet:
    """Add a step to a draft; what was undone before can then not be redone.

    A split keeps the codes that it suggested, so that later steps can name them.
    """
    with transaction.atomic():
        change = _in_state(change_id, ChangeState.DRAFT)
        change.items.filter(is_undone=True).delete()
        position = change.items.count() + 1
        given = dict(wanted)
        if deed == ChangeDeed.SPLIT:
            draft = draft_of(change)
            given.setdefault("node_code", draft.free_code(f"{asset_code}-N"))
            given.setdefault("new_code", draft.free_code(asset_code))
        ChangeItem.objects.create(
            change_set=change,
            position=position,
            deed=str(deed),
            asset_code=asset_code[:64],
            wanted=given,
        )
        _audit("network.edit_change", change, by_id, {"deed": str(deed), "asset": asset_code[:64]})
    return change


def undo_step(change_id: int, *, by_id: int | None) -> ChangeSet:
    """Take back the last step of a draft; nothing happens where there is none."""
    return _mark(change_id, by_id, undone=True)


def redo_step(change_id: int, *, by_id: int | None) -> ChangeSet:
    """Do again the step that was taken back last; nothing happens where there is none."""
    return _mark(change_id, by_id, undone=False)


def _mark(change_id: int, by_id: int | None, *, undone: bool) -> ChangeSet:
    with transaction.atomic():
        change = _in_state(change_id, ChangeState.DRAFT)
        items = change.items.filter(is_undone=not undone)
        one = items.order_by("-position" if undone else "position").first()
        if one is not None:
            ChangeItem.objects.filter(pk=one.pk).update(is_undone=undone)
            _audit(
                "network.edit_change",
                change,
                by_id,
                {"undone" if undone else "redone": one.asset_code},
            )
    return change


def submit_change(change_id: int, *, by_id: int | None) -> ChangeSet:
    """Hand a draft in for approval.

    Refuses an empty one (`network.change_is_empty`) and one with problems
    (`network.change_has_problems`, all of them named).
    """
    with transaction.atomic():
        change = _in_state(change_id, ChangeState.DRAFT)
        _refuse_problems(change)
        change.items.filter(is_undone=True).delete()
        _move_on(change, ChangeState.SUBMITTED, submitted_at=clock.now())
        _audit("network.submit_change", change, by_id, {"title": change.title})
        notices.send(
            posts=("manager",),
            title=_("Changes wait for approval: %(title)s"),
            values={"title": change.title},
            url=f"/network/changes/{change.pk}/",
            key=f"network.change:{change.pk}:submitted",
        )
    return change


def _refuse_problems(change: ChangeSet) -> Draft:
    draft = draft_of(change)
    if draft.problems:
        raise ChangeHasProblems(draft.problems)
    if not draft.created and not draft.changed:
        raise ChangeIsEmpty(change.pk)
    return draft


def withdraw_change(change_id: int, *, by_id: int | None) -> ChangeSet:
    """Take back a set that is not decided yet; it stays on record."""
    with transaction.atomic():
        change = _in_state(change_id, *OPEN_STATES)
        _move_on(change, ChangeState.WITHDRAWN)
        _audit("network.withdraw_change", change, by_id, {})
    return change


def refuse_change(change_id: int, *, words: str, by_id: int | None) -> ChangeSet:
    """Refuse a submitted set, saying why; nothing is changed."""
    with transaction.atomic():
        change = _in_state(change_id, ChangeState.SUBMITTED)
        _refuse_own(change, by_id)
        _refuse_elsewhere(draft_of(change), by_id)
        _move_on(
            change,
            ChangeState.REFUSED,
            decided_by_id=by_id,
            decided_at=clock.now(),
            decision=words[:300],
        )
        _audit("network.refuse_change", change, by_id, {"words": words[:300]})
        _tell_maker(change, _("Your changes were refused: %(title)s"), words)
    return change


def approve_change(change_id: int, *, by_id: int | None, words: str = "") -> ChangeSet:
    """Approve a submitted set and apply it, all of it or nothing. Publishes `NetworkChanged`.

    Refuses the person who made it (`network.own_change`), problems that came up since it was
    submitted (`network.change_has_problems`), and a moment before later changes of its assets
    (`network.older_than_history`).
    """
    with transaction.atomic():
        change = _in_state(change_id, ChangeState.SUBMITTED)
        _refuse_own(change, by_id)
        draft = _refuse_problems(change)
        _refuse_elsewhere(draft, by_id)
        now = clock.now()
        moment = change.valid_from or now
        codes = _apply(change, draft, moment, by_id)
        _move_on(
            change,
            ChangeState.APPROVED,
            decided_by_id=by_id,
            decided_at=now,
            decision=words[:300],
            valid_from=moment,
            created=draft.created,
        )
        common.new_revision(assets=common.ids_of(codes).values())
        _tell_maker(change, _("Your changes were approved: %(title)s"), words)
        _audit("network.approve_change", change, by_id, {"codes": codes[:50], "count": len(codes)})
        events.publish(
            contracts.NetworkChanged(
                codes=tuple(codes[: contracts.NAMED_CODES]),
                count=len(codes),
                change_set_id=change.pk,
                by_id=by_id,
                at=now,
            )
        )
    return change


def _tell_maker(change: ChangeSet, title: Any, words: str) -> None:
    if change.made_by is not None:
        notices.send(
            users=(change.made_by,),
            title=title,
            values={"title": change.title},
            text=words,
            url=f"/network/changes/{change.pk}/",
            key=f"network.change:{change.pk}:decided",
        )


def _apply(change: ChangeSet, draft: Draft, moment: datetime, by_id: int | None) -> list[str]:
    """Write what a draft makes of the network; return the codes of all it touched."""
    rows = {row.code: row for row in Asset.objects.filter(code__in=draft.changed)}
    history.check_moment(list(rows.values()), moment)
    history.check_joints(draft.now, {*draft.changed, *draft.created}, moment)
    created = draft.created
    states = [draft.now[code] for code in (*draft.changed, *created)]
    ends = {state[end] for state in states for end in ("start", "end") if state[end]}
    ids = dict(Asset.objects.filter(code__in=ends).values_list("code", "id"))
    for code in created:
        values = _columns(draft.now[code], ids, moment) | {"valid_from": moment.isoformat()}
        row = Asset(code=code)
        history.put(row, values)
        row.save(force_insert=True)
        ids[code] = row.id
    kept = []
    for code in draft.changed:
        row = rows[code]
        ids[code] = row.id
        before = history.values_of(row)
        history.put(row, _columns(draft.now[code], ids, moment))
        row.save()
        kept.append((row.id, before, history.values_of(row)))
    why = change.why or change.title
    history.keep(
        kept, history.Reason(valid_from=moment, by_id=by_id, why=why, change_set_id=change.pk)
    )
    redrawn = [code for code in draft.changed if _is_redrawn(draft.before[code], draft.now[code])]
    pipes = [
        [ids[code] for code in some if draft.now[code]["kind"] == Kind.PIPE]
        for some in (redrawn, created)
    ]
    connections.retap(pipes[0], fresh=pipes[1])
    return [*draft.changed, *created]


def _is_redrawn(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return any(before[name] != now[name] for name in ("line", "retired_at"))


def _columns(state: Mapping[str, Any], ids: Mapping[str, int], moment: datetime) -> dict[str, Any]:
    """Return a state as columns: ends by number, and the moment where it stands for one."""
    values = {name: value for name, value in state.items() if name not in ("start", "end")}
    values["start_id"] = ids[state["start"]] if state["start"] else None
    values["end_id"] = ids[state["end"]] if state["end"] else None
    if values["retired_at"] == AT_APPROVAL:
        values["retired_at"] = moment.isoformat()
    return values


def undo_change(change_id: int, *, by_id: int | None) -> ChangeSet:
    """Begin the set that undoes an approved one; it needs approval like any other.

    What somebody changed since then is named as a problem of the new set.
    """
    with transaction.atomic():
        change = _in_state(change_id, ChangeState.APPROVED)
        known = ChangeSet.objects.filter(undoes=change).exclude(
            state__in=(ChangeState.REFUSED, ChangeState.WITHDRAWN)
        )
        if (found := known.first()) is not None:
            return found
        ChangeSet.objects.filter(undoes=change).update(undoes=None)
        inverse = ChangeSet.objects.create(
            title=f"↶ {change.title}"[:200],
            why=change.why,
            made_by_id=by_id,
            made_at=clock.now(),
            undoes=change,
        )
        steps = list(_inverse_steps(change))
        ChangeItem.objects.bulk_create(
            ChangeItem(
                change_set=inverse, position=number, deed=str(deed), asset_code=code, wanted=wanted
            )
            for number, (deed, code, wanted) in enumerate(steps, start=1)
        )
        _audit("network.make_change", inverse, by_id, {"undoes": change.pk})
    return inverse


def _inverse_steps(change: ChangeSet) -> list[tuple[ChangeDeed, str, dict[str, Any]]]:
    """Return the steps that take a set back: known assets as they were, new ones taken out."""
    codes = dict(Asset.objects.values_list("id", "code").filter(versions__change_set=change))
    ends: set[int] = set()
    for version in change.versions.all():
        for values in (version.before, version.after):
            ends |= {values[name] for name in ("start_id", "end_id") if values.get(name)}
    names = codes | dict(Asset.objects.filter(id__in=ends).values_list("id", "code"))

    def state(values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name.removesuffix("_id") if name in ("start_id", "end_id") else name: (
                names.get(value) if name in ("start_id", "end_id") and value else value
            )
            for name, value in values.items()
        }

    steps = [
        (
            ChangeDeed.RESTORE,
            codes[version.asset_id],
            {"values": state(version.before), "expected": state(version.after)},
        )
        for version in change.versions.order_by("id")
    ]
    kinds = dict(Asset.objects.filter(code__in=change.created).values_list("code", "kind"))
    # Links first: a node can be taken out when nothing ends at it.
    fresh = sorted(change.created, key=lambda code: kinds.get(code) in contracts.NODE_KINDS)
    retire: list[tuple[ChangeDeed, str, dict[str, Any]]] = [
        (ChangeDeed.RETIRE, code, {}) for code in fresh
    ]
    links = [one for one in retire if kinds.get(one[1]) in contracts.LINK_KINDS]
    nodes = [one for one in retire if one not in links]
    return [*links, *steps, *nodes]


def _in_state(change_id: int, *states: ChangeState) -> ChangeSet:
    change = ChangeSet.objects.select_for_update().filter(pk=change_id).first()
    if change is None:
        raise NoSuchChange(change_id)
    if change.state not in states:
        raise WrongChangeState(change_id, change.state)
    return change


def _refuse_own(change: ChangeSet, by_id: int | None) -> None:
    if by_id is not None and change.made_by_id == by_id:
        raise OwnChange(change.pk)


def _refuse_elsewhere(draft: Draft, by_id: int | None) -> None:
    """Refuse a limited approver whose unit is not in charge of all that a set touches."""
    zones = dict(Zone.objects.values_list("id", "code"))
    in_charge = units.by_zone()
    states = [draft.now[code] for code in (*draft.changed, *draft.created)]
    states += [draft.before[code] for code in draft.changed]
    touched = {in_charge.get(zones.get(state.get("zone_id") or 0, "")) for state in states}
    permissions.require_in(by_id, "network.approve", touched)


def _move_on(change: ChangeSet, state: ChangeState, **values: Any) -> None:
    change.state = str(state)
    for name, value in values.items():
        setattr(change, name, value)
    change.save()


def _audit(deed: str, change: ChangeSet, by_id: int | None, detail: Mapping[str, Any]) -> None:
    audit.record(by_id, deed, f"network.change:{change.pk}", dict(detail))
