"""name -> Path: where `rules/` and `reports/` are, in a wheel or beside `src/` in a checkout. Never looks at the scanned repository."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def rules_folder() -> Path:
    """The folder of the shipped rule and library pages. FileNotFoundError where the installation is incomplete."""
    return _shipped("rules")


def reports_folder() -> Path:
    """The folder of the report's templates. FileNotFoundError where the installation is incomplete."""
    return _shipped("reports")


def _shipped(name: str) -> Path:
    # the wheel carries readiness/<name>; an editable install has it beside src/
    for folder in (_PACKAGE / name, _PACKAGE.parent.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"readiness is not completely installed: the folder {name}/ is missing")
