"""Run as ``python -m huoshui.cli``."""

import sys

from huoshui.cli.main import main

sys.exit(main())
