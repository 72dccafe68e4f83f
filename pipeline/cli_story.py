"""``isnad diff`` and ``isnad story``: what changed between two tellings, and who tells a story."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

ConfigFile = Annotated[
    Path | None, typer.Argument(metavar="[CONFIG]", help="Configuration file (default configs/base.yaml).")
]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", help="Override: dotted.key=value; may be repeated.")
]
DOCUMENT = "doc_id or its beginning, or source_uri (its last part will do)."


def register(app: typer.Typer) -> None:
    """Add the commands to the root of the command line."""
    app.command()(diff)
    app.command()(story)


def diff(
    doc_a: Annotated[str, typer.Argument(help=f"One document: {DOCUMENT}")],
    doc_b: Annotated[str, typer.Argument(help=f"The other one: {DOCUMENT}")],
    config: ConfigFile = None,
    overrides: Overrides = None,
    every: Annotated[bool, typer.Option("--all", help="Name changes of wording and spelling too.")] = False,
    columns: Annotated[
        bool | None,
        typer.Option("--columns/--stacked", help="Two columns, or one below the other (default: by width)."),
    ] = None,
) -> None:
    """Print two documents side by side: aligned passages with every edit, and what only one of them has.

    A is the earlier document. In plain text [-…-] stands around what A had, {+…+} around what B put there, [~…~] around
    what moved, [=…=] around words that went into or out of quotation marks.
    """
    from pipeline import diff as view
    from pipeline import diff_load, diff_print

    store = _store(config, overrides)
    index = diff_load.index(store)
    one, two = index.document(doc_a), index.document(doc_b)
    night = diff_load.load(store, {one, two})
    diff_print.Printer(columns=columns).diff(view.diff(night, one, two, every=every))


def story(
    story_id: Annotated[
        str, typer.Argument(metavar="ID", help=f"story_id or its beginning; or a document: {DOCUMENT}")
    ],
    config: ConfigFile = None,
    overrides: Overrides = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most this many claims.")] = 20,
) -> None:
    """Print a story: its documents by time with role and origin, and each claim that several outlets carry."""
    from pipeline import diff as view
    from pipeline import diff_load, diff_print

    store = _store(config, overrides)
    index = diff_load.index(store)
    found = index.story(story_id)
    night = diff_load.load(store, [d for d, s in index.story_of.items() if s == found])
    diff_print.Printer().story(view.story(night, found, limit))


def _store(file: Path | None, overrides: list[str] | None) -> Any:
    from pipeline import config, runner
    from pipeline.store import Store

    return Store(runner.processed_root(config.load(file, overrides or ())))
