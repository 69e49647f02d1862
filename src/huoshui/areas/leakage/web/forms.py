"""Forms of leakage."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class DismissForm(forms.Form):
    """Why a suspected leak is none."""

    reason = forms.CharField(
        label=_("Why is it no leak?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
