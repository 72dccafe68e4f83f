"""``python -m pipeline`` is ``isnad``."""

from pipeline.cli import main

main()
