"""Where keys and sign-in lead: the project knows all areas, so it names their first pages."""

from __future__ import annotations

# Behind the key g; a place shows only to readers who may open it.
GO_TO_KEYS = {
    "m": "network:map",
    "s": "network:assets",
    "z": "network:zones",
    "a": "telemetry:alarms",
    "p": "telemetry:points",
    "c": "telemetry:trends",
    "j": "fieldwork:jobs",
    "w": "cases:mine",
    "l": "leakage:leaks",
    "d": "hotline:desk",
    "u": "customers:accounts",
    "h": "health:health",
}
# The page that a post sees first after signing in, by code; the rest see the map. Who holds
# several posts sees the page of the first of them in this order.
LANDING = {
    "administrator": "network:map",
    "manager": "network:map",
    "dispatcher": "network:map",
    "crew_leader": "fieldwork:jobs",
    "crew": "phone:app",
    "service_manager": "hotline:wall",
    "hotline_agent": "hotline:desk",
    "grid_specialist": "customers:estates",
}
