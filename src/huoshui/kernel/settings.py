"""The settings of an installation: one typed object, from environment or file.

Read in this order, the first that speaks wins: environment ``HUOSHUI_NAME``, the file named by
``HUOSHUI_NAME_FILE`` (secrets only), ``huoshui.toml`` in the home folder, ``secrets/NAME`` in the
home folder (secrets only), the default.
"""

from __future__ import annotations

import difflib
import functools
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticUndefined

from huoshui.kernel import errors

PREFIX = "HUOSHUI_"
CHECKOUT = Path(__file__).resolve().parents[3]
TRUE_WORDS = frozenset({"true", "1", "yes", "on"})
FALSE_WORDS = frozenset({"false", "0", "no", "off"})
# Read by the launcher and the build before Python's settings exist; they are not ours to refuse.
FOREIGN_NAMES = frozenset({"SKIP_FRONTEND", "CHROMIUM", "UI_OUT"})


class SettingsRefused(errors.Refused):
    """The settings cannot be used; every problem is named with its value."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(
            "settings.not_usable",
            "The settings cannot be used: " + "; ".join(problems) + ".",
            data={"problems": problems},
            next_step="Every setting is described in docs/reference/settings.md.",
        )


def strict_boolean(value: Any) -> bool:
    """Accept only words that nobody can misread; ``"maybe"`` or ``"2"`` is refused."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    msg = f"{value!r} is neither true nor false"
    raise ValueError(msg)


def known_zone(value: Any) -> str:
    """Accept the name of a time zone that this computer knows."""
    try:
        ZoneInfo(str(value))
    except (KeyError, ValueError, OSError) as problem:
        msg = f"{value!r} is not a known time zone"
        raise ValueError(msg) from problem
    return str(value)


Switch = Annotated[bool, BeforeValidator(strict_boolean)]


