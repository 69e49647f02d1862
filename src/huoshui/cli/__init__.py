"""The command line: one module per group of commands, loaded only when it is used."""

from huoshui.cli.main import main

__all__ = ["main"]
