"""Night flow of the zones, suspected leaks, and what their repair saved."""
