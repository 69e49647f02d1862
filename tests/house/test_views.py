"""Default deny, seen from outside: every address says who may open it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.views import View

from huoshui.kernel.accounts import permissions

# The API's own root shows nothing; it names no permission, so everybody is refused there.
REFUSED_TO_ALL = {"api/v1/"}


def patterns(resolver: Any, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield every address of the product with its pattern."""
    for entry in resolver.url_patterns:
        address = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, address)
        else:
            yield address, entry


def is_endpoint(view: Any) -> bool:
    """Say whether a view is one of the JSON API's, which bring their own refusal."""
    return getattr(view, "__module__", "") == "ninja.operation"


def unmarked(found: Iterator[tuple[str, URLPattern]], known: set[str]) -> list[str]:
    """Return complaints about views that name no permission, or one that nobody declared."""
    complaints = []
    for address, entry in found:
        if is_endpoint(entry.callback) or address in REFUSED_TO_ALL:
            continue
        mark = permissions.required_by(entry.callback)
        if mark is None:
            complaints.append(f"/{address} names no permission")
        elif not mark.startswith("*") and mark not in known:
            complaints.append(f"/{address} needs {mark}, which nobody declared")
    return complaints


class TestViews:
    def test_all_say_who_may_open_them(self):
        known = {one.code for one in permissions.declared()}

        found = unmarked(patterns(get_resolver()), known)

        assert not found, "\n" + "\n".join(found)

    def test_without_a_permission_are_found(self):
        class Page(View):
            permission = "sample.read"

        def bare(request):
            return None

        class Resolver:
            url_patterns = (
                URLPattern("bare/", bare),
                URLPattern("page/", Page.as_view()),
                URLPattern("open/", permissions.public(lambda request: None)),
            )

        assert unmarked(patterns(Resolver()), {"sample.read"}) == ["/bare/ names no permission"]
        assert len(unmarked(patterns(Resolver()), set())) == 2


class TestEndpoints:
    def test_all_say_who_may_call_them(self):
        from ninja.constants import NOT_SET

        from huoshui.project.api import api

        bare = [
            f"{'/'.join(operation.methods)} /api/v1{prefix}{path}"
            for prefix, router in api._routers
            for path, view in router.path_operations.items()
            for operation in view.operations
            if operation.auth_param in (NOT_SET, None)
        ]

        assert not bare, "\n" + "\n".join(bare)


def asked_by_cases() -> set[str]:
    """Return the permissions that the engine of cases asks for on behalf of a declaration."""
    from huoshui.kernel import cases

    always = {"read", "open", "edit", "assign", "pause", "note", "relate"}
    found = set()
    for one in cases.declared():
        named = always | {step.permission for step in one.transitions}
        named |= {one.call_back.permission} if one.call_back else set()
        named |= {one.reopen.permission} if one.reopen else set()
        found |= {one.permission(short) for short in named}
    return found


class TestPermissions:
    def test_are_all_asked_for_somewhere(self):
        """A permission that nothing asks for is a promise on the page of posts that is not kept."""
        from tests.house.checks import tree

        text = "\n".join(
            text for path, text in tree.texts(".py", ".html") if not tree.is_test(path)
        )
        idle = [
            one.code
            for one in permissions.declared()
            if text.count(f'"{one.code}"') + text.count(f"'{one.code}'") < 2
        ]

        idle = sorted(set(idle) - asked_by_cases())

        assert not idle, idle


class TestSlots:
    def test_are_filled_only_where_declared(self):
        from huoshui.kernel import slots

        assert slots.undeclared_fillings() == ()
