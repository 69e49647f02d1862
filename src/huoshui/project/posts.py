"""The posts of a water group: who does what, fixed for all installations."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

# Code to name. The order is that of every list of posts.
POSTS = {
    "administrator": _("Administrator"),
    "manager": _("Manager"),
    "dispatcher": _("Dispatcher"),
    "leakage_engineer": _("Leakage engineer"),
    "crew_leader": _("Crew leader"),
    "crew": _("Field crew"),
    "service_manager": _("Service manager"),
    "hotline_agent": _("Hotline agent"),
    "grid_specialist": _("Grid specialist"),
    "viewer": _("Viewer"),
}
