"""Pages of proposed rounds: what is worth walking, and making a round of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import ground, proposing, words
from huoshui.areas.fieldwork.patrol.web import maps
from huoshui.areas.fieldwork.patrol.web.rounds import MANAGE, READ, round_url
from huoshui.areas.fieldwork.web import labels, who
from huoshui.areas.network import facade as network
from huoshui.kernel.pages import formats, kit

PIPES_SHOWN = 40


def proposal_url(row: models.PatrolProposal) -> str:
    """Return the address of a proposal."""
    return reverse("patrol:proposal", args=[row.pk])


def why(row: models.PatrolProposal) -> str:
    """Return the figures of a proposal in words, those that speak for its reason."""
    beside = words.BESIDE.get(row.reason, frozenset())
    said = [
        str(words.FIGURES[code]) % {"value": formats.text(value, ".1f" if value % 1 else ".0f")}
        for code, value in row.figures.items() if code in words.FIGURES and code not in beside
    ]  # fmt: skip
    return pgettext("list", ", ").join(said)


def ranked_by(row: models.PatrolProposal) -> str:
    """Return the figure that ranks a proposal among those of its reason, with its unit."""
    if row.reason not in words.RANKED:
        return str(formats.text(row.size, ".1f"))
    return str(words.RANKED[row.reason]) % {"value": formats.text(row.size, ".1f")}


class Proposals(kit.ListPage):
    """What is worth walking by the figures, the most pressing first."""

    title = _("Proposed rounds")
    permission = READ
    url_name = "patrol:proposals"
    columns = (
        kit.Column("zone", _("Zone"), href=proposal_url, sort="zone_code",
                   value=lambda row: network.zone_names().get(row.zone_code, row.zone_code)),
        kit.Column("reason", _("Reason"), labels=words.REASONS),
        kit.Column("why", pgettext_lazy("patrol proposal", "Figures"), value=why, sort=False),
        kit.Column("length", _("Length"), value=lambda row: row.length_m / 1000, format=".1f",
                   unit="km", sort="length_m"),
        kit.Column("every_days", pgettext_lazy("patrol", "Every"), format="d",
                   unit=pgettext_lazy("patrol", "days"), phone=False),
        kit.Column("state", _("State"), badge=words.PROPOSALS),
        kit.Column("changed_at", pgettext_lazy("patrol proposal", "Counted"), format="moment",
                   phone=False),
        kit.Column("size", pgettext_lazy("patrol proposal", "Ranked by"), value=ranked_by,
                   sort="place"),
    )  # fmt: skip
    filters = (
        kit.ChoiceFilter("state", _("State"),
                         choices=[(code, pair[0]) for code, pair in words.PROPOSALS.items()]),
    )  # fmt: skip
    default_sort = "place"
    empty = _("Nothing is worth an extra walk by the figures of last night.")

    def rows(self, request: HttpRequest) -> Any:
        """Return those that wait, or those of the state that is asked for."""
        rows = proposing.ranked()
        return rows if request.GET.get("state") else rows.filter(state=proposing.OPEN)

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the rounds."""
        return ((_("Patrol rounds"), reverse("patrol:rounds")),)


