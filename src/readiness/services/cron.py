"""Crontabs, cron folders and systemd timers -> Launches with their timetable. Text only; nothing is scheduled or run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from msgspec.structs import replace

from readiness.services.launches import Launch, folder_of
from readiness.types.tree import Text

FIELD = r"[\d*?LW#,/A-Za-z-]+"
TIMED = re.compile(
    rf"\s*(@(?:yearly|annually|monthly|weekly|daily|midnight|hourly|reboot|every\s+\S+)|(?:{FIELD}\s+){{4}}{FIELD})\s+(\S.*)"
)
NUMBER = re.compile(r"[\d*@]")  # the first field of a line that is no assignment and no word
USER = re.compile(r"([a-z_][a-z0-9_-]*|\$\{?\w+\}?)\s+(\S.*)")
USERS = frozenset({"root", "www-data", "nobody", "app", "django", "ubuntu", "apache", "nginx", "daemon"})
ON_CALENDAR = re.compile(r"^\s*(OnCalendar|OnUnitActiveSec|OnBootSec)\s*=\s*(\S.*?)\s*$", re.MULTILINE)
UNIT = re.compile(r"^\s*Unit\s*=\s*(\S+)", re.MULTILINE)
MAX_LINES, MAX_LINE = 2_000, 4_000


def cron_reader(text: Text) -> Callable[[Text], Iterator[Launch]] | None:
    """The reader of a crontab or of a script in a cron folder, None for any other file."""
    name, folder = text.path.rsplit("/", 1)[-1].lower(), folder_of(text.path).rsplit("/", 1)[-1].lower()
    if re.fullmatch(r"cron\.(hourly|daily|weekly|monthly)", folder):
        return periodic
    is_crontab = name.startswith("crontab") and not name.endswith((".py", ".md", ".yaml", ".yml"))
    return crontab if is_crontab or name.endswith((".cron", ".crontab")) or folder in ("cron.d", "crontabs") else None


def crontab(text: Text) -> Iterator[Launch]:
    """Each line of five fields or `@daily` and a command; in cron.d and /etc/crontab a user stands between."""
    is_system = folder_of(text.path).endswith("cron.d") or text.path.endswith("etc/crontab")
    for line, raw in enumerate(text.text.splitlines()[:MAX_LINES], 1):
        match = TIMED.match(raw) if len(raw) <= MAX_LINE and NUMBER.match(raw.lstrip()) else None
        if match is None:
            continue
        command = match[2]
        user = USER.match(command)
        if user and (is_system or user[1] in USERS):
            command = user[2]
        yield timed(text, line, command, " ".join(match[1].split()))


def periodic(text: Text) -> Iterator[Launch]:
    """A script of `cron.daily` and its kin."""
    yield timed(text, 1, text.path, "@" + folder_of(text.path).rsplit(".", 1)[-1])


def timed(text: Text, line: int, command: str, schedule: str) -> Launch:
    resources = (("schedule", f"{schedule} ({text.path}:{line})"),)
    return Launch("cron", text.path, line, ("sh", "-c", command), "", "", resources=resources)


def on_time(row: Launch, timetables: Mapping[str, str]) -> Launch:
    """A systemd service with what its timer says."""
    when = timetables.get(row.path) if row.kind == "systemd" else None
    return replace(row, resources=(*row.resources, ("schedule", when))) if when else row


def timetables_of(texts: Mapping[str, str]) -> dict[str, str]:
    """Path of a systemd service -> when its timer starts it, with the line; the timer of its name before one that names it."""
    found: dict[str, str] = {}
    for path in sorted(path for path in texts if path.endswith(".timer")):
        unit, when = UNIT.search(texts[path]), ON_CALENDAR.search(texts[path])
        if when is None:
            continue
        namesake = f"{path.removesuffix('.timer')}.service"
        service = f"{folder_of(path)}/{unit[1]}".lstrip("/") if unit else namesake
        if service == namesake or service not in found:
            line = texts[path].count("\n", 0, when.start(1)) + 1
            found[service] = f"{when[2]} ({path}:{line})"
    return found
