"""``isnad explain``: one article with the reasons for everything that was read out of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.errors import ConfigError, StoreError

_STYLES = {"head": "bold", "label": "cyan", "dropped": "dim", "warn": "bold red"}


def explain(
    target: Annotated[
        str,
        typer.Argument(help="A doc_id or its beginning, or a raw file: a path, or `path#n` for record n."),
    ],
    config: Annotated[
        Path | None,
        typer.Argument(metavar="[CONFIG]", help="Configuration file (default configs/base.yaml)."),
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", help="Override: dotted.key=value; may be repeated.")
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Read the raw file anew, though its article is published.")
    ] = False,
) -> None:
    """Print one article line by line with what was kept and why, and every claim with its chain and rule.

    For a published document everything is told that the tables hold. A raw file that is not published goes through
    ingest and clean on the spot; nothing is stored.
    """
    from pipeline import config as settings_file
    from pipeline import explain as told
    from pipeline import runner
    from pipeline.store import Store

    settings = settings_file.load(config, overrides or ())
    store, root = (
        Store(runner.processed_root(settings)),
        settings_file.expand(settings.paths.raw, "paths.raw"),
    )
    nothing: StoreError | None = None
    page = None
    if not raw:
        try:
            page = told.published(store, root, target)
        except StoreError as error:  # nothing is published: a raw file can be explained all the same
            nothing = error
    file = told.raw_file(root, target) if page is None else None
    if file is not None:
        page = told.of_raw(*file, settings, datetime.now(UTC).date().isoformat())
    if page is None and nothing is not None:
        raise ConfigError(nothing.message, place=nothing.place, next_action="isnad run, or name a raw file")
    if page is None:
        alike = [] if raw else told.near(store, target)
        raise ConfigError(
            f"no document and no raw file '{target[:200]}'",
            place="explain",
            next_action=f"did you mean {' or '.join(alike)}?" if alike else "isnad show documents",
        )
    _print(told.tell(page))


def _print(lines: Any) -> None:
    """Print with colours on a terminal, as plain lines elsewhere; long lines are left to the terminal."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for line in lines:
        console.print(Text(line.text, style=_STYLES.get(line.style, "")))
