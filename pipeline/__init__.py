"""Isnad: who said it, through whom it reached us, who else carries it, what each outlet changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.reader import load

__all__ = ["load"]


def __getattr__(name: str) -> Any:
    # pandas takes half a second to import; the command line and the workers do without it.
    if name == "load":
        from pipeline.reader import load

        return load
    raise AttributeError(f"module 'pipeline' has no attribute {name!r}")
