"""The command line: ``isnad`` (= ``python -m pipeline``).

Exit codes: 0 published (or nothing to do) · 1 failed, the old snapshot stands · 2 configuration or usage refused ·
3 published, rejects above the gate · 4 a gate held the publication · 75 another run holds the lock · 143/130 stopped
by SIGTERM/SIGINT, resumable.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from pipeline import cli_explain, cli_models, cli_story, housekeeping
from pipeline.errors import ConfigError, IsnadError

app = typer.Typer(
    name="isnad",
    help="Who said it, through whom it reached us, who else carries it, what each outlet changed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
config_app = typer.Typer(help="Check the configuration, or print its JSON Schema.", no_args_is_help=True)
app.add_typer(config_app, name="config")
app.add_typer(cli_models.app, name="models")

ConfigFile = Annotated[
    Path | None, typer.Argument(metavar="[CONFIG]", help="Configuration file (default configs/base.yaml).")
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", help="Configuration file (default configs/base.yaml).")
]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", help="Override: dotted.key=value; may be repeated.")
]
Date = Annotated[str | None, typer.Option("--date", help="Only this batch date (YYYY-MM-DD).")]
Since = Annotated[str | None, typer.Option("--since", help="Only batch dates from this one on.")]
OneStage = Annotated[str | None, typer.Option("--stage", help="Only this stage.")]
FromStage = Annotated[str | None, typer.Option("--from", help="From this stage on.")]
ToStage = Annotated[str | None, typer.Option("--to", help="Up to this stage.")]
Force = Annotated[bool, typer.Option("--force", help="Run the selected units though nothing changed.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class Stopped(BaseException):
    """The scheduler or the user asked the run to stop; ``exit_code`` is 128 + the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


@contextmanager
def _stoppable() -> Iterator[None]:
    """Turn SIGTERM, SIGINT and SIGHUP into an orderly stop; a second one ends the process at once."""

    def handler(number: int, frame: FrameType | None) -> None:
        signal.signal(number, lambda *_: os._exit(128 + number))
        raise Stopped(number)

    before = {n: signal.signal(n, handler) for n in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _config(file: Path | None, overrides: list[str] | None) -> Any:
    from pipeline import config

    return config.load(file, overrides or ())


def _store(file: Path | None, overrides: list[str] | None) -> Any:
    from pipeline import runner
    from pipeline.store import Store

    return Store(runner.processed_root(_config(file, overrides)))


def _day(value: str | None, option: str) -> str | None:
    if value is not None:
        try:
            if date.fromisoformat(value).isoformat() != value:
                raise ValueError
        except ValueError:
            raise ConfigError(f"'{value}' is no date YYYY-MM-DD", place=option) from None
    return value


def _selection(
    day: str | None, since: str | None, stage: str | None, first: str | None, last: str | None, force: bool
) -> Any:
    from pipeline import runner

    if stage is not None and (first is not None or last is not None):
        raise ConfigError("--stage does not go with --from or --to", place="--stage")
    today = _day(day, "--date") or datetime.now(UTC).date().isoformat()
    return runner.Selection(
        today=today,
        date=day,
        since=_day(since, "--since"),
        first=stage or first or runner.NAMES[0],
        last=stage or last or runner.NAMES[-1],
        force=force,
    )


@app.command()
def run(
    config: ConfigFile = None,
    overrides: Overrides = None,
    date_: Date = None,
    since: Since = None,
    stage: OneStage = None,
    from_: FromStage = None,
    to: ToStage = None,
    force: Force = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would run.")] = False,
    log_json: Annotated[
        bool, typer.Option("--log-json", help="Progress as JSON lines, on a terminal too.")
    ] = False,
) -> None:
    """Execute what is stale and publish one snapshot of all tables."""
    if dry_run:
        _print_plan(_config(config, overrides), _selection(date_, since, stage, from_, to, force))
        return
    from pipeline import progress, runner

    settings = _config(config, overrides)
    selection = _selection(date_, since, stage, from_, to, force)
    reporter = progress.for_terminal(log_json=log_json)
    try:
        with _stoppable():
            result = runner.run(settings, selection, reporter)
    finally:
        reporter.close()
    _say(result, settings)
    raise typer.Exit(result.exit_code)


def _say(result: Any, settings: Any) -> None:
    if not result.published:
        typer.echo(f"nothing to do: snapshot {result.snapshot} is up to date")
        return
    from pipeline import reader, report, runner
    from pipeline.store import Store

    store = Store(runner.processed_root(settings))
    tables = reader.read_columns(reader.snapshot_folder(store), report.SUMMARY_READS)
    typer.echo(report.summary(tables, report.provenance(store.manifest() or {})))
    typer.echo("seconds: " + ", ".join(f"{k} {v:.1f}" for k, v in result.stage_seconds.items()))
    if result.stale:
        names = ", ".join(p.name for p in result.stale)
        typer.echo(f"left behind their input: {names}\n  next: isnad run --from {result.stale[0].stage}")
    if result.exit_code == 3:
        typer.echo(f"rejects above the gate: {result.reject_share:.1%}\n  next: isnad rejects", err=True)


@app.command()
def plan(
    config: ConfigFile = None,
    overrides: Overrides = None,
    date_: Date = None,
    since: Since = None,
    stage: OneStage = None,
    from_: FromStage = None,
    to: ToStage = None,
    force: Force = False,
) -> None:
    """Say what would run, and for each unit the reason."""
    _print_plan(_config(config, overrides), _selection(date_, since, stage, from_, to, force))


def _print_plan(settings: Any, selection: Any) -> None:
    from pipeline import runner

    night = runner.Night(settings)
    night.load(selection.today)
    for unit in night.plan(selection):
        typer.echo(f"{unit.name:24} {'run: ' + '; '.join(unit.reasons) if unit.reasons else 'up to date'}")


@app.command()
def status(
    config: ConfigFile = None,
    overrides: Overrides = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every published file and compare its SHA-256.")
    ] = False,
) -> None:
    """Say what is published, of what it consists, and whether it is whole."""
    store = _store(config, overrides)
    manifest = store.manifest()
    if manifest is None:
        typer.echo(f"nothing is published in {store.root}\n  next: isnad run")
        return
    typer.echo(f"snapshot {manifest['id']}  created {manifest['created_at']}  isnad {manifest['version']}")
    for name, unit in manifest["units"].items():
        rows = ", ".join(f"{n} {table}" for table, n in sorted(unit["rows"].items()) if n)
        mark = "  STALE: made from an older input" if unit["stale"] else ""
        typer.echo(f"  {name:22} {unit['seconds']:8.1f} s  {rows}{mark}")
    typer.echo(f"snapshots kept: {', '.join(store.snapshots())}")
    faults = housekeeping.verify(store, manifest["id"], deep=verify)
    if faults:
        if verify:
            housekeeping.repair(store, manifest["id"])
        raise IsnadError(
            f"{len(faults)} files are not whole: {'; '.join(faults[:3])}", next_action="isnad run"
        )
    typer.echo(f"{len(manifest['files'])} files, all whole{' (read and compared)' if verify else ''}")


