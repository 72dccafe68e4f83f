"""Lexicons and models that ship with the package, read by name.

The fingerprint of a stage follows the literal in ``load("name.yaml")``: a changed lexicon reruns exactly the
stages whose code reaches that call.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from ruamel.yaml import YAML


def read_bytes(name: str) -> bytes:
    """Return the bytes of the shipped file ``name`` (``models/x.udpipe`` for a file in a sub-folder).

    Raises FileNotFoundError when no such file ships.
    """
    return resources.files(__name__).joinpath(name).read_bytes()


@cache
def load(name: str) -> Any:
    """Return the parsed YAML lexicon ``name``; the value is shared, so callers must not change it.

    >>> isinstance(load("agencies.yaml"), (list, dict))  # doctest: +SKIP
    True
    """
    return YAML(typ="safe", pure=False).load(read_bytes(name).decode("utf-8"))