class Settings(BaseModel):
    """Everything an installation may choose; the descriptions are the reference."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    home: Path = Field(
        default=CHECKOUT / "var",
        description="Folder of databases, historian, files and secrets of this installation.",
    )
    demo: Switch = Field(
        default=False,
        description="The demo city: one-click sign-in per post and a clock that can be changed.",
    )
    debug: Switch = Field(
        default=False,
        description="Show technical error pages. Never on where others can reach the server.",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        min_length=40,
        description="Signs sessions and forms. Made by `setup`; `web` does not start without it.",
    )
    host: str = Field(default="127.0.0.1", description="Address the web server listens on.")
    port: int = Field(default=8700, ge=1, le=65535, description="Port the web server listens on.")
    allowed_hosts: str = Field(
        default="localhost,127.0.0.1,[::1]",
        description="Host names under which browsers may reach us, separated by commas.",
    )
    https: Switch = Field(
        default=False,
        description="A proxy in front speaks HTTPS: cookies are then sent over HTTPS only.",
    )
    mqtt_host: str = Field(default="127.0.0.1", description="Address of the MQTT broker.")
    mqtt_port: int = Field(default=8701, ge=1, le=65535, description="Port of the MQTT broker.")
    mqtt_username: str = Field(
        default="huoshui", description="User name under which we sign in to the MQTT broker."
    )
    mqtt_password: SecretStr | None = Field(
        default=None, description="Password for the MQTT broker. Made by `setup` for the demo."
    )
    time_zone: Annotated[str, BeforeValidator(known_zone)] = Field(
        default="Asia/Shanghai", description="Time zone of the city; days and nights follow it."
    )
    database_url: str = Field(
        default="",
        repr=False,
        description="postgresql://user:password@host:port/name instead of the SQLite file.",
    )
    log_level: str = Field(
        default="info",
        pattern="^(debug|info|warning|error)$",
        description="How much is logged: debug, info, warning or error.",
    )
    web_threads: int = Field(
        default=8, ge=1, le=64, description="Threads that serve pages in the web process."
    )
    telephony_secret: SecretStr | None = Field(
        default=None,
        min_length=24,
        description="Signs what the telephone system tells of calls. Made by `setup`.",
    )
    calls_fold_m: int = Field(
        default=400,
        ge=0,
        le=20_000,
        description="Calls about the same thing within so many metres may be one incident.",
    )
    calls_fold_minutes: int = Field(
        default=240,
        ge=1,
        le=10_080,
        description="Calls about the same thing within so many minutes may be one incident.",
    )
    calls_fold_alone_from: int = Field(
        default=0,
        ge=0,
        description="From so many callers on a call is folded without asking; 0: always ask.",
    )
    work_from: str = Field(
        default="08:30",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="When work begins on a working day, for deadlines in working days.",
    )
    work_until: str = Field(
        default="17:30",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="When work ends on a working day: deadlines in working days end then.",
    )
    message_hosts: str = Field(
        default="",
        description="Hosts that messages may be handed to, separated by commas; none by default, "
        "so that no message leaves the house.",
    )
    photo_bytes_max: int = Field(
        default=15_000_000, ge=100_000, description="Largest photo accepted, in bytes."
    )

    @model_validator(mode="after")
    def _work_ends_after_it_begins(self) -> Settings:
        if self.work_until <= self.work_from:
            msg = f"work_until {self.work_until} is not after work_from {self.work_from}"
            raise ValueError(msg)
        return self

    @property
    def database_path(self) -> Path:
        """The operational database of the embedded edition."""
        return self.home / "huoshui.sqlite"


SECRET_NAMES = tuple(
    name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)
)


def nearest(name: str) -> str:
    """Return a hint naming the known setting closest to ``name``, or nothing."""
    close = difflib.get_close_matches(name.lower(), Settings.model_fields, n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else ""


def load(environ: Mapping[str, str], *, checkout: Path = CHECKOUT) -> Settings:
    """Read the settings from an environment and the files it leads to.

    Refuses with `settings.not_usable`, naming every problem at once.
    """
    problems: list[str] = []
    home = Path(environ.get(f"{PREFIX}HOME") or checkout / "var").expanduser().absolute()
    values: dict[str, Any] = _from_secret_folder(home / "secrets")
    values |= _from_toml(home / "huoshui.toml", problems)
    values |= _from_environment(environ, problems)
    values["home"] = home
    try:
        found = Settings(**values)
    except ValidationError as refused:
        problems += [
            f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}"
            for one in refused.errors(include_input=False, include_url=False)
        ]
    if problems:
        raise SettingsRefused(problems)
    return found


def _from_secret_folder(folder: Path) -> dict[str, Any]:
    return {
        name: (folder / name).read_text().strip()
        for name in SECRET_NAMES
        if (folder / name).is_file()
    }


def _from_toml(path: Path, problems: list[str]) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as broken:
        problems.append(f"{path}: {broken}")
        return {}
    for name in [name for name in found if name not in Settings.model_fields or name == "home"]:
        why = "home can only be set by HUOSHUI_HOME" if name == "home" else "unknown setting"
        problems.append(f"{path.name}: {name}: {why}{nearest(name) if name != 'home' else ''}")
        del found[name]
    return found


def _from_environment(environ: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for variable, value in environ.items():
        if not variable.startswith(PREFIX) or variable[len(PREFIX) :] in FOREIGN_NAMES:
            continue
        name = variable[len(PREFIX) :].lower()
        plain = name.removesuffix("_file")
        if name in Settings.model_fields:
            found[name] = value
        elif plain in SECRET_NAMES and name.endswith("_file"):
            try:
                found.setdefault(plain, Path(value).read_text().strip())
            except OSError as broken:
                problems.append(f"{variable}: {broken.strerror}: {value}")
        else:
            problems.append(f"{variable}: unknown setting{nearest(name)}")
    return found


@functools.lru_cache(maxsize=1)
def get() -> Settings:
    """Return the settings of this process, read once."""
    return load(os.environ)


def reference() -> str:
    """Return the reference page of all settings, printed from the fields themselves."""
    lines = [
        "# Settings",
        "",
        "Printed by `./huoshui docs settings`; edit the fields in `huoshui/kernel/settings.py`.",
        "",
        "A setting is read from the environment variable first, then from `huoshui.toml` in the",
        "home folder. A secret may instead be a file: `HUOSHUI_NAME_FILE`, or `secrets/NAME` in",
        "the home folder. Unknown names are refused, and switches accept only true, false, 1, 0,",
        "yes, no, on, off.",
        "",
        "| Setting | Environment | Default | Meaning |",
        "|---|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = field.default if field.default is not PydanticUndefined else ""
        if name == "home":
            default = "var"
        shown = {None: "none", "": "none", True: "true", False: "false"}.get(default, default)
        description = field.description or ""
        lines.append(f"| `{name}` | `{PREFIX}{name.upper()}` | `{shown}` | {description} |")
    return "\n".join(lines) + "\n"
