"""What people ask of the hotline's tables."""

from huoshui.areas.hotline.queries.calls import (
    call,
    calls,
    day_figures,
    of_accounts,
    seat_of,
    seats,
)

__all__ = ["call", "calls", "day_figures", "of_accounts", "seat_of", "seats"]
