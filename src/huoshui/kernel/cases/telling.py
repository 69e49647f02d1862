"""Tell people of a case: that it waits for them, that its deadline nears, that it passed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from huoshui.kernel import clock, notices
from huoshui.kernel.cases import reading

if TYPE_CHECKING:
    from huoshui.kernel.cases.declaring import CaseType
    from huoshui.kernel.cases.models import Case


def url_of(number: str) -> str:
    """Return the page of a case."""
    return f"/cases/{number}/"


def holders(posts: Iterable[str], unit_id: int | None) -> list[int]:
    """Return who holds one of some posts now and is reached by the unit of a case.

    Copies of a post made here count as the post. Where nobody's post reaches the unit, all holders
    are returned: a case must never wait for nobody.
    """
    from django.db.models import Q

    from huoshui.kernel.accounts.models import PostHolding
    from huoshui.kernel.organisation import tree

    codes = list(posts)
    if not codes:
        return []
    rows = list(
        PostHolding.objects.valid_at(clock.now())
        .filter(Q(post__code__in=codes) | Q(post__based_on__in=codes), user__is_active=True)
        .values_list("user_id", "unit_id")
    )
    if unit_id is not None and any(unit is not None for _user, unit in rows):
        units = tree.on()
        near = [user for user, unit in rows if unit is None or unit_id in units.below(unit)]
        if near:
            return sorted(set(near))
    return sorted({user for user, _unit in rows})


def waiting_for(case_type: CaseType, case: Case) -> list[int]:
    """Return whom a case waits for: its responsible person, or the posts of its state."""
    if case.owner_id is not None:
        return [case.owner_id]
    state = case_type.state(case.state)
    return holders(state.posts, case.unit_id) if state else []


def stands(case_type: CaseType, case: Case, by_id: int | None) -> None:
    """Tell those for whom a case now waits where it stands; never whoever brought it there."""
    state = case_type.state(case.state)
    if state is None or not state.tell or case.state_kind not in ("open", "waiting"):
        return
    _send(
        [one for one in waiting_for(case_type, case) if one != by_id],
        _("%(type)s %(number)s waits for you: %(state)s"),
        case,
        key=f"cases.stands:{case.number}:{case.revision}",
        state=functools.partial(reading.label_in, case.type_code, "states", case.state),
    )


def opener(case_type: CaseType, case: Case, by_id: int | None) -> None:
    """Tell whoever opened a case how it stands, where its type says so."""
    who = case.opened_by_id
    if not case_type.tell_opener or who is None or who == by_id:
        return
    _send(
        [who],
        _("Your %(type)s %(number)s: %(state)s"),
        case,
        key=f"cases.opener:{case.number}:{case.revision}",
        state=functools.partial(reading.label_in, case.type_code, "states", case.state),
    )


def ended_with(case: Case, original: str, by_id: int | None) -> None:
    """Tell those who raised or have a duplicate that it was closed with its original."""
    users = {case.owner_id, case.opened_by_id} - {None, by_id}
    _send(
        [one for one in users if one is not None],
        _("%(type)s %(number)s was closed with its original %(original)s"),
        case,
        key=f"cases.ended:{case.number}:{case.revision}",
        original=lambda: original,
    )


def given(case_type: CaseType, case: Case, by_id: int | None) -> None:
    """Tell the responsible person that a case is theirs now."""
    if case.owner_id is None or case.owner_id == by_id:
        return
    _send(
        [case.owner_id],
        _("%(type)s %(number)s was given to you"),
        case,
        key=f"cases.given:{case.number}:{case.revision}",
    )


def nears(case: Case, users: Iterable[int], clock_code: str, key: str) -> None:
    """Warn of a deadline that nears."""
    _send(
        users,
        _("%(type)s %(number)s: “%(clock)s” is nearly over"),
        case,
        key=key,
        level=notices.WARNING,
        clock=functools.partial(reading.label_in, case.type_code, "clocks", clock_code),
    )


def missed(case: Case, users: Iterable[int], clock_code: str, key: str) -> None:
    """Tell that a deadline has passed."""
    _send(
        users,
        _("%(type)s %(number)s: “%(clock)s” was missed"),
        case,
        key=key,
        level=notices.CRITICAL,
        clock=functools.partial(reading.label_in, case.type_code, "clocks", clock_code),
    )


def _send(
    users: Iterable[int],
    title: Any,
    case: Case,
    *,
    key: str,
    level: str = notices.INFO,
    **more: Callable[[], Any],
) -> None:
    wanted = list(users)
    if not wanted:
        return

    def said() -> str:
        words = {name: one() for name, one in more.items()}
        return str(title) % {
            "type": reading.type_label(case.type_code),
            "number": case.number,
            **words,
        }

    notices.send(
        users=wanted, title=said, text=case.title, url=url_of(case.number), level=level, key=key
    )
