"""The city's clock stands while a connector is tested."""

from huoshui.connecting.tests.keeping import standing_clock

__all__ = ["standing_clock"]
