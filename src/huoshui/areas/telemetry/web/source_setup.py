"""Setting up data sources: choose, fill in, try, pause, remove."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.telemetry import contracts, source_actions, sources
from huoshui.areas.telemetry.web.source_forms import SourceForm
from huoshui.areas.telemetry.web.sources import MANAGE, source_or_404
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats, kit


@permissions.needs(MANAGE)
def kinds(request: HttpRequest) -> HttpResponse:
    """Let the reader choose how the new source is connected."""
    offered = [
        {
            "title": one.title,
            "about": sources.spoken(one.facts["about"]) if "about" in one.facts else "",
            "url": reverse("telemetry:source_add", args=[one.name]),
        }
        for one in sources.connectors().values()
        if one.is_offered
    ]
    trail = ((_("Data sources"), reverse("telemetry:sources")),)
    context = {"title": gettext("Add a source"), "kinds": offered, "trail": trail}
    return render(request, "telemetry/source_kinds.html", context)


class SourceFormPage(kit.FormPage):
    """Set up a source, or change one, by its connector's form."""

    permission = MANAGE

    @property
    def existing(self) -> contracts.Source | None:
        """The source to change, if it is not a new one."""
        code = self.kwargs.get("code")
        if code is None:
            return None
        found = sources.source(code)
        if found is None:
            raise source_actions.NoSuchSource(code)
        return found

    @property
    def manifest(self) -> sources.Manifest:
        """The connector."""
        existing = self.existing
        name = existing.connector if existing else self.kwargs["connector"]
        found = sources.connectors().get(name)
        if found is None or not found.is_offered:
            raise Http404(name)
        return found

    def heading(self, request: HttpRequest) -> str:
        """Name what is set up."""
        existing = self.existing
        title = existing.title if existing else self.manifest.title
        return (
            gettext("Change %(name)s") % {"name": title}
            if existing
            else gettext("New source: %(name)s") % {"name": title}
        )

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to all sources."""
        return ((_("Data sources"), reverse("telemetry:sources")),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Return to where the reader came from."""
        code = self.kwargs.get("code")
        return reverse("telemetry:source", args=[code]) if code else reverse("telemetry:sources")

    def get_form(self, request: HttpRequest, **arguments: Any) -> SourceForm:
        """Return the form of the connector."""
        existing = self.existing
        if existing:
            arguments["initial"] = {"title": existing.title, **arguments.get("initial", {})}
        return SourceForm(self.manifest, existing, **arguments)

    def submit(self, request: HttpRequest, form: SourceForm) -> str:
        """Keep it; the ingest process begins with it by itself."""
        given, dropped = form.given(), form.dropped()
        assert request.user.pk is not None
        source_actions.save_source(
            code=given.code,
            connector=given.connector,
            title=given.title,
            options=given.options,
            secrets=form.secrets(),
            by_id=request.user.pk,
        )
        if dropped:
            words = gettext(
                "It leads elsewhere now, so what was kept was forgotten: %(names)s. Type it again."
            )
            messages.warning(request, words % {"names": self._labels(dropped)})
            return reverse("telemetry:source_edit", args=[given.code])
        messages.success(request, gettext("Kept. It begins within a few seconds."))
        return reverse("telemetry:source", args=[given.code])

    def _labels(self, names: Sequence[str]) -> str:
        labels = {one["name"]: sources.spoken(one["label"]) for one in self.manifest.options}
        return formats.listed(labels.get(name, name) for name in names)


@permissions.needs(MANAGE)
@require_POST
def check(request: HttpRequest, code: str) -> HttpResponse:
    """Try a source's connection and say what was found."""
    source_or_404(code)
    found = next(one for one in sources.sources(with_secrets=True) if one.code == code)
    manifest = sources.connectors()[found.connector]
    answer = manifest.entry().check_source(found)
    text = manifest.says(answer.code)
    if answer.samples:
        text += " " + "; ".join(f"{name}: {value}" for name, value in answer.samples[:5])
    if answer.is_good:
        messages.success(request, text)
    else:
        remedy = manifest.remedy(answer.code)
        messages.error(request, " ".join(part for part in (text, remedy, answer.detail) if part))
    return HttpResponseRedirect(reverse("telemetry:source", args=[code]))


@permissions.needs(MANAGE)
@require_POST
def pause(request: HttpRequest, code: str) -> HttpResponse:
    """Pause a source, or resume it."""
    assert request.user.pk is not None
    resume = (request.POST.get("resume") or request.GET.get("resume")) == "1"
    source_actions.pause_source(code, is_enabled=resume, by_id=request.user.pk)
    if resume:
        messages.success(request, gettext("Resumed."))
    else:
        way_back = reverse("telemetry:source_pause", args=[code])
        kit.undo(request, gettext("Paused."), f"{way_back}?resume=1")
    return HttpResponseRedirect(reverse("telemetry:source", args=[code]))


@permissions.needs(MANAGE)
@require_POST
def remove(request: HttpRequest, code: str) -> HttpResponse:
    """Remove a source."""
    assert request.user.pk is not None
    source_actions.remove_source(code, by_id=request.user.pk)
    messages.success(request, gettext("Removed."))
    return HttpResponseRedirect(reverse("telemetry:sources"))
