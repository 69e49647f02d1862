"""Make the folder of a new area or connector: correct, tested and green from the start.

    .venv/bin/python tools/scaffold.py area samples --thing sample --title "Water samples" \
        --title-zh 水样 --above telemetry
    .venv/bin/python tools/scaffold.py connector modbus --title "Modbus" --title-zh "Modbus 采集"

An area is placed in the order of `.importlinter` and in the project's settings. It starts with a
small register, which shows every room in use: change it into what the area is for.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

TEMPLATES = Path(__file__).with_suffix("")
NAME = re.compile(r"[a-z][a-z0-9_]*")


class Refused(Exception):
    """The folder cannot be made; the message says why."""


def camel(name: str) -> str:
    """Return ``night_flow`` as ``NightFlow``."""
    return "".join(part.capitalize() for part in name.split("_"))


def plural(name: str) -> str:
    """Return the plural of a regular noun."""
    if re.search(r"[^aeiou]y$", name):
        return name[:-1] + "ies"
    return name + ("es" if re.search(r"(s|x|ch|sh)$", name) else "s")


def write(template: Path, folder: Path, words: dict[str, str]) -> list[Path]:
    """Copy a folder of templates, putting ``words`` in place of ``@word@``."""
    if folder.exists():
        msg = f"{folder} exists already"
        raise Refused(msg)
    made = []
    for source in sorted(path for path in template.rglob("*.txt")):
        text = source.read_text(encoding="utf-8")
        for word, value in words.items():
            text = text.replace(f"@{word}@", value)
        goal = folder / source.relative_to(template).with_suffix("")
        goal.parent.mkdir(parents=True, exist_ok=True)
        goal.write_text(text, encoding="utf-8")
        made.append(goal)
    return made


def replace(path: Path, old: str, new: str) -> None:
    """Replace the one place where ``old`` stands in a file."""
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        msg = f"{path} has {text.count(old)} places for {old!r}; put the new area in by hand"
        raise Refused(msg)
    path.write_text(text.replace(old, new), encoding="utf-8")


def make_area(
    root: Path, name: str, *, thing: str, title: str, title_zh: str, above: str
) -> list[Path]:
    """Make the folder of an area and give it its place, one row above the area ``above``."""
    rules, settings = root / ".importlinter", root / "src/huoshui/project/settings.py"
    row = re.compile(rf"^    \(?{above}\)?$", re.MULTILINE)
    found = row.search(rules.read_text(encoding="utf-8"))
    if found is None:
        msg = f"{above} is no area of rule R5 in {rules}"
        raise Refused(msg)
    words = {
        "area": name,
        "Area": camel(name),
        "thing": thing,
        "Thing": camel(thing),
        "things": plural(thing),
        "thing_words": thing.replace("_", " "),
        "things_words": plural(thing).replace("_", " "),
        "title": title,
        "title_zh": title_zh,
    }
    made = write(TEMPLATES / "area", root / "src/huoshui/areas" / name, words)
    replace(rules, found.group(), f"    {name}\n{found.group()}")
    app = f'"huoshui.areas.{above}.apps.{camel(above)}Config",'
    replace(settings, app, f'{app}\n    "huoshui.areas.{name}.apps.{camel(name)}Config",')
    return [*made, rules, settings]


def make_connector(root: Path, name: str, *, title: str, title_zh: str) -> list[Path]:
    """Make the folder of a connector that reads lines of text, to be changed into its protocol."""
    words = {"name": name, "title": title, "title_zh": title_zh}
    return write(TEMPLATES / "connector", root / "src/huoshui/connectors" / name, words)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("area", "connector"))
    parser.add_argument("name", help="name of the folder, lower_snake")
    parser.add_argument("--title", help="what people call it, in English")
    parser.add_argument("--title-zh", help="what people call it, in Chinese")
    parser.add_argument("--thing", default="record", help="what the area keeps, singular")
    parser.add_argument("--above", default="network", help="the area one row below the new one")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[1])
    given = parser.parse_args()
    try:
        for word in (given.name, given.thing):
            if not NAME.fullmatch(word):
                msg = f"{word!r} is not lower_snake"
                raise Refused(msg)
        title = given.title or given.name.replace("_", " ").capitalize()
        titles = {"title": title, "title_zh": given.title_zh or title}
        if given.what == "area":
            made = make_area(given.root, given.name, thing=given.thing, above=given.above, **titles)
        else:
            made = make_connector(given.root, given.name, **titles)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    for path in made:
        print(path.relative_to(given.root))
    print("Next: its words in docs/concepts/words.md, then `./huoshui test`.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
