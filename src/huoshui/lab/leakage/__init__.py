"""Leakage of a metered zone, from its night flow to the water that a repair saved.

The modules follow the work: `inflow` (what enters a zone), `night` (what it takes between
two and four in the morning), `band` (what it should take, and how sure we are), `decision`
(when a departure is a leak, since when and how large), `saving` (what a repair gave back).

Everything is SI: flows in m³ s⁻¹, volumes in m³, moments in seconds since 1970 UTC. Nights are
whole numbers, `datetime.date.toordinal()` of the local date on which the night ends.
"""
