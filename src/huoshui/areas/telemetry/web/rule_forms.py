"""Writing alarm rules: the form, the switch between draft, live and retired, and the files."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import actions, labels, models, queries, refusals, rules
from huoshui.areas.telemetry.importing import rules as files
from huoshui.areas.telemetry.web import asking, words
from huoshui.areas.telemetry.web import rules as rule_pages
from huoshui.kernel.accounts import permissions
from huoshui.kernel.accounts.models import Post
from huoshui.kernel.pages import kit
from huoshui.kernel.pages.kit import excel


class RuleForm(forms.Form):
    """Every field of a rule; which ones count depends on its kind."""

    # How the page lays the fields out.
    sections: Sequence[Mapping[str, Any]] = ()

    code = forms.SlugField(
        label=labels.FIELDS["code"],
        max_length=60,
        help_text=_("Small letters, digits and underscores; it never changes."),
    )
    name_zh = forms.CharField(label=labels.FIELDS["name_zh"], max_length=200)
    name_en = forms.CharField(label=labels.FIELDS["name_en"], max_length=200)
    kind = forms.ChoiceField(label=labels.FIELDS["kind"], choices=tuple(words.RULES.items()))
    point = forms.CharField(
        label=labels.FIELDS["point"],
        max_length=64,
        required=False,
        help_text=_("The code of one point; or leave it empty and choose a kind of points below."),
    )
    point_kind = forms.ChoiceField(label=labels.FIELDS["point_kind"], required=False)
    zone = forms.ChoiceField(label=labels.FIELDS["zone"], required=False)
    threshold = forms.FloatField(
        label=labels.FIELDS["threshold"],
        required=False,
        help_text=_(
            "In the unit of the points; for a rate, per hour; for no data, seconds. Empty for a"
            " limit means each point's own limit."
        ),
    )
    window_s = forms.IntegerField(
        label=labels.FIELDS["window_s"],
        min_value=0,
        required=False,
        help_text=_("Of a rate: over how long; of a value that does not change: for how long."),
    )
    reference = forms.CharField(
        label=labels.FIELDS["reference"],
        max_length=64,
        required=False,
        help_text=_("For a deviation; empty compares with what is usual at that hour."),
    )
    expression = forms.CharField(
        label=labels.FIELDS["expression"],
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Codes of points in braces, such as {T1.level} < 2 and {P1.flow} > 300."),
    )
    dead_band = forms.FloatField(label=labels.FIELDS["dead_band"], min_value=0, initial=0)
    on_delay_s = forms.IntegerField(label=labels.FIELDS["on_delay_s"], min_value=0, initial=0)
    off_delay_s = forms.IntegerField(label=labels.FIELDS["off_delay_s"], min_value=0, initial=0)
    priority = forms.ChoiceField(
        label=labels.FIELDS["priority"],
        choices=tuple((code, words.PRIORITIES[code][0]) for code in rules.PRIORITY_ORDER),
    )
    message_zh = forms.CharField(label=labels.FIELDS["message_zh"], max_length=300, required=False)
    message_en = forms.CharField(label=labels.FIELDS["message_en"], max_length=300, required=False)
    advice_zh = forms.CharField(
        label=labels.FIELDS["advice_zh"], required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    advice_en = forms.CharField(
        label=labels.FIELDS["advice_en"], required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    suppress_while = forms.CharField(
        label=labels.FIELDS["suppress_while"],
        max_length=1000,
        required=False,
        help_text=_("A formula; while it is true the alarm does not call."),
    )
    must_acknowledge = forms.BooleanField(
        label=labels.FIELDS["must_acknowledge"], required=False, initial=True
    )
    has_sound = forms.BooleanField(label=labels.FIELDS["has_sound"], required=False, initial=True)
    is_latched = forms.BooleanField(
        label=labels.FIELDS["is_latched"],
        required=False,
        help_text=_("Stays on the list after it is normal again until somebody resets it."),
    )
    repeat_every_s = forms.IntegerField(
        label=labels.FIELDS["repeat_every_s"], min_value=60, required=False
    )
    escalate_after_s = forms.IntegerField(
        label=labels.FIELDS["escalate_after_s"], min_value=0, required=False
    )
    escalate_to = forms.ChoiceField(label=labels.FIELDS["escalate_to"], required=False)
    may_set_min = forms.FloatField(label=labels.FIELDS["may_set_min"], required=False)
    may_set_max = forms.FloatField(
        label=labels.FIELDS["may_set_max"],
        required=False,
        help_text=_(
            "Inside this range the limit may be changed at once; beyond it another person approves."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nothing = [("", "–")]
        choices = {
            "point_kind": words.KINDS.items(),
            "zone": network.zone_names().items(),
            "escalate_to": [(post.code, post.name) for post in Post.objects.filter(is_open=True)],
        }
        for name, found in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [*nothing, *found]


# What nearly every rule needs comes first and open; the rest is folded until somebody wants it.
SECTIONS: tuple[tuple[Any, bool, tuple[str, ...]], ...] = (
    (_("What is watched"), True,
     ("name_zh", "name_en", "code", "kind", "point", "point_kind", "zone", "threshold",
      "priority")),
    (_("Rate, flat line, deviation, formula"), False, ("window_s", "reference", "expression")),
    (_("Against chattering"), False, ("dead_band", "on_delay_s", "off_delay_s")),
    (_("Words for the operator"), False,
     ("message_zh", "message_en", "advice_zh", "advice_en")),
    (_("How it calls"), False,
     ("has_sound", "must_acknowledge", "is_latched", "repeat_every_s", "escalate_after_s",
      "escalate_to", "suppress_while")),
    (_("Who may change the limit"), False, ("may_set_min", "may_set_max")),
)  # fmt: skip


class SaveRule(kit.FormPage):
    """Write a new rule as a draft, or change one."""

    template = "telemetry/rule_form.html"

    title = _("New alarm rule")
    permission = rule_pages.MANAGE
    form_class = RuleForm
    explanation = _(
        "A new rule is a draft: try it on the past, then put it to work. A rule that is live"
        " works with its changes within a second."
    )

    def heading(self, request: HttpRequest) -> Any:
        """Name the rule that is changed."""
        code = self.kwargs.get("code")
        return rule_pages.rule_name(rule_pages.rule_of(code)) if code else self.title

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        """Return what the rule says now."""
        code = self.kwargs.get("code")
        return files.as_values(rule_pages.rule_of(code)) if code else {}

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        """Keep the code of a rule that is there, and lay the fields out in sections."""
        form = self.form_class(**arguments)
        if self.kwargs.get("code"):
            form.fields["code"].disabled = True
        said = form.data if form.is_bound else {**_initially(form), **(form.initial or {})}
        form.sections = [
            {
                "title": title,
                "open": is_open or _says_something(form, names, said),
                "folds": not is_open,
                "fields": [form[name] for name in names],
            }
            for title, is_open, names in SECTIONS
        ]
        return form

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Lead back."""
        code = self.kwargs.get("code")
        return reverse("telemetry:rule", args=[code]) if code else reverse("telemetry:rules")

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep the rule; what is wrong is shown at the form."""
        said = form.cleaned_data
        row = models.AlarmRule.objects.filter(code=said["code"]).first()
        if row is not None and not self.kwargs.get("code"):
            form.add_error("code", gettext("There is a rule of this code already."))
            raise refusals.RuleNotUsable(said["code"], ())
        facts = {name: value for name, value in said.items() if name not in files.ORDER_OF_KEYS}
        ids = queries.point_ids()
        facts, faults = files.facts_of_form(said, facts, row, ids)
        if faults:
            raise refusals.RuleNotUsable(said["code"], faults)
        actions.save_rule(facts, by_id=asking.reader_id(request))
        return reverse("telemetry:rule", args=[said["code"]])


def _initially(form: forms.Form) -> dict[str, Any]:
    return {name: field.initial for name, field in form.fields.items()}


def _says_something(form: forms.Form, names: Sequence[str], said: Mapping[str, Any]) -> bool:
    """Say whether fields of a folded section are wrong or other than at first: then it is open."""
    usual = _initially(RuleForm())
    if form.is_bound and any(name in form.errors for name in names):
        return True

    def plain(value: Any) -> str:
        return "" if value in (None, False, "") else str(value).removesuffix(".0")

    return any(
        plain(said.get(name)) not in {plain(usual.get(name)), "on" if usual.get(name) else ""}
        for name in names
    )


@permissions.needs(rule_pages.MANAGE)
@require_POST
def rule_state(request: HttpRequest, code: str) -> HttpResponse:
    """Put a rule to work, stop it, or retire it."""
    actions.set_rule_state(code, request.POST.get("state", ""), by_id=asking.reader_id(request))
    messages.success(request, gettext("Done. The change counts within a second."))
    return HttpResponseRedirect(reverse("telemetry:rule", args=[code]))


@permissions.needs("telemetry.read")
def export_rules(request: HttpRequest, form: str) -> HttpResponse:
    """Return all rules as the spreadsheet or the text that the import reads."""
    rows = models.AlarmRule.objects.select_related("point", "reference")
    if form == "toml":
        answer = HttpResponse(files.as_toml(rows), content_type="application/toml; charset=utf-8")
    else:
        target = io.BytesIO()
        files.write_excel(target, rows)
        answer = HttpResponse(target.getvalue(), content_type=excel.EXCEL)
    answer["Content-Disposition"] = f'attachment; filename="alarm-rules.{form}"'
    return answer
