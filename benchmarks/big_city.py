"""The great city, imported once and kept for every benchmark that looks at it.

The city of `huoshui.democity.worlds.big` goes into a home of its own in the system's folder for
temporary files, by the imports of the product. Later runs use it again, with newer migrations
applied; `--fresh` of the benchmarks makes it anew.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

PIPES = 200_000
DONE = "imported"


def folder(pipes: int = PIPES) -> Path:
    """Return where the city of so many pipes is kept."""
    return Path(tempfile.gettempdir()) / f"huoshui-big-city-{pipes}"


def open_home(pipes: int = PIPES, *, fresh: bool = False) -> Path:
    """Set Django up on the city's home, importing it if it is not there yet; call it first."""
    home = folder(pipes)
    if fresh or not (home / DONE).exists():
        shutil.rmtree(home, ignore_errors=True)
    home.mkdir(exist_ok=True)
    os.environ["HUOSHUI_HOME"] = str(home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
    # Django's test client speaks to a host of this name.
    os.environ["HUOSHUI_ALLOWED_HOSTS"] = "testserver"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    if not (home / DONE).exists():
        _bring_in(home, pipes)
        (home / DONE).touch()
    return home


def _bring_in(home: Path, pipes: int) -> None:
    from huoshui.areas.network.actions import importing
    from huoshui.areas.network.importing.coordinates import Placement
    from huoshui.areas.network.importing.source import Options
    from huoshui.democity.worlds import big
    from huoshui.kernel.intake import kinds

    city = big.build(pipes)
    network, customers = home / "big.gpkg", home / "big-customers.csv"
    big.write_gpkg(city, network)
    big.write_customers(city, customers)
    options = Options(placement=Placement(crs=big.CRS))
    found = importing.check_network(network, file_name=network.name, options=options)
    report = importing.apply_network(found, by_id=None, only_good=False)
    if not report.ok:
        raise SystemExit(f"the city was not imported: {report.problems[:5]}")
    outcome = kinds.KINDS["customers"].carry_out(customers, customers.name, {}, None)
    if outcome.problems.fatal:
        raise SystemExit(f"customers were refused: {outcome.problems.fatal}")


def client(post: str = "viewer", **headers: str) -> Any:
    """Return a signed-in client that speaks through Django's whole chain without a socket."""
    from django.test import Client

    from huoshui.kernel import clock
    from huoshui.kernel.accounts.models import Post, PostHolding, User

    user, made = User.objects.get_or_create(
        username=f"bench-{post}", defaults={"name": "Bench", "created_at": clock.now()}
    )
    if made:
        held = Post.objects.get(code=post)
        PostHolding.objects.create(user=user, post=held, from_at=clock.now())
    found = Client(headers={"accept-encoding": "gzip", "accept-language": "zh-hans", **headers})
    found.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return found
