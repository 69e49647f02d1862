"""The form of a channel, made from its options."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huoshui.areas.announcements import channels, setups
from huoshui.areas.announcements.channels.base import Option


class ChannelForm(forms.Form):
    """The options of a channel; a secret that is left empty stays as it is."""

    price = forms.DecimalField(
        label=_("Price of one message"),
        min_value=Decimal(0),
        max_value=Decimal(100),
        decimal_places=5,
        initial=Decimal(0),
        help_text=_("In yuan, such as 0.045. Of a long short message each part is paid for."),
    )

    def __init__(self, way: str, config: Any, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.way, self.options_of = way, channels.KNOWN[way].options
        self.kept = config.secrets
        for option in self.options_of:
            field = field_of(option, is_kept=option.name in self.kept)
            if option.kind != "secret":
                field.initial = config.options.get(option.name, option.default)
            self.fields[f"option_{option.name}"] = field
        self.order_fields([f"option_{one.name}" for one in self.options_of])

    def given(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Return the options and the secrets that were typed in."""
        said = {one: self.cleaned_data.get(f"option_{one.name}") for one in self.options_of}
        options = {one.name: value for one, value in said.items() if one.kind != "secret"}
        secrets = {
            one.name: str(value) for one, value in said.items() if one.kind == "secret" and value
        }
        return options, secrets

    def clean(self) -> dict[str, Any]:
        """Let the channel judge its setup as a whole."""
        if not self.errors:
            options, secrets = self.given()
            config = setups.config_of(self.way, options, self.cleaned_data["price"])
            whole = type(config)(config.options, {**self.kept, **secrets}, config.price_cents)
            for name, problem in channels.KNOWN[self.way].faults(whole):
                self.add_error(f"option_{name}", problem)
        return self.cleaned_data


def field_of(option: Option, *, is_kept: bool) -> forms.Field:
    """Return the field of one option of a channel."""
    common: dict[str, Any] = {
        "label": option.label, "help_text": option.help, "required": option.required,
    }  # fmt: skip
    if option.kind == "switch":
        return forms.BooleanField(**{**common, "required": False})
    if option.kind == "number":
        return forms.IntegerField(min_value=option.least, max_value=option.most, **common)
    if option.kind == "lines":
        widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
        return forms.CharField(widget=widget, max_length=4000, **common)
    if option.kind == "secret":
        if is_kept:
            common |= {
                "required": False,
                "help_text": _("Kept. Leave it empty to keep it, or type a new one."),
            }
        password = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        return forms.CharField(widget=password, max_length=1000, **common)
    return forms.CharField(max_length=300, **common)