@app.command()
def show(
    table: Annotated[str, typer.Argument(help="Table name, see docs/tables.md.")],
    config: ConfigOption = None,
    overrides: Overrides = None,
    where: Annotated[
        str | None, typer.Option("--where", help="SQL condition, e.g. \"stance = 'deny'\".")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most this many rows.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show rows of a published table."""
    from pipeline import reader

    try:
        name = reader.published_spec(table).name
    except KeyError as error:
        raise ConfigError(str(error.args[0]), place="show") from None
    condition = f" WHERE {where}" if where else ""
    _print_frame(
        reader.sql(f"SELECT * FROM {name}{condition} LIMIT {limit}", _store(config, overrides)), as_json
    )


@app.command()
def rejects(
    config: ConfigFile = None,
    overrides: Overrides = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most this many rows.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List what was rejected, why, and what to do about it."""
    from pipeline import reader

    query = f"SELECT * FROM rejects ORDER BY dt, stage, key LIMIT {limit}"
    _print_frame(reader.sql(query, _store(config, overrides)), as_json)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="DuckDB SQL over the tables of the current snapshot.")],
    config: ConfigOption = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Query the current snapshot with DuckDB SQL."""
    from pipeline import reader

    _print_frame(reader.sql(query, _store(config, overrides)), as_json)


def _print_frame(frame: Any, as_json: bool) -> None:
    from pipeline.report import visible

    if as_json:
        for line in frame.to_json(
            orient="records", lines=True, force_ascii=False, date_format="iso"
        ).splitlines():
            typer.echo(line)
        return
    for row in frame.to_dict("records"):
        typer.echo("\n".join(f"{key:20} {visible(value, 400)}" for key, value in row.items()) + "\n")
    typer.echo(f"({len(frame)} rows)")


cli_story.register(app)


@app.command()
def report(
    config: ConfigFile = None,
    overrides: Overrides = None,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="File to write (default: report.html in the processed folder)."),
    ] = None,
) -> None:
    """Write the night as one self-contained HTML file."""
    path = write_report(_store(config, overrides), out)
    typer.echo(str(path))
    if open_:
        webbrowser.open(path.as_uri())


app.command()(cli_explain.explain)


def write_report(store: Any, out: Path | None = None) -> Path:
    """Build the report of the published snapshot and write it in one step; returns its path."""
    from pipeline import reader
    from pipeline import report as html

    tables = reader.read_columns(reader.snapshot_folder(store), html.READS)
    path = (out or store.root / "report.html").resolve()
    store.write_bytes(path, html.build(tables, html.provenance(store.manifest() or {})).encode("utf-8"))
    return path


@app.command()
def docs(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail where a file is stale.")
    ] = False,
    out: Annotated[Path, typer.Option("--out", help="Folder to write.")] = Path("docs"),
) -> None:
    """Write the data dictionary and the reference of the commands from the code that they describe."""
    from typer.main import get_command

    from pipeline.cli_doc import commands_markdown
    from pipeline.schemas_doc import tables_markdown

    pages = {out / "tables.md": tables_markdown(), out / "commands.md": commands_markdown(get_command(app))}
    for path, text in pages.items():
        if not check:
            path.write_text(text, "utf-8")
            typer.echo(str(path))
        elif not path.is_file() or path.read_text("utf-8") != text:
            raise IsnadError("the page is stale", place=str(path), next_action="isnad docs")


@app.command()
def gc(config: ConfigFile = None, overrides: Overrides = None) -> None:
    """Delete snapshots beyond the retention, and every stored file that no snapshot needs."""
    settings, store = _config(config, overrides), _store(config, overrides)
    with store.lock(datetime.now(UTC).isoformat(timespec="seconds")):
        counts = housekeeping.collect(store, settings.retention)
    typer.echo(", ".join(f"{n} {what}" for what, n in counts.items()) + " removed")


@app.command()
def rollback(
    config: ConfigFile = None,
    overrides: Overrides = None,
    to: Annotated[
        str | None, typer.Option("--to", help="Snapshot to go back to (default: the one before).")
    ] = None,
) -> None:
    """Publish a former snapshot again; the newer one stays until its retention ends."""
    store = _store(config, overrides)
    with store.lock(datetime.now(UTC).isoformat(timespec="seconds")):
        current = store.current_id()
        earlier = [s for s in store.snapshots() if current is None or s < current]
        target = to or (earlier[-1] if earlier else None)
        if target is None or target not in store.snapshots():
            raise ConfigError(
                f"no snapshot {target or 'before the current one'}; kept: {', '.join(store.snapshots()) or 'none'}",
                place="rollback",
            )
        faults = housekeeping.verify(store, target, deep=True)
        if faults:
            raise IsnadError(f"snapshot {target} is not whole: {'; '.join(faults[:3])}")
        store.point_to(target)
    typer.echo(f"current is {target} (was {current})")


@config_app.command("check")
def config_check(config: ConfigFile = None, overrides: Overrides = None) -> None:
    """Validate the configuration and the models that it names."""
    from pipeline import runner
    from pipeline.stages import STAGES

    settings = _config(config, overrides)
    runner.Night(settings)
    for stage in STAGES:
        for use in stage.models(getattr(settings, stage.name)):
            typer.echo(f"{stage.name}: {use.path}")
    typer.echo("the configuration is sound")


@config_app.command("schema")
def config_schema() -> None:
    """Print the JSON Schema of the configuration, for editors."""
    from pipeline import config

    typer.echo(json.dumps(config.schema(), indent=2, ensure_ascii=False))


def main() -> None:
    """Run the command line; every failure is one clear message and an exit code, never a traceback."""
    try:
        app()  # ends with SystemExit: 0, the code of typer.Exit, 2 for a usage error, 130 for Ctrl-C
        code = 0
    except IsnadError as error:
        _fail(str(error))
        code = error.exit_code
    except Stopped as error:
        _fail(
            "stopped; nothing half-done is published\n  next: the same command again goes on where it stopped"
        )
        code = error.exit_code
    except Exception as error:
        if os.environ.get("ISNAD_DEBUG"):
            raise
        _fail(
            f"unexpected {type(error).__name__}: {str(error)[:200]}\n"
            "  next: the same command with ISNAD_DEBUG=1 shows where"
        )
        code = 1
    sys.exit(code)


def _fail(message: str) -> None:
    typer.echo(f"isnad: {message}", err=True)


if __name__ == "__main__":
    main()
