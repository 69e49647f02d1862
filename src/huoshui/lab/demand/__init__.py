"""What a zone will use: forecasts for hours and days ahead, with bands."""

from huoshui.lab.demand import backtest, calendars, forecast, wall_hours

__all__ = ["backtest", "calendars", "forecast", "wall_hours"]
