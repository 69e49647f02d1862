"""Pages of check lists: which there are, one with its items, the form of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.checks import actions, item_lines, queries, refusals, words
from huoshui.areas.fieldwork.checks.web.rounds import MANAGE, READ, trail_to_rounds
from huoshui.areas.fieldwork.web import who
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

WHAT = pgettext_lazy("check", "Items")
FOR = pgettext_lazy("check list", "For")
ASKED = pgettext_lazy("check list", "Asked")


def asked_when(row: models.CheckList) -> str:
    """Say on which rounds a list is asked."""
    if row.only_named:
        return pgettext("check list", "only on rounds that name it")
    return pgettext("check list", "on every round")


def list_url(code: str) -> str:
    """Return the address of a list."""
    return reverse("checks:list", args=[code])


class Lists(kit.ListPage):
    """What is looked at, by kind of asset."""

    title = _("Check lists")
    permission = READ
    url_name = "checks:lists"
    columns = (
        kit.Column("code", _("Number"), href=lambda row: list_url(row.code)),
        kit.Column("name", _("Name"), value=lambda row: words.named(row.name_zh, row.name_en),
                   href=lambda row: list_url(row.code), sort="name_zh"),
        kit.Column("asset_kind", FOR, value=lambda row: words.stands_for(row.asset_kind,
                                                                         row.asset_type)),
        kit.Column("only_named", ASKED, sort=False, phone=False, value=lambda row: asked_when(row)),
        kit.Column("items", WHAT, value=lambda row: len(row.items.all()), format="d", sort=False),
        kit.Column("is_retired", _("State"), sort=False,
                   value=lambda row: gettext("Not used any more") if row.is_retired else ""),
    )  # fmt: skip
    search = ("code", "name_zh", "name_en")
    default_sort = "code"
    empty = _("No lists yet. Make one for each kind or type of asset that is looked at.")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the rounds."""
        return trail_to_rounds()

    def rows(self, request: HttpRequest) -> Any:
        """Return every list."""
        return queries.lists()

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Offer a new list."""
        if not permissions.holds(request.user, MANAGE):
            return ()
        url = reverse("checks:new-list")
        return (kit.link_button(gettext("New list"), url, colour="primary", icon="plus"),)


class ListOfKind(kit.DetailPage):
    """One list with its items."""

    permission = READ
    template = "fieldwork/check_list.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> models.CheckList:
        """Return the list, or answer that there is none."""
        row = queries.lists().filter(code=kwargs["code"]).first()
        if row is None:
            raise Http404
        return row

    def heading(self, request: HttpRequest, obj: models.CheckList) -> str:
        """Return its name."""
        return words.named(obj.name_zh, obj.name_en)

    def badges(self, request: HttpRequest, obj: models.CheckList) -> Sequence[SafeString]:
        """Say whether it is used."""
        return (kit.badge(gettext("Not used any more"), "secondary"),) if obj.is_retired else ()

    def trail(self, request: HttpRequest, obj: models.CheckList) -> Sequence[tuple[Any, str]]:
        """Lead back to the lists."""
        return (*trail_to_rounds(), (_("Check lists"), reverse("checks:lists")))

    def facts(self, request: HttpRequest, obj: models.CheckList) -> Sequence[kit.Section]:
        """Say for what it stands."""
        return (
            kit.Section(
                _("Check list"),
                [
                    kit.Fact(_("Number"), obj.code),
                    kit.Fact(FOR, words.stands_for(obj.asset_kind, obj.asset_type)),
                    kit.Fact(ASKED, asked_when(obj)),
                    kit.Fact(WHAT, len(obj.items.all()), format="d"),
                ],
            ),
        )  # fmt: skip

    def actions(self, request: HttpRequest, obj: models.CheckList) -> Sequence[SafeString]:
        """Offer changes."""
        if not permissions.holds(request.user, MANAGE):
            return ()
        url = reverse("checks:change-list", args=[obj.code])
        return (kit.link_button(gettext("Change"), url, icon="edit"),)

    def context(self, request: HttpRequest, obj: models.CheckList) -> dict[str, Any]:
        """Add the items."""
        return {
            "items": [
                {
                    "name": words.named(one.name_zh, one.name_en),
                    "kind": words.ITEM_KINDS[one.kind],
                    "limits": words.limits({"low": one.low, "high": one.high, "unit": one.unit}),
                    "unit": one.unit, "is_needed": one.is_needed, "wants_job": one.wants_job,
                }
                for one in queries.items_of(obj)
            ]
        }  # fmt: skip


class ListForm(forms.Form):
    """Everything about a list; its items one a line."""

    code = forms.SlugField(label=_("Number"), max_length=40, help_text=_("Such as JC-01."))
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=80)
    name_en = forms.CharField(label=_("Name in English"), max_length=80, required=False)
    asset_kind = forms.ChoiceField(
        label=FOR, choices=words.bindings,
        help_text=_("A whole kind, or one type of it. The list of a type goes before that of its "
                    "kind."),
    )  # fmt: skip
    only_named = forms.BooleanField(
        label=_("Asked only on rounds that name it"), required=False,
        help_text=_("Such as a monthly look beside the daily one."),
    )  # fmt: skip
    items = forms.CharField(
        label=WHAT, max_length=20_000, widget=forms.Textarea(attrs={"rows": 12, "wrap": "off"}),
        help_text=_(
            "One a line, with | between: code | Chinese | English | ok, number, text or photo | "
            "unit | low | high | must, may | job. What is empty may be left out at the end."
        ),
    )  # fmt: skip
    is_retired = forms.BooleanField(label=_("Not used any more"), required=False)

    def __init__(self, *args: Any, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["is_retired" if is_new else "code"]

    def clean(self) -> dict[str, Any]:
        """Part the kind from its type."""
        found: dict[str, Any] = super().clean() or {}
        found["asset_kind"], _colon, found["asset_type"] = found.get("asset_kind", "").partition(
            ":"
        )
        return found

    def clean_items(self) -> Any:
        """Read the items; says for every line what is wrong with it."""
        try:
            return item_lines.read(self.cleaned_data["items"])
        except refusals.ListNotUsable as refusal:
            raise forms.ValidationError(refusal.data["problems"]) from None


class NewList(kit.FormPage):
    """Make a list."""

    title = _("New list")
    permission = MANAGE
    once = True
    form_class = ListForm

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start with an example that can be written over."""
        return {"items": item_lines.EXAMPLE}

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the lists."""
        return (*trail_to_rounds(), (_("Check lists"), reverse("checks:lists")))

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the lists."""
        return reverse("checks:lists")

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep it, and show it."""
        values = dict(form.cleaned_data)
        code = values.pop("code")
        if queries.lists().filter(code=code).exists():
            raise refusals.KindHasList(code)
        actions.keep_list(code, by_id=who.id_of(request), **values)
        return list_url(code)


class ChangeList(NewList):
    """Change a list."""

    title = _("Change the list")
    explanation = _("Checks that were made keep the words and limits of their day.")

    @cached_property
    def row(self) -> models.CheckList:
        """The list the address names."""
        row = queries.lists().filter(code=self.kwargs["code"]).first()
        if row is None:
            raise Http404
        return row

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        """Return the form without its number, which stays."""
        return ListForm(is_new=False, **arguments)

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start with the list as it is."""
        names = ("name_zh", "name_en", "only_named", "is_retired")
        found = {name: getattr(self.row, name) for name in names}
        found["asset_kind"] = words.binding(self.row)
        return {**found, "items": item_lines.written(queries.items_of(self.row))}

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the list."""
        return list_url(self.row.code)

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep it, and show it."""
        actions.keep_list(self.row.code, by_id=who.id_of(request), **form.cleaned_data)
        return list_url(self.row.code)
