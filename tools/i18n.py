"""Extract, check and compile translations without GNU gettext.

``.venv/bin/python tools/i18n.py extract [--app network]`` brings every app's
``locale/zh_Hans/LC_MESSAGES/django.po`` up to date with what its code, templates and islands say;
``check`` fails when a sentence has no Chinese; ``compile`` makes the ``.mo`` files the pages read.

English is what the code says itself, so only Chinese has a catalog.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract as extract_messages

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src/huoshui"
CATALOG = Path("locale/zh_Hans/LC_MESSAGES/django.po")
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    # What Django's templatize writes for {% blocktranslate %} with a context.
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# t("...") and tn("...", "...") with plain string literals, which may be joined over lines by +.
LITERAL = r'(?:"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\')'
JOINED = rf"{LITERAL}(?:\s*\+\s*{LITERAL})*"
TS_CALL = re.compile(rf"(?<![\w.])t\(\s*({JOINED})|(?<![\w.])tn\(\s*({JOINED})\s*,\s*({JOINED})")
TS_COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE)
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}|%[sd]")
Found = tuple[str, int, Any, str | None, list[str]]  # place, line, message, context, comments


class Problem(Exception):
    """A catalog is not what it should be; the message lists everything."""


def apps() -> dict[str, Path]:
    """Return the folder of every app that may own translations; shared TypeScript is pages'."""
    folders = [*SOURCE.glob("kernel/*"), *SOURCE.glob("areas/*"), *SOURCE.glob("connectors/*")]
    return {
        folder.name: folder
        for folder in sorted(folders)
        if (folder / "__init__.py").exists()
        and ((folder / "apps.py").exists() or (folder / CATALOG).exists())
    }


def files_of(app: str, folder: Path) -> Iterator[Path]:
    """Return what an app says things in. Code without an app of its own speaks through pages."""
    roots = [folder]
    if app == "pages":
        owned = set(apps().values())
        roots += [ROOT / "src/ui", SOURCE / "cli", SOURCE / "democity", SOURCE / "project"]
        roots += [p for p in SOURCE.glob("kernel/*") if p not in owned and p.name != "__pycache__"]
        roots += [p for p in SOURCE.glob("connectors/*") if p not in owned and p.is_dir()]
    for root in roots:
        for path in [root] if root.is_file() else sorted(root.rglob("*")):
            parts = path.relative_to(ROOT).parts
            if {"tests", "migrations", "locale", "dist", "__pycache__"} & set(parts):
                continue
            if path.suffix in {".py", ".html", ".txt", ".ts"} and not path.name.endswith(
                ".test.ts"
            ):
                yield path


def unquote(joined: str) -> str:
    """Return the text of TypeScript string literals joined by +."""
    text = ""
    for literal in re.findall(LITERAL, joined):
        body = literal[1:-1]
        text += re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), body)
    return text


def messages_in(path: Path) -> Iterator[Found]:
    """Return the messages of one file with their lines."""
    place = str(path.relative_to(ROOT))
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ts":
        text = TS_COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)
        for call in TS_CALL.finditer(text):
            line = text.count("\n", 0, call.start()) + 1
            single, one, many = call.groups()
            message = unquote(single) if single else (unquote(one), unquote(many))
            yield place, line, message, None, []
        return
    if path.suffix in {".html", ".txt"}:
        if "{%" not in text and "_(" not in text:
            return
        text = templatize(text, place)
    elif "gettext" not in text:
        return
    found = extract_messages(
        "python", io.BytesIO(text.encode()), keywords=KEYWORDS, strip_comment_tags=True
    )
    for line, message, comments, context in found:
        message = message[:2] if isinstance(message, tuple) else message
        if message and (not isinstance(message, tuple) or message[0]):
            yield place, line, message, context, comments


def templatize(text: str, origin: str) -> str:
    """Return a template as Python-like text that the extractor reads."""
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=True)
    from django.utils.translation.template import templatize as django_templatize

    # Inside brackets Python's tokenizer does not mind how the template was indented.
    return f"(\n{django_templatize(text, origin=origin)}\n)"


def said_by(app: str, folder: Path) -> Catalog:
    """Return a fresh catalog of everything an app says."""
    catalog = Catalog(locale="zh_Hans", domain="django", fuzzy=False)
    for path in files_of(app, folder):
        for place, _line, message, context, comments in messages_in(path):
            # Line numbers would change the file with every edit elsewhere; the file is enough.
            python = (
                "%" in (message if isinstance(message, str) else message[0])
                and path.suffix != ".ts"
            )
            catalog.add(
                message,
                None,
                [(place, None)],  # type: ignore[list-item]
                flags=["python-format"] if python else [],
                auto_comments=comments,
                context=context,
            )
    return catalog


def read(path: Path) -> Catalog:
    """Return the catalog in a file; an empty one if there is none."""
    if not path.exists():
        return Catalog(locale="zh_Hans", domain="django", fuzzy=False)
    with path.open("rb") as handle:
        return pofile.read_po(handle, locale="zh_Hans", domain="django")


