"""Deeds on many rows of a list at once: those ticked, or everything that the filters keep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from huoshui.kernel import errors
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages.kit import sending
from huoshui.kernel.pages.kit.columns import value_of

ROWS_MAX = 50_000
IDS_AT_ONCE = 5_000


class TooManySelected(errors.Refused):
    """More rows were chosen than one deed may touch."""

    status = 422

    def __init__(self, count: int) -> None:
        super().__init__(
            "pages.too_many_selected",
            _("%(count)s rows are too many at once; at most %(most)s are possible.")
            % {"count": count, "most": ROWS_MAX},
            data={"count": count, "most": ROWS_MAX},
            next_step=_("Narrow the list with search and filters."),
        )


class NothingSelected(errors.Refused):
    """A deed on many rows needs at least one of them."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "pages.nothing_selected",
            _("No row is selected, or none of them is left."),
            next_step=_("Tick the rows, then choose what to do."),
        )


@dataclass(frozen=True)
class BulkAction:
    """One thing that may be done with many rows.

    ``run(request, ids)`` does it and returns how many rows it changed. For what takes long give
    ``task`` instead: a background task of `kernel.jobs` that takes ``ids`` and ``by_id``; the
    reader is led to its progress; for what needs a form give ``lead(request, ids)``, which returns
    its address. ``confirm`` may say ``{n}``, the number of rows; ``once`` is for what would add
    something again if it was sent twice.
    """

    code: str
    label: Any
    run: Callable[[HttpRequest, list[Any]], int] | None = None
    _: KW_ONLY
    permission: str
    confirm: Any = ""
    colour: str = ""
    icon: str = ""
    task: Any = None
    lead: Callable[[HttpRequest, list[Any]], str] | None = None
    once: bool = False

    @property
    def question(self) -> str:
        """What the reader is asked before it is done, with ``{n}`` for the number."""
        return str(self.confirm) or f"{self.label}: {{n}}?"


def offered(request: HttpRequest, declared: Iterable[BulkAction]) -> tuple[BulkAction, ...]:
    """Return what this reader may do."""
    return tuple(one for one in declared if _may(request.user, one.permission))


def _may(user: Any, mark: str) -> bool:
    try:
        permissions.check(user, mark)
    except errors.Refused:
        return False
    return True


def id_of(row: Any) -> Any:
    """Return the key by which a row is chosen."""
    if isinstance(row, dict):
        return row["pk"] if "pk" in row else row.get("id")
    return value_of(row, "pk")


def chosen_ids(request: HttpRequest, kept: Any) -> list[Any]:
    """Return the keys of the rows that were chosen and that this list really holds.

    ``kept`` is what search and filters of the address keep, so nobody reaches a row that the list
    would not show them. Refuses with `pages.too_many_selected` and `pages.nothing_selected`.
    """
    everything = request.POST.get("everything") == "1"
    asked = set(request.POST.getlist("id"))
    if not everything and len(asked) > ROWS_MAX:
        raise TooManySelected(len(asked))
    if isinstance(kept, QuerySet):
        found = _of_query(kept, None if everything else asked)
    else:
        keys = (id_of(row) for row in kept)
        found = [key for key in keys if everything or str(key) in asked]
    if len(found) > ROWS_MAX:
        count = kept.count() if isinstance(kept, QuerySet) else len(found)
        raise TooManySelected(count)
    if not found:
        raise NothingSelected
    return found


def _of_query(kept: QuerySet[Any], asked: set[str] | None) -> list[Any]:
    plain = kept.order_by().values_list("pk", flat=True)
    if asked is None:
        return list(plain[: ROWS_MAX + 1])
    field = kept.model._meta.pk
    keys: list[Any] = []
    for one in sorted(asked):
        try:
            keys.append(field.to_python(one))
        except ValidationError:  # what is no key names no row
            continue
    found: list[Any] = []
    for at in range(0, len(keys), IDS_AT_ONCE):
        found += plain.filter(pk__in=keys[at : at + IDS_AT_ONCE])
    return found


def perform(request: HttpRequest, declared: Sequence[BulkAction], kept: Any) -> str:
    """Do what was asked with the chosen rows; return where to go, empty for back to the list."""
    wanted = request.POST.get("bulk", "")
    action = next((one for one in declared if one.code == wanted), None)
    if action is None:
        raise NothingSelected
    permissions.check(request.user, action.permission)
    ids = chosen_ids(request, kept)
    if action.task is not None:
        from huoshui.kernel.jobs import work

        return work.begin(request, action.task, ids=ids)
    if action.lead is not None:
        return action.lead(request, ids)
    if action.once:
        sending.done_once(request, lambda: _run(request, action, ids))
        return ""
    return _run(request, action, ids)


def _run(request: HttpRequest, action: BulkAction, ids: list[Any]) -> str:
    assert action.run is not None, f"the bulk action {action.code} does nothing"
    changed = action.run(request, ids)
    # What the deed said itself, such as an offer to take it back, is enough.
    if not getattr(messages.get_messages(request), "added_new", False):
        said = ngettext("%(label)s: %(n)s row.", "%(label)s: %(n)s rows.", changed)
        messages.success(request, said % {"label": action.label, "n": changed})
    return ""
