"""Pages of walks: the list, one walk with its track, and tracks that receivers recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import ground, queries, tracks_in, words
from huoshui.areas.fieldwork.patrol.web import forms, maps, private
from huoshui.areas.fieldwork.patrol.web.rounds import MANAGE, READ, WALKED, percent, round_url
from huoshui.areas.fieldwork.web import who
from huoshui.kernel.pages import kit


def walk_url(row: models.PatrolWalk) -> str:
    """Return the address of a walk's page."""
    return reverse("patrol:walk", args=[row.pk])


def _share(row: models.PatrolWalk) -> float | None:
    return percent(row.covered_m / row.length_m) if row.length_m else None


def _minutes(row: models.PatrolWalk) -> float:
    return (row.ended_at - row.began_at).total_seconds() / 60


class Walks(kit.ListPage):
    """All walks, the latest first."""

    title = _("Walks")
    permission = READ
    url_name = "patrol:walks"
    columns = (
        kit.Column("began_at", _("Began"), format="moment", href=walk_url),
        kit.Column("round", _("Round"),
                   value=lambda row: f"{row.round.code} {row.round.shown_name}",
                   sort="round__code", href=lambda row: round_url(row.round.code)),
        kit.Column("by", pgettext_lazy("patrol", "Who walked"), sort="by__name"),
        kit.Column("share", WALKED, value=_share, format=".1f", unit="%", sort=False),
        kit.Column("covered_m", _("Walked of the pipes"), format=".0f", unit="m", phone=False),
        kit.Column("length_m", _("Length of the pipes"), format=".0f", unit="m", phone=False),
        kit.Column("minutes", _("Duration"), value=_minutes, format=".0f", unit="min", sort=False,
                   phone=False),
        kit.Column("source", pgettext_lazy("patrol", "Recorded by"), labels=words.SOURCES,
                   phone=False),
    )  # fmt: skip
    search = ("round__code", "round__name", "round__name_en", "by__name")
    filters = (kit.PeriodFilter("began_at", _("Began")),)
    default_sort = "-began_at"
    empty = _("Nobody has walked a round yet.")

    def rows(self, request: HttpRequest) -> Any:
        """Return all walks."""
        return queries.walks()

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the rounds."""
        return ((_("Patrol rounds"), reverse("patrol:rounds")),)


class WalkPage(kit.DetailPage):
    """One walk: its track over the pipes, what it missed, what was found."""

    permission = READ
    template = "fieldwork/walk.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> models.PatrolWalk:
        """Return the walk, or answer that there is none."""
        row = queries.walk(kwargs["number"])
        if row is None:
            raise Http404
        return row

    def heading(self, request: HttpRequest, obj: models.PatrolWalk) -> str:
        """Return the round's name."""
        return gettext("Walk of %(round)s") % {"round": obj.round.shown_name}

    def trail(self, request: HttpRequest, obj: models.PatrolWalk) -> Sequence[tuple[Any, str]]:
        """Lead back to the round."""
        return (
            (_("Patrol rounds"), reverse("patrol:rounds")),
            (f"{obj.round.code} {obj.round.shown_name}", round_url(obj.round.code)),
        )

    def facts(self, request: HttpRequest, obj: models.PatrolWalk) -> Sequence[kit.Section]:
        """Say who, when, how far, and how good the track is."""
        things = len(obj.round.asset_codes) - len(obj.pipes)
        return (
            kit.Section(
                _("Walk"),
                [
                    kit.Fact(pgettext_lazy("patrol", "Who walked"), obj.by),
                    kit.Fact(_("Began"), obj.began_at, format="moment"),
                    kit.Fact(_("Duration"), _minutes(obj), unit="min", format=".0f"),
                    kit.Fact(pgettext_lazy("patrol", "Recorded by"), words.SOURCES[obj.source]),
                    kit.Fact(_("Valves and hydrants looked at"),
                             gettext("%(seen)s of %(all)s") % {
                                 "seen": len(obj.seen), "all": max(things, len(obj.seen))}),
                ],
            ),
            kit.Section(
                WALKED,
                [
                    kit.Fact(_("Walked of the pipes"), obj.covered_m, unit="m", format=".0f"),
                    kit.Fact(_("Length of the pipes"), obj.length_m, unit="m", format=".0f"),
                    kit.Fact(pgettext_lazy("patrol", "Share"), _share(obj), unit="%",
                             format=".1f"),
                    kit.Fact(_("Length of the track"), obj.walked_m, unit="m", format=".0f"),
                    kit.Fact(_("Gaps in the track"), obj.gaps, format="d"),
                    kit.Fact(_("Inaccurate places left out"), obj.inaccurate, format="d"),
                ],
            ),
        )  # fmt: skip

    def context(self, request: HttpRequest, obj: models.PatrolWalk) -> dict[str, Any]:
        """Add map, missing pieces and findings."""
        features = ground.shapes(queries.assets_of(obj.round), obj.missed)
        track = maps.track(obj) if private.sees_track(request.user, obj) else []
        longest = sorted(obj.missed, key=lambda one: one[1] - one[2])
        return {
            "map_props": maps.drawn(request, [*track, *features]),
            "pieces": [
                {"asset": code, "url": reverse("network:asset", args=[code]), "begin": begin,
                 "end": end, "length": end - begin}
                for code, begin, end in longest[:50]
            ],
            "more": max(0, len(longest) - 50),
            "findings": [
                {"url": reverse("patrol:finding", args=[one.pk]),
                 "label": words.FINDINGS.get(one.kind, one.kind), "note": one.note,
                 "at": one.found_at}
                for one in obj.findings.all()
            ],
        }  # fmt: skip


class ImportTrack(kit.FormPage):
    """Take the track of a handheld receiver as a walk of a round."""

    title = _("Bring a GPX track")
    permission = MANAGE
    form_class = forms.TrackForm
    explanation = _(
        "Each track of the file becomes one walk. Places without a time are left out, because "
        "nobody can say in which order they were passed; the same file counts once."
    )

    @cached_property
    def row(self) -> models.PatrolRound:
        """The round the address names."""
        row = queries.round_of(self.kwargs["code"])
        if row is None:
            raise Http404
        return row

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the round."""
        return (
            (_("Patrol rounds"), reverse("patrol:rounds")),
            (f"{self.row.code} {self.row.shown_name}", round_url(self.row.code)),
        )

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the round."""
        return round_url(self.row.code)

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Take the tracks, say what was left out, show the round."""
        values = form.cleaned_data
        taken = tracks_in.take(
            self.row, values["file"].read(tracks_in.BYTES_MAX + 1), walker=values["walker"],
            by_id=who.id_of(request),
        )  # fmt: skip
        if count := len(taken.walks) - taken.known:
            messages.success(
                request, ngettext("%(n)s walk was taken.", "%(n)s walks were taken.", count)
                % {"n": count},
            )  # fmt: skip
        if taken.known:
            said = ngettext(
                "%(n)s walk of this file was here already.",
                "%(n)s walks of this file were here already.", taken.known,
            )  # fmt: skip
            messages.info(request, said % {"n": taken.known})
        if taken.problems:
            left_out = format_html_join(
                SafeString("<br>"), "{}", ((one,) for one in taken.problems)
            )
            messages.warning(request, left_out)
        return round_url(self.row.code)
