"""Fields that offer things with a name in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext

from huoshui.areas.fieldwork import words


def choice_of(row: Any) -> str:
    """Return what is offered, and whether it is there no more and only kept."""
    if not getattr(row, "is_retired", False):
        return words.name_of(row)
    return gettext("%(name)s (not there any more)") % {"name": words.name_of(row)}


def keep_offering(form: Any, **held: Iterable[Any]) -> None:
    """Let fields offer what a thing has of them, retired or not: keeping must drop nothing."""
    for name, rows in held.items():
        field = form.fields[name]
        keys = [one.pk for one in rows if one is not None]
        field.queryset = field.queryset.model.objects.filter(Q(is_retired=False) | Q(pk__in=keys))


class Named(forms.ModelMultipleChoiceField):
    """Several things that have a name in both languages."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name in the reader's language."""
        return choice_of(obj)


class NamedOne(forms.ModelChoiceField):
    """One thing that has a name in both languages."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name in the reader's language."""
        return choice_of(obj)
