"""The form of a source, made from its connector's manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core import validators
from django.utils.translation import gettext_lazy as _

from huoshui.areas.telemetry import contracts, models, sources

CODE = validators.RegexValidator(
    r"^[a-z0-9][a-z0-9_-]{0,39}$", _("Small letters, digits, - and _ only; at most 40.")
)
LINES_MAX = 200_000


class SourceForm(forms.Form):
    """Code, title and the connector's options; a secret that is left empty stays as it is."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        validators=[CODE],
        help_text=_("Stable for ever: every reading carries it."),
    )
    title = forms.CharField(label=_("Name"), max_length=100)

    def __init__(
        self, manifest: sources.Manifest, existing: contracts.Source | None, **arguments: Any
    ) -> None:
        super().__init__(**arguments)
        self.manifest, self.existing = manifest, existing
        kept = sources.secrets_of(existing.code) if existing else {}
        if existing:
            del self.fields["code"]
        for option in manifest.options:
            name = f"option_{option['name']}"
            self.fields[name] = field_of(option, is_kept=option["name"] in kept)
            value = existing.options.get(option["name"]) if existing else option.get("default")
            if option["type"] not in sources.SECRET_TYPES:
                self.fields[name].initial = value
        self._kept = kept

    def clean_code(self) -> str:
        """Refuse a code that is taken."""
        code: str = self.cleaned_data["code"]
        if models.Source.objects.filter(code=code).exists():
            raise forms.ValidationError(_("There is a data source of this code already."))
        return code

    def options(self) -> dict[str, object]:
        """Return what was given for the options that are no secrets."""
        return {
            one["name"]: self.cleaned_data.get(f"option_{one['name']}")
            for one in self.manifest.options
            if one["type"] not in sources.SECRET_TYPES
        }

    def secrets(self) -> dict[str, str]:
        """Return the secrets that were typed in."""
        return {
            name: self.cleaned_data[f"option_{name}"]
            for name in self.manifest.secret_names
            if self.cleaned_data.get(f"option_{name}")
        }

    def dropped(self) -> list[str]:
        """Return the kept secrets that do not follow the source to where it leads now."""
        existing = self.existing
        if existing is None or not self.manifest.leads_elsewhere(existing.options, self.options()):
            return []
        return sorted(set(self._kept) - set(self.secrets()))

    def given(self) -> contracts.Source:
        """Return the source as it would be."""
        dropped = self.dropped()
        kept = {name: value for name, value in self._kept.items() if name not in dropped}
        return contracts.Source(
            code=self.existing.code if self.existing else self.cleaned_data.get("code", ""),
            connector=self.manifest.name,
            title=self.cleaned_data.get("title", ""),
            options=self.options(),
            is_enabled=True,
            changed_at=self.existing.changed_at if self.existing else None,
            secrets={**kept, **self.secrets()},
        )

    def clean(self) -> dict[str, Any]:
        """Let the connector judge what the manifest alone cannot."""
        if not self.errors:
            for fault in self.manifest.entry().faults_of(self.given()):
                words = self.manifest.says(fault.code)
                if fault.line is not None:
                    words = _("Line %(line)d: %(words)s") % {"line": fault.line, "words": words}
                if fault.value:
                    words = f"{words} ({fault.value[:80]})"
                name = f"option_{fault.option}"
                self.add_error(name if name in self.fields else None, str(words))
        return self.cleaned_data


def field_of(option: Mapping[str, Any], *, is_kept: bool) -> forms.Field:
    """Return the field of one option."""
    common: dict[str, Any] = {
        "label": sources.spoken(option["label"]),
        "help_text": sources.spoken(option["help"]) if "help" in option else "",
        "required": bool(option.get("required")),
    }
    kind = option["type"]
    hint = {"placeholder": option["example"]} if "example" in option else {}
    if kind == "switch":
        return forms.BooleanField(**{**common, "required": False})
    if kind == "choice":
        pairs = [(one["value"], sources.spoken(one["label"])) for one in option["choices"]]
        return forms.ChoiceField(choices=pairs, **{**common, "required": True})
    if kind in ("integer", "number"):
        maker = forms.IntegerField if kind == "integer" else forms.FloatField
        return maker(min_value=option.get("min"), max_value=option.get("max"), **common)
    if kind in sources.SECRET_TYPES:
        if is_kept:
            common["help_text"] = _("Kept. Leave it empty to keep it, or type a new one.")
        # A browser that remembers this would put it into other forms too.
        widget: forms.Widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        if kind == "secret_text":
            widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
        return forms.CharField(widget=widget, max_length=20_000, **{**common, "required": False})
    if kind == "lines":
        attrs = {"rows": option.get("rows", 5), "spellcheck": "false", **hint}
        return forms.CharField(
            widget=forms.Textarea(attrs=attrs), max_length=LINES_MAX, strip=False, **common
        )
    return forms.CharField(max_length=400, widget=forms.TextInput(attrs=hint), **common)
