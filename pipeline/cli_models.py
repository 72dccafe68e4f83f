"""``isnad models``: which language models are used, how they were trained and how well they do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

app = typer.Typer(help="The language models: what is used, trained and measured how.", no_args_is_help=True)

Kind = Literal["udpipe", "ner"]
KindArgument = Annotated[Kind, typer.Argument(help="Kind of model.")]
Data = Annotated[Path, typer.Option("--data", help="Folder with treebank/ and ner/ (see the model card).")]


@app.command("list")
def list_() -> None:
    """List the models that ship."""
    from pipeline.nlp import registry

    for card in registry.list_models():
        typer.echo(
            f"{card['name']:14} {card['kind']:8} {card['size'] / 1e6:6.1f} MB  sha256 {card['sha256'][:12]}…  {card['licence']}"
        )


@app.command()
def info(name: Annotated[str, typer.Argument(help="Name, as `isnad models list` prints it.")]) -> None:
    """Print a model's card: data, licence, figures, the command that rebuilds it."""
    from pipeline.nlp import registry

    typer.echo(json.dumps(registry.info(name), indent=2, ensure_ascii=False))


@app.command()
def train(
    kind: KindArgument,
    data: Data = Path("../shared/data"),
    out: Annotated[Path, typer.Option("--out", help="Folder for model and card.")] = Path(
        "pipeline/resources/models"
    ),
    seed: Annotated[int, typer.Option("--seed", help="Seed of everything random.")] = 42,
) -> None:
    """Train a model from the data and write it with its card. Takes minutes to an hour."""
    from pipeline.nlp import registry

    card = registry.train(kind, data, out, seed=seed, log=lambda line: typer.echo(line, err=True))
    typer.echo(json.dumps(card, indent=2, ensure_ascii=False))


@app.command()
def evaluate(
    kind: KindArgument,
    data: Data = Path("../shared/data"),
    model: Annotated[
        Path | None, typer.Option("--model", help="Model file (default: the one that ships).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure a model on held-out documents: CoNLL-2018 measures for udpipe, exact span and type for ner."""
    from pipeline.nlp import registry

    result = registry.evaluate(kind, data, model)
    if as_json:
        typer.echo(json.dumps(result, indent=2, ensure_ascii=False))
    else:
        _print(result)


def _print(value: dict[str, Any], indent: str = "") -> None:
    for key, item in value.items():
        if isinstance(item, dict):
            typer.echo(f"{indent}{key}")
            _print(item, indent + "  ")
        else:
            typer.echo(
                f"{indent}{key:24} {item:.4f}" if isinstance(item, float) else f"{indent}{key:24} {item}"
            )
