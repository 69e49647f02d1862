"""Leakage of a metered zone, from its night flow to the water that a repair saved.

The modules follow the work: `inflow` (what enters a zone), `night` (what it takes between
two and four in the morning), `band` (what it should take, and how sure we are), `decision`
(when a departure is a leak, since when and how large), `saving` (what a repair gave back).
Beside them the books of a month or a year: `components` (what a night flow is made of),
`pressure` (how leakage follows it), `volumes` (months with holes, mistaken units), `iwa` (the
balance with its bands), `cjj92` (the Chinese loss rate), `indices` (UARL and ILI); and `battle`,
what reports of leaks are worth.

Everything is SI: flows in m³ s⁻¹, volumes in m³, moments in seconds since 1970 UTC. Nights are
whole numbers, `datetime.date.toordinal()` of the local date on which the night ends.
"""