class ProposalPage(kit.DetailPage):
    """One proposal: its pipes on the map, and the figures it rests on."""

    permission = READ
    template = "fieldwork/proposal.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> models.PatrolProposal:
        """Return the proposal, or answer that there is none."""
        row = models.PatrolProposal.objects.select_related("round", "decided_by").filter(
            pk=kwargs["number"]
        ).first()  # fmt: skip
        if row is None:
            raise Http404
        return row

    def heading(self, request: HttpRequest, obj: models.PatrolProposal) -> str:
        """Return what its round would be called."""
        return proposing.usual_name(obj)

    def badges(self, request: HttpRequest, obj: models.PatrolProposal) -> Sequence[SafeString]:
        """Show how it stands."""
        return (kit.badge(*words.PROPOSALS[obj.state]),)

    def trail(self, request: HttpRequest, obj: models.PatrolProposal) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((_("Proposed rounds"), reverse("patrol:proposals")),)

    def facts(self, request: HttpRequest, obj: models.PatrolProposal) -> Sequence[kit.Section]:
        """Say why, how long it is, and what came of it."""
        found = [
            kit.Fact(_("Reason"), words.REASONS[obj.reason], note=why(obj)),
            kit.Fact(_("Pipes"), len(obj.pipes), format="d"),
            kit.Fact(_("Length"), obj.length_m / 1000, format=".1f", unit="km"),
            kit.Fact(pgettext("patrol", "Every"), obj.every_days, format="d",
                     unit=pgettext("patrol", "days")),
            kit.Fact(pgettext("patrol proposal", "Proposed"), obj.proposed_at, format="moment"),
            kit.Fact(pgettext("patrol proposal", "Counted"), obj.changed_at, format="moment"),
        ]  # fmt: skip
        if obj.round:
            found.append(kit.Fact(_("Round"), obj.round.code, href=round_url(obj.round.code)))
        if obj.decided_at and obj.decided_by:
            found.append(kit.Fact(pgettext("suggestion", "Decided"), obj.decided_at,
                                  format="moment", note=str(obj.decided_by)))  # fmt: skip
        if obj.note:
            found.append(kit.Fact(_("Note"), obj.note))
        return (kit.Section(_("Why it is worth a walk"), found),)

    def actions(self, request: HttpRequest, obj: models.PatrolProposal) -> Sequence[SafeString]:
        """Offer to make the round of it, or to decline."""
        if obj.state != proposing.OPEN or not proposing.may_decide(request.user, obj):
            return ()
        accept = reverse("patrol:accept-proposal", args=[obj.pk])
        decline = reverse("patrol:decline-proposal", args=[obj.pk])
        return (
            kit.link_button(gettext("Make a round of it"), accept, colour="primary", icon="check"),
            kit.link_button(gettext("Decline"), decline, icon="x"),
        )

    def context(self, request: HttpRequest, obj: models.PatrolProposal) -> dict[str, Any]:
        """Add the map and the pipes."""
        pipes = network.assets(codes=obj.pipes)
        lines = [ground.line([list(one) for one in pipe.line], "missed") for pipe in pipes]
        return {
            "map_props": maps.drawn(request, lines),
            "pipes": [{"code": code, "url": labels.asset_url(code)}
                      for code in obj.pipes[:PIPES_SHOWN]],
            "more": max(0, len(obj.pipes) - PIPES_SHOWN),
        }  # fmt: skip


class AcceptForm(forms.Form):
    """Number and name of the round."""

    code = forms.SlugField(label=_("Number"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=100)


class DeclineForm(forms.Form):
    """Why it is not walked."""

    note = forms.CharField(
        label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class _OfProposal(kit.FormPage):
    permission = MANAGE

    @cached_property
    def row(self) -> models.PatrolProposal:
        """The proposal that the address names."""
        row = models.PatrolProposal.objects.filter(pk=self.kwargs["number"]).first()
        if row is None:
            raise Http404
        return row

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the proposal."""
        return (
            (_("Proposed rounds"), reverse("patrol:proposals")),
            (proposing.usual_name(self.row), proposal_url(self.row)),
        )

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the proposal."""
        return proposal_url(self.row)


class Accept(_OfProposal):
    """Make the round of a proposal."""

    title = _("Make a round of it")
    form_class = AcceptForm
    once = True
    explanation = _("The valves and hydrants on its pipes come with them; the rest can be changed.")

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        """Propose the next free number and a name."""
        row = self.row
        return {"code": proposing.next_code(row.purpose), "name": proposing.usual_name(row)}

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Make it, and show it."""
        made = proposing.accept(self.row.pk, by_id=who.id_of(request), **form.cleaned_data)
        messages.success(request, gettext("Round %(code)s was made.") % {"code": made.code})
        return round_url(made.code)


class Decline(_OfProposal):
    """Decline a proposal."""

    title = _("Decline the proposal")
    form_class = DeclineForm
    submit_label = _("Decline")
    explanation = _("The same is not proposed again for thirty days.")

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Decline it."""
        note = form.cleaned_data["note"]
        proposing.decline(self.row.pk, note=note, by_id=who.id_of(request))
        messages.success(request, gettext("The proposal is declined."))
        return self.get_cancel_url(request)
