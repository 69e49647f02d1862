"""Print the pages of docs/reference from the code, so that the two cannot disagree.

    .venv/bin/python tools/reference.py           # write the pages
    .venv/bin/python tools/reference.py --check   # name the pages that differ, change nothing

Settings, permissions, slots, events, refusals, measurements, assets, streams, schedules, commands
and the API are each declared once, in code; these pages are the printed form. A test compares them.
"""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "reference"


def cell(value: Any) -> str:
    """Return a value as one line of a Markdown table."""
    return " ".join(str(value).split()).replace("|", "\\|")


def table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return a Markdown table, or a sentence where there is nothing to list."""
    head, lines = (
        [str(one) for one in head],
        ["| " + " | ".join(cell(one) for one in row) + " |" for row in rows],
    )
    if not lines:
        return "None yet."
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *lines])


def first_sentence(thing: Any) -> str:
    """Return the first paragraph of a docstring, in one line."""
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())


def settings_page() -> str:
    from huoshui.kernel import settings

    return settings.reference().split("\n\n", 2)[2]


def permissions_page() -> str:
    from huoshui.kernel.accounts import permissions, posts

    codes = [code for code in posts.POSTS if code != posts.ADMINISTRATOR]
    rows = [
        (f"`{one.code}`", one.label, *("yes" if code in one.posts else "" for code in codes))
        for one in permissions.declared()
    ]
    return (
        "What can be allowed, and the posts that have it unless an installation differs. The "
        "administrator has all of them. A page without a permission is refused.\n\n"
        + table(("Permission", "Allows to", *(posts.POSTS[code] for code in codes)), rows)
    )


def slots_page() -> str:
    from huoshui.kernel import slots

    return (
        "Places on a page that other areas fill in their `apps.py`; no page imports them.\n\n"
        + table(("Slot", "Where, and what a filling receives"), _ticked(slots.declared().items()))
    )


def _ticked(rows: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    return ((f"`{name}`", rest) for name, rest in rows)


def events_page() -> str:
    from tools import reference_code

    rows = [
        (
            f"`{one.__module__.split('.')[2]}.{one.__name__}`",
            first_sentence(one),
            ", ".join(f"`{field.name}`" for field in dataclasses.fields(one)),
        )
        for one in reference_code.event_classes()
    ]
    return (
        "Past facts that an area tells through the outbox, in the transaction of the deed. A "
        "listener hears each at least once, so it must not mind hearing it twice.\n\n"
        + table(("Event", "What happened", "Fields"), rows)
    )


def errors_page() -> str:
    from tools import reference_code

    rows = [
        (f"`{one.code}`", one.family, one.status, one.sentence, one.meaning)
        for one in reference_code.refusals()
    ]
    return (
        "Three families. *Refused*: a person can change something. *Unavailable*: try again, and "
        "we say when. *Broken*: our fault; the reference finds it in the log. A program receives "
        "`{code, message, data, next_step}`. Codes are stable for ever.\n\n"
        + table(("Code", "Family", "HTTP", "Sentence", "Meaning"), rows)
    )


def measurements_page() -> str:
    from huoshui.areas.telemetry import contracts

    kinds = [(f"`{one.code}`", one.unit, one.decimals) for one in contracts.KINDS.values()]
    qualities = [(f"`{one.name.lower()}`", int(one)) for one in contracts.Quality]
    return (
        "The kinds of measurement are a closed list: a kind is a promise to every screen, export "
        "and calculation that the unit is this one.\n\n"
        + table(("Kind", "Unit", "Decimals shown"), kinds)
        + "\n\n## Quality\n\nFrom best to worst; one byte with each reading.\n\n"
        + table(("Quality", "Stored as"), qualities)
        + "\n\n## What is said about a point\n\n"
        + inspect.cleandoc(contracts.PointDeclaration.__doc__ or "")
        + "\n\n"
        + ", ".join(f"`{field.name}`" for field in dataclasses.fields(contracts.PointDeclaration))
        + "."
    )


def chinese(label: Any) -> str:
    """Return a lazy translation in Chinese."""
    from django.utils import translation

    with translation.override("zh-hans"):
        return str(label)


def assets_page() -> str:
    """Return the page of attributes and closed lists, in both languages."""
    from huoshui.areas.network import choices, contracts

    lists = (
        ("Kinds", choices.KINDS),
        ("Materials", choices.MATERIALS),
        ("Status", choices.STATUSES),
        ("Valves", choices.VALVE_KINDS),
        ("Operability of valves", choices.OPERABILITIES),
        ("Kinds of zones", choices.ZONE_KINDS),
        ("Status of connections", choices.CONNECTION_STATUSES),
    )
    parts = [
        f"## {title}\n\n"
        + table(
            ("Code", "Name", "In Chinese"),
            [(f"`{code}`", label, chinese(label)) for code, label in known.items()],
        )
        for title, known in lists
    ]
    heads = ("Attribute", "Name", "In Chinese", "Kinds", "Type", "Unit", "Possible", "In EPANET")
    return (
        inspect.cleandoc(contracts.Asset.__doc__ or "")
        + "\n\n## Attributes\n\nThe one table of `network/attributes.py`: forms, imports, exports, "
        "checks and pages read it. *Also accepted* are headings of columns in files people "
        "bring.\n\n" + table((*heads, "Also accepted"), _attributes()) + "\n\n" + "\n\n".join(parts)
    )


def _attributes() -> Iterator[tuple[Any, ...]]:
    from huoshui.areas.network import attributes, contracts

    for one in attributes.TABLE:
        low = "" if one.low is None else f"{one.low:g}"
        high = "" if one.high is None else f"{one.high:g}"
        possible = f"{low} to {high}" if low or high else ""
        if one.choices is not None:
            possible = ", ".join(f"`{code}`" for code in one.choices)
        everything = one.kinds == frozenset(contracts.Kind)
        kinds = "all" if everything else ", ".join(sorted(one.kinds))
        yield (
            f"`{one.code}`", one.label, chinese(one.label), kinds, one.type, one.unit, possible,
            one.inp, ", ".join(one.accepted),
        )  # fmt: skip


def background_page() -> str:
    from huoshui.kernel import live
    from huoshui.kernel.jobs import schedules

    streams = [(f"`/live/{one.name}`", f"`{one.permission}`") for one in live.streams()]
    plans = [(f"`{one.name}`", one.every, first_sentence(one.run)) for one in schedules.declared()]
    return (
        "## Live streams\n\nServer-sent events; `?keys=a,b` follows only these.\n\n"
        + table(("Address", "Permission"), streams)
        + "\n\n## Schedules\n\nRun by the worker, by the product's clock.\n\n"
        + table(("Name", "Every", "What it does"), plans)
    )


def commands_page() -> str:
    from huoshui.cli.main import GROUPS

    rows = [(f"`./huoshui {name}`", summary) for name, _, summary in GROUPS]
    rows += [("`./huoshui test`", "set up what is missing and run every check")]
    return "`./huoshui COMMAND --help` lists the options.\n\n" + table(
        ("Command", "What it does"), rows
    )


def network_files_page() -> str:
    from tools import reference_network

    return reference_network.page(table)


def connectors_page() -> str:
    from tools import reference_connectors

    return reference_connectors.page(table)


def api_page() -> str:
    from huoshui.project.api import api

    document = api.get_openapi_schema()
    rows = [
        (
            f"`{method.upper()} {path}`",
            deed.get("summary", ""),
            deed.get("description", "").split("\n\n")[0],
        )
        for path, deeds in sorted(document["paths"].items())
        for method, deed in deeds.items()
    ]
    return (
        "The same data and deeds as the pages, with the same permissions. The whole description "
        "in OpenAPI is at `/api/v1/openapi.json`; signed-in people read it at `/api/v1/docs`.\n\n"
        + table(("Call", "Name", "What it does"), rows)
    )


# File, title, line of the index, and what prints it.
CHAPTERS: tuple[tuple[str, str, str, Callable[[], str]], ...] = (
    ("settings", "Settings", "what an installation chooses", settings_page),
    ("permissions", "Permissions", "who may do what", permissions_page),
    ("measurements", "Measurements", "kinds, units, quality", measurements_page),
    ("connectors", "Connectors", "how readings come in, with every option", connectors_page),
    ("assets", "Assets", "kinds and attributes of the network's things", assets_page),
    ("network-files", "Network files", "what comes in, and what is said of it", network_files_page),
    ("errors", "Errors", "every code, its family and its sentence", errors_page),
    ("events", "Events", "what areas tell each other", events_page),
    ("slots", "Slots", "places on pages that areas fill", slots_page),
    ("background", "Streams and schedules", "what runs and flows by itself", background_page),
    ("commands", "Commands", "the command line", commands_page),
    ("api", "API", "every call of the JSON API", api_page),
)
BY_HAND = (
    ("telephony", "Telephony", "how a telephone system tells of calls"),
    ("undo", "What can be taken back", "which deeds, and where"),
    ("known-limits", "Known limits", "what does not work, or not yet"),
)


def pages() -> dict[str, str]:
    """Return every generated page by file name."""
    from django.utils import translation

    made = {}
    with translation.override("en"):
        for name, title, _, write in CHAPTERS:
            made[f"{name}.md"] = (
                f"# {title}\n\nPrinted from the code by `tools/reference.py`; do not edit.\n\n"
                f"{write().strip()}\n"
            )
    rows = [(f"[{title}]({name}.md)", line) for name, title, line, _ in CHAPTERS]
    rows += [(f"[{title}]({name}.md)", line) for name, title, line in BY_HAND]
    made["README.md"] = (
        "# Reference\n\nPrinted from the code by `tools/reference.py`, except the last pages.\n\n"
        + table(("Page", "What it lists"), rows)
        + "\n"
    )
    return made


def differing() -> list[str]:
    """Return the names of generated pages that are not as the code would print them."""
    return [
        name
        for name, text in pages().items()
        if not (PAGES / name).is_file() or (PAGES / name).read_text(encoding="utf-8") != text
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="name differing pages only")
    options = parser.parse_args()
    sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
    import django

    django.setup()
    stale = differing()
    if not options.check:
        PAGES.mkdir(parents=True, exist_ok=True)
        made = pages()
        for name in stale:
            (PAGES / name).write_text(made[name], encoding="utf-8")
    for name in stale:
        print(f"{'differs' if options.check else 'written'}: docs/reference/{name}")
    return 1 if stale and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
