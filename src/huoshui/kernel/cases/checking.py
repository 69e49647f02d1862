"""What can be wrong with a declaration, all of it said at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from huoshui.kernel.accounts import posts
from huoshui.kernel.cases import declaring
from huoshui.kernel.cases.declaring import CaseType
from huoshui.kernel.cases.needs import NeedsCallBack, NeedsChecklist, NeedsField, NeedsSecondPerson

CODE = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
SHORT = re.compile(r"[a-z][a-z0-9_]{0,39}")
PREFIX = re.compile(r"[A-Z]{1,6}")


def problems_of(one: CaseType, others: Iterable[CaseType] = ()) -> list[str]:
    """Return every mistake of a declaration, in words; none means it may be used."""
    found = list(_of_the_whole(one, others))
    if not one.states:
        return [*found, "it has no state"]
    for part in (_of_names, _of_transitions, _of_reach, _of_clocks, _of_ways_back, _of_posts):
        found += part(one)
    return found


def _of_the_whole(one: CaseType, others: Iterable[CaseType]) -> Iterator[str]:
    if not CODE.fullmatch(one.code):
        yield "its code is not area.what_it_is"
    if not PREFIX.fullmatch(one.prefix):
        yield f"its prefix {one.prefix!r} is not one to six capital letters"
    if not one.label:
        yield "it has no label"
    for other in others:
        if other.prefix == one.prefix:
            yield f"its prefix {one.prefix} belongs to {other.code}"


def _of_names(one: CaseType) -> Iterator[str]:
    named: dict[str, tuple[Any, ...]] = {
        "state": one.states,
        "transition": one.transitions,
        "field": one.fields,
        "clock": one.clocks,
        "pause": one.pauses,
        "permission": one.permissions,
    }
    for what, things in named.items():
        seen: set[str] = set()
        for thing in things:
            if not SHORT.fullmatch(thing.code):
                yield f"{what} {thing.code!r} is no plain code"
            if thing.code in seen:
                yield f"two of {what} are called {thing.code}"
            if not thing.label:
                yield f"{what} {thing.code} has no label"
            seen.add(thing.code)
    for state in one.states:
        if state.kind not in declaring.STATE_KINDS:
            yield f"state {state.code} is of the unknown kind {state.kind}"
    for field in one.fields:
        if field.kind not in declaring.FIELD_KINDS:
            yield f"field {field.code} is of the unknown kind {field.kind}"
        if field.private and field.kind == "photo":
            yield f"field {field.code}: photos stand in the timeline, so they cannot be private"
        if (field.kind == "choice") != bool(field.choices):
            yield f"field {field.code}: choices belong to the kind choice, and to no other"
    codes = {permission.code for permission in one.permissions}
    for wanted in {"read", "open"} - codes:
        yield f"the permission {wanted} is missing"


def _of_transitions(one: CaseType) -> Iterator[str]:
    states = {state.code for state in one.states}
    fields = {field.code for field in one.fields}
    permissions = {permission.code for permission in one.permissions}
    for step in one.transitions:
        if not step.from_:
            yield f"transition {step.code} begins nowhere"
        for code in (*step.from_, step.to):
            if code not in states:
                yield f"transition {step.code} names the unknown state {code}"
        if "." not in step.permission and step.permission not in permissions:
            yield f"transition {step.code} names the unknown permission {step.permission}"
        if step.only not in ("", "owner", "opened"):
            yield f"transition {step.code}: only is owner or opened, not {step.only}"
        for code in step.fields:
            if code not in fields:
                yield f"transition {step.code} names the unknown field {code}"
        for need in step.requires:
            if isinstance(need, NeedsField):
                for code in need.fields:
                    if code not in fields:
                        yield f"transition {step.code} needs the unknown field {code}"
            if isinstance(need, NeedsChecklist) and not need.items:
                yield f"transition {step.code} has an empty checklist"
            if isinstance(need, NeedsCallBack) and one.call_back is None:
                yield f"transition {step.code} needs a call-back, but none is declared"
            than = need.than if isinstance(need, NeedsSecondPerson) else ""
            if than and one.transition(than) is None:
                yield f"transition {step.code} names the unknown transition {than}"


def _of_reach(one: CaseType) -> Iterator[str]:
    """Say which states no case can come to, and from which none can ever be closed."""
    ways: dict[str, set[str]] = {}
    left: set[str] = set()
    for step in one.transitions:
        for code in step.from_:
            ways.setdefault(code, set()).add(step.to)
            left.add(code)
    if one.call_back is not None:
        asked = one.call_back
        goals = {asked.content_to, asked.discontent_to, asked.unreached_to} - {""}
        for code in asked.from_:
            ways.setdefault(code, set()).update(goals)
    closed = {state.code for state in one.states if state.kind in declaring.CLOSED_KINDS}
    if not closed:
        yield "it has no state in which a case is done"
    ahead = _reached({one.states[0].code}, ways)
    if one.reopen is not None and ahead & closed:
        ahead = _reached(ahead | {one.reopen.to}, ways)
    for state in one.states:
        if state.code not in ahead:
            yield f"state {state.code} cannot be reached"
        elif state.code not in closed and not _reached({state.code}, ways) & closed:
            yield f"state {state.code} leads to no end"
        if state.code in closed & left:
            yield f"state {state.code} is an end, and yet a transition leaves it; use reopen"


def _reached(begin: set[str], ways: dict[str, set[str]]) -> set[str]:
    seen, waiting = set(begin), list(begin)
    while waiting:
        for goal in ways.get(waiting.pop(), ()):
            if goal not in seen:
                seen.add(goal)
                waiting.append(goal)
    return seen


def _of_clocks(one: CaseType) -> Iterator[str]:
    states = {state.code for state in one.states}
    clocks = {clock.code for clock in one.clocks}
    for clock in one.clocks:
        for code in (*clock.until, *clock.start):
            if code not in states and code != declaring.OPENED:
                yield f"clock {clock.code} names the unknown state {code}"
        for code in set(clock.limits) - set(declaring.PRIORITIES):
            yield f"clock {clock.code} has a limit for the unknown priority {code}"
        if not 0 < clock.warn_frac <= 1:
            yield f"clock {clock.code} warns at {clock.warn_frac} of its time"
    for pause in one.pauses:
        for code in pause.clocks:
            if code not in clocks:
                yield f"pause {pause.code} names the unknown clock {code}"


def _of_ways_back(one: CaseType) -> Iterator[str]:
    kinds = {state.code: state.kind for state in one.states}
    permissions = {permission.code for permission in one.permissions}
    if one.call_back is not None:
        asked = one.call_back
        named = (*asked.from_, asked.content_to, asked.discontent_to, asked.unreached_to)
        for code in named:
            if code and code not in kinds:
                yield f"the call-back names the unknown state {code}"
        if "." not in asked.permission and asked.permission not in permissions:
            yield f"the call-back names the unknown permission {asked.permission}"
        if asked.discontent_to and one.reopen is None:
            yield "the call-back reopens a case, but reopen does not say with what deadline"
    if one.reopen is not None:
        if kinds.get(one.reopen.to) not in (declaring.OPEN, declaring.WAITING):
            yield f"reopen leads to {one.reopen.to}, which is no open state"
        if "." not in one.reopen.permission and one.reopen.permission not in permissions:
            yield f"reopen names the unknown permission {one.reopen.permission}"
        if one.reopen.clock and one.clock(one.reopen.clock) is None:
            yield f"reopen names the unknown clock {one.reopen.clock}"


def _of_posts(one: CaseType) -> Iterator[str]:
    named = [post for state in one.states for post in state.posts]
    named += [level.to_post for clock in one.clocks for level in clock.escalate]
    named += [post for permission in one.permissions for post in permission.posts]
    for post in sorted(set(named) - set(posts.POSTS)):
        yield f"there is no post {post}"