def extract(app: str, folder: Path) -> int:
    """Bring one catalog up to date, keeping every translation; return how many lack Chinese."""
    said = said_by(app, folder)
    if not len(said):
        return 0
    path = folder / CATALOG
    kept = read(path)
    known = {
        (m.id if isinstance(m.id, str) else m.id[0], m.context): m.string for m in kept if m.id
    }
    fresh = Catalog(
        locale="zh_Hans",
        domain="django",
        project="Huoshui",
        version="",
        fuzzy=False,
        charset="utf-8",
    )
    fresh.header_comment = f"# Chinese words of {app}."
    for message in sorted((m for m in said if m.id), key=lambda m: (m.locations, str(m.id))):
        first = message.id if isinstance(message.id, str) else message.id[0]
        string: Any = known.get((first, message.context), "")
        if isinstance(message.id, str):
            string = string if isinstance(string, str) else string[0]
        else:
            string = (string,) if isinstance(string, str) else tuple(string)[:1]
        fresh.add(
            message.id,
            string,
            list(dict.fromkeys(message.locations)),
            flags=message.flags,
            auto_comments=message.auto_comments,
            context=message.context,
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    body = io.BytesIO()
    pofile.write_po(body, fresh, omit_header=True, width=100)
    header = (
        f"# Chinese words of {app}.\n"
        'msgid ""\nmsgstr ""\n'
        '"Language: zh_Hans\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        '"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    )
    path.write_text(header + body.getvalue().decode(), encoding="utf-8")
    return sum(1 for _ in untranslated(fresh))


def untranslated(catalog: Catalog) -> Iterator[str]:
    """Return the messages of a catalog that have no Chinese."""
    for message in catalog:
        strings = [message.string] if isinstance(message.string, str) else list(message.string)
        if message.id and (not strings or not strings[0]):
            yield message.id if isinstance(message.id, str) else message.id[0]


def names(text: str) -> set[str]:
    """Return the named places that a message leaves for values."""
    return {m[1] or m[2] or m[0] for m in PLACEHOLDER.finditer(text)}


def wrong(app: str, folder: Path) -> list[str]:
    """Return everything that is wrong with one app's catalog, in words."""
    catalog = read(folder / CATALOG)
    known = {(m.id if isinstance(m.id, str) else m.id[0], m.context) for m in catalog if m.id}
    problems = [f"{app}: no Chinese for {text!r}" for text in untranslated(catalog)]
    for message in said_by(app, folder):
        first = message.id if isinstance(message.id, str) else message.id[0]
        if message.id and (first, message.context) not in known:
            where = ", ".join(sorted({place for place, _ in message.locations}))
            problems.append(f"{app}: not in the catalog: {first!r} ({where})")
    for message in catalog:
        first = message.id if isinstance(message.id, str) else message.id[-1]
        string = message.string if isinstance(message.string, str) else message.string[0]
        if message.id and string and names(string) - names(first):
            problems.append(f"{app}: {string!r} asks for values that {first!r} does not have")
        if message.fuzzy and message.id:
            problems.append(f"{app}: marked as unsure: {first!r}")
    return problems


def compile_catalog(folder: Path) -> bool:
    """Compile one catalog unless the compiled file is newer; return whether it was needed."""
    source = folder / CATALOG
    target = source.with_suffix(".mo")
    if not source.exists():
        return False
    if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
        return False
    # Several people and processes may compile at once; each file appears whole or not at all.
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    with aside.open("wb") as handle:
        mofile.write_mo(handle, read(source))
    aside.replace(target)
    return True


def compile_all() -> int:
    """Compile every catalog that changed; return how many."""
    return sum(compile_catalog(folder) for folder in apps().values())


def check(chosen: Iterable[tuple[str, Path]]) -> None:
    """Raise `Problem` with everything that lacks Chinese or does not fit."""
    problems = [line for app, folder in chosen for line in wrong(app, folder)]
    if problems:
        raise Problem("\n".join(problems))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Extract, check and compile translations.")
    parser.add_argument("what", choices=("extract", "check", "compile"))
    parser.add_argument("--app", action="append", help="only this app; may be repeated")
    given = parser.parse_args(arguments)
    known = apps()
    unknown = set(given.app or ()) - set(known)
    if unknown:
        parser.error(f"no such app: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    chosen = [(app, folder) for app, folder in known.items() if not given.app or app in given.app]
    began = time.monotonic()
    if given.what == "compile":
        count = sum(compile_catalog(folder) for _app, folder in chosen)
        print(f"{count} catalogs compiled in {time.monotonic() - began:.1f} s")
        return 0
    if given.what == "extract":
        for app, folder in chosen:
            missing = extract(app, folder)
            if missing:
                print(f"{app}: {missing} without Chinese in {(folder / CATALOG).relative_to(ROOT)}")
        print(f"extracted in {time.monotonic() - began:.1f} s")
        return 0
    try:
        check(chosen)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"every sentence has its Chinese ({time.monotonic() - began:.1f} s)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
