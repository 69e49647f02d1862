"""The page behind the code on an asset: anybody may say what is wrong with it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import actions, choices, labels
from huoshui.areas.network.contracts import Trouble
from huoshui.areas.network.models import Asset
from huoshui.kernel import settings
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

LABELS_MAX = 200
# What the form is larger than the photo in it.
FORM_BYTES = 100_000


class ReportForm(forms.Form):
    """What is wrong, and if wanted a photo and a number to call back."""

    trouble = forms.ChoiceField(
        label=_("What is wrong?"), choices=lambda: list(choices.TROUBLES.items())
    )
    text = forms.CharField(
        label=_("What do you see?"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    phone = forms.CharField(
        label=_("Telephone"),
        required=False,
        max_length=40,
        help_text=_("Only if we may call you back. It is seen by our staff alone."),
    )
    photo = forms.FileField(
        label=_("Photo"), required=False, widget=forms.FileInput(attrs={"accept": "image/*"})
    )


class Report(kit.FormPage):
    """Report something about the asset whose code was read; no account is needed."""

    permission = permissions.PUBLIC
    form_class = ReportForm
    submit_label = _("Send")
    explanation = _("If water runs into the street, please call the hotline too.")

    @classmethod
    def bytes_max(cls) -> int:
        """Return the largest photo with the form around it: the camera of a phone makes 5 MB."""
        return settings.get().photo_bytes_max + FORM_BYTES

    def asset(self) -> Asset:
        """Return the asset of the code, or raise `Http404`: a code we never printed."""
        number = labels.asset_of(self.kwargs["token"])
        found = None if number is None else Asset.objects.present().filter(id=number).first()
        if found is None:
            raise Http404
        return found

    def heading(self, request: HttpRequest) -> Any:
        asset = self.asset()
        return f"{choices.KINDS[asset.kind]} {asset.code}"

    def submit(self, request: HttpRequest, form: ReportForm) -> HttpResponse:
        given = form.cleaned_data
        actions.receive_report(
            self.asset().id,
            trouble=Trouble(given["trouble"]),
            text=given["text"],
            phone=given["phone"],
            photo=given["photo"],
            address=str(request.META.get("REMOTE_ADDR", "")),
        )
        return render(request, "network/reported.html", {"title": _("Thank you")})


def address_of(request: HttpRequest, asset_id: int) -> str:
    """Return the whole address that an asset's code leads to."""
    path = reverse("network:public", args=[labels.token_of(asset_id)])
    return request.build_absolute_uri(path)


@permissions.needs("network.read")
def sheet(request: HttpRequest) -> HttpResponse:
    """Show labels to print: of the assets named, at most 200 at once."""
    codes = request.GET.get("codes", "").replace(",", " ").split()[:LABELS_MAX]
    rows = Asset.objects.present().filter(code__in=codes).order_by("sort_code")
    context = {
        "title": _("Labels"),
        "labels": [
            {
                "code": row.code,
                "kind": choices.KINDS[row.kind],
                "address": address_of(request, row.id),
                # Made by ourselves from an address of ours: no foreign text is in it.
                "picture": mark_safe(labels.picture(address_of(request, row.id))),
            }
            for row in rows
        ],
        "trail": ((_("Assets"), reverse("network:assets")), (_("Labels"), "")),
    }
    return render(request, "network/labels.html", context)
