"""Pure functions on ``str`` and offsets. Nothing here imports pandas, pyarrow or spaCy."""
