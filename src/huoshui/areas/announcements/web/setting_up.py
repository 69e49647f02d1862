"""Channels, rules of sending and texts to begin with: what the service manager keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST

from huoshui.areas.announcements import (
    actions,
    channels,
    models,
    outbox,
    queries,
    rules,
    setups,
    words,
)
from huoshui.areas.announcements.channels import reaching
from huoshui.areas.announcements.web.channel_form import ChannelForm
from huoshui.areas.announcements.web.forms import VARIABLES_HELP
from huoshui.areas.announcements.web.lists import KINDS
from huoshui.kernel import clock, errors
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

CONFIGURE = "announcements.configure"
SWITCH = {True: (_("On"), "green"), False: (_("Off: nothing leaves"), "secondary")}


def _first_trail(label: Any) -> Sequence[tuple[Any, str]]:
    return ((_("Announcements"), reverse("announcements:announcements")), (label, ""))


class Channels(kit.ListPage):
    """The channels to people outside, and whether anything leaves over them."""

    title = words.CHANNELS
    permission = CONFIGURE
    url_name = "announcements:channels"
    columns = (
        kit.Column("label", _("Channel"), href=lambda row: reverse(
            "announcements:channel", args=[row["way"]])),
        kit.Column("is_on", _("State"), badge=SWITCH),
        kit.Column("problem", _("What is missing")),
        kit.Column("trouble", _("Latest trouble")),
        kit.Column("price", _("Price of one"), align="end"),
        kit.Column("paused_until", _("Waits until"), format="moment", phone=False),
    )  # fmt: skip
    default_sort = "label"
    empty = _("This version has no channels.")

    def rows(self, request: HttpRequest) -> list[dict[str, Any]]:
        now = clock.now()
        return [
            {
                "pk": way,
                "way": way,
                "label": str(words.WAYS[way]),
                "is_on": one.is_enabled,
                "problem": str(one.problem),
                "trouble": _trouble(one),
                "price": f"¥{one.config.price_cents / 100:.4f}",
                "paused_until": one.paused_until
                if one.paused_until and one.paused_until > now
                else None,
            }
            for way, one in setups.standing().items()
        ]

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        return (kit.link_button(_("Rules of sending"), reverse("announcements:rules")),)

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return _first_trail(words.CHANNELS)


def _trouble(one: setups.Standing) -> str:
    if not one.trouble:
        return ""
    return f"{words.reason(one.trouble)} {one.trouble_text}".strip()


class ChannelPage(kit.FormPage):
    """Set one channel up, and switch it on or off."""

    permission = CONFIGURE
    template = "announcements/channel.html"

    @property
    def way(self) -> str:
        """The channel, or `Http404`."""
        way = str(self.kwargs["way"])
        if way not in channels.KNOWN:
            raise Http404
        return way

    def heading(self, request: HttpRequest) -> Any:
        return words.WAYS[self.way]

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        first = (_("Announcements"), reverse("announcements:announcements"))
        second = (words.CHANNELS, reverse("announcements:channels"))
        return (first, second, (words.WAYS[self.way], ""))

    def get_form(self, request: HttpRequest, **arguments: Any) -> ChannelForm:
        return ChannelForm(self.way, setups.standing()[self.way].config, **arguments)

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        cents = setups.standing()[self.way].config.price_cents
        return {"price": (cents / 100).normalize() if cents else Decimal(0)}

    def submit(self, request: HttpRequest, form: ChannelForm) -> str:
        options, secrets = form.given()
        actions.save_channel(
            self.way,
            options=options,
            secrets=secrets,
            price_cents=form.cleaned_data["price"] * 100,
            by_id=request.user.pk,
        )
        messages.success(request, _("The channel is set up."))
        return reverse("announcements:channel", args=[self.way])

    def context(self, request: HttpRequest) -> dict[str, Any]:
        one = setups.standing()[self.way]
        url = reverse("announcements:switch", args=[self.way])
        button = (
            kit.action_button(
                request, _("Switch off"), url, colour="danger", values={"on": ""},
                confirm=_("Switch this channel off? What is queued waits."),
            )
            if one.is_enabled
            else kit.action_button(request, _("Switch on"), url, values={"on": "1"})
        )  # fmt: skip
        events = {"sms": "announcements:sms_receipts", "wechat": "announcements:wechat_events"}
        address = events.get(self.way)
        return {
            "standing": one,
            "trouble": _trouble(one),
            "button": button if one.is_enabled or not one.problem else "",
            "hosts": ", ".join(sorted(reaching.allowed_hosts())),
            "events_url": request.build_absolute_uri(reverse(address)) if address else "",
            "cancel_url": reverse("announcements:channels"),
        }


@permissions.needs(CONFIGURE)
@require_POST
def switch(request: HttpRequest, way: str) -> HttpResponse:
    """Switch a channel on or off."""
    if way not in channels.KNOWN:
        raise Http404
    is_enabled = bool(request.POST.get("on"))
    try:
        actions.switch_channel(way, is_enabled=is_enabled, by_id=request.user.pk)
    except errors.Refused as refusal:
        messages.error(request, f"{refusal.message} {refusal.next_step}")
    else:
        said = _("The channel is on.") if is_enabled else _("The channel is off.")
        messages.success(request, said)
    return HttpResponseRedirect(reverse("announcements:channel", args=[way]))


class RulesForm(forms.Form):
    """The rules of sending."""

    quiet_from = forms.TimeField(
        label=_("Quiet from"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        help_text=_("Equal times mean no quiet hours. Urgent announcements pass."),
    )
    mass_from = forms.IntegerField(
        label=_("Second person from so many people on"), min_value=1, max_value=1_000_000
    )
    keep_days = forms.IntegerField(
        label=_("Contact data kept [days]"),
        min_value=7,
        max_value=3650,
        help_text=_("Then names and addresses of recipients are emptied; the counts stay."),
    )
    page_address = forms.CharField(
        label=_("Public address"),
        required=False,
        max_length=200,
        help_text=_("Where the public reaches this installation, such as https://water.example.cn. "
                    "Messages then carry a link that tells who opened it; empty: no link."),
    )  # fmt: skip

    def clean_page_address(self) -> str:
        """Refuse what is no address."""
        address = str(self.cleaned_data["page_address"]).strip().rstrip("/")
        if address and not reaching.is_address(address):
            raise forms.ValidationError(_("This is no address that begins with https://."))
        return address


class Rules(kit.FormPage):
    """Change the rules of sending."""

    title = _("Rules of sending")
    permission = CONFIGURE
    form_class = RulesForm

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        row = outbox.house_rules()
        return {name: getattr(row, name) for name in RulesForm.base_fields}

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return _first_trail(self.title)

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("announcements:channels")

    def submit(self, request: HttpRequest, form: RulesForm) -> str:
        actions.change_rules(**form.cleaned_data, by_id=request.user.pk)
        messages.success(request, _("The rules are kept."))
        return reverse("announcements:channels")


class Wordings(kit.ListPage):
    """Texts to begin with."""

    title = _("Texts to begin with")
    permission = CONFIGURE
    url_name = "announcements:wordings"
    columns = (
        kit.Column("name", _("Name"), href=lambda row: reverse(
            "announcements:wording", args=[row.pk])),
        kit.Column("kind", pgettext_lazy("announcement", "Kind"), badge=KINDS),
        kit.Column("title_zh", _("Title")),
        kit.Column("is_offered", _("Offered"), format="yesno"),
        kit.Column("changed_at", _("Changed"), format="moment", phone=False),
    )  # fmt: skip
    search = ("name", "title_zh", "text_zh")
    filters = (
        kit.ChoiceFilter(
            "kind", pgettext_lazy("announcement", "Kind"), choices=words.KINDS.items()
        ),
    )
    default_sort = "name"
    empty = _("No texts yet. Keep the first, so that nobody begins with an empty page.")

    def rows(self, request: HttpRequest) -> QuerySet[models.Wording]:
        return queries.wordings()

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        url = reverse("announcements:new_wording")
        return (kit.link_button(_("Add"), url, icon="plus", colour="primary"),)

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return _first_trail(_("Texts"))


class WordingForm(forms.Form):
    """One text to begin with."""

    name = forms.CharField(label=_("Name"), max_length=80)
    kind = forms.ChoiceField(
        label=pgettext_lazy("announcement", "Kind"), choices=list(words.KINDS.items())
    )
    title_zh = forms.CharField(label=_("Title (Chinese)"), max_length=rules.TITLE_CHARS_MAX)
    text_zh = forms.CharField(
        label=_("Text (Chinese)"), max_length=rules.TEXT_CHARS_MAX, help_text=VARIABLES_HELP,
        widget=forms.Textarea(attrs={"rows": 5}),
    )  # fmt: skip
    title_en = forms.CharField(
        label=_("Title (English)"), max_length=rules.TITLE_CHARS_MAX, required=False
    )
    text_en = forms.CharField(
        label=_("Text (English)"), max_length=rules.TEXT_CHARS_MAX, required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    is_offered = forms.BooleanField(label=_("Offered"), required=False, initial=True)


class WordingPage(kit.FormPage):
    """Keep one text to begin with."""

    title = _("Text to begin with")
    permission = CONFIGURE
    form_class = WordingForm

    def row(self) -> models.Wording | None:
        """Return the text, or None for a new one."""
        if "pk" not in self.kwargs:
            return None
        found = models.Wording.objects.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        row = self.row()
        if row is None:
            return {"is_offered": True}
        return {name: getattr(row, name) for name in WordingForm.base_fields}

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        first = (_("Announcements"), reverse("announcements:announcements"))
        return (first, (_("Texts"), reverse("announcements:wordings")), (self.title, ""))

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("announcements:wordings")

    def submit(self, request: HttpRequest, form: WordingForm) -> HttpResponse | str:
        row = self.row()
        taken = models.Wording.objects.filter(name=form.cleaned_data["name"])
        if taken.exclude(pk=row.pk if row else 0).exists():
            raise NameTaken(form.cleaned_data["name"])
        actions.save_wording(row.pk if row else None, **form.cleaned_data, by_id=request.user.pk)
        return reverse("announcements:wordings")


class NameTaken(errors.Refused):
    """Another text has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "announcements.name_taken",
            _("There is a text of the name %(name)s already.") % {"name": name},
            data={"name": name},
            next_step=_("Choose another name, or change that text."),
        )
