from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

DEEDS = {
    "organisation.unit_added": _("Unit added"),
    "organisation.unit_changed": _("Unit renamed or moved"),
    "organisation.unit_closed": _("Unit closed"),
    "organisation.person_placed": _("Person placed in a unit"),
}


class OrganisationConfig(AppConfig):
    name = "huoshui.kernel.organisation"
    label = "organisation"
    verbose_name = _("Organisation")

    def ready(self) -> None:
        from huoshui.kernel import audit
        from huoshui.kernel.accounts import permissions
        from huoshui.kernel.accounts.posts import POSTS
        from huoshui.kernel.pages import menu

        permissions.declare("organisation.read", _("See the organisation"), posts=POSTS)
        permissions.declare("organisation.manage", _("Change the organisation"))
        menu.add(
            "system", _("Organisation"), "organisation:units", "organisation.read", "sitemap", 12
        )
        self._offer_import()
        for action, label in DEEDS.items():
            audit.name_deed(action, label)
        audit.name_values("organisation.kind", name_of_kind)
        audit.name_subject("unit", _("Unit"))

    def _offer_import(self) -> None:
        from huoshui.kernel.intake import kinds

        # Loaded when somebody imports: tables bring their libraries with them.
        def tables() -> Any:
            from huoshui.kernel.organisation import importing

            return importing

        kinds.declare_kind(
            kinds.Kind(
                code="organisation",
                label=_("Organisation"),
                description=_("Units with what they belong to, their kind, names and days."),
                permission="organisation.manage",
                check=lambda *given: tables().check(*given),
                carry_out=lambda *given: tables().carry_out(*given),
                counted=_("units"),
                template=lambda out: tables().template(out),
                order=90,
            )
        )


def name_of_kind(code: str) -> Any:
    """Return what a kind of unit is called."""
    from huoshui.kernel.organisation.models import Kind

    return Kind(code).label if code in Kind.values else code
