"""Sizes above which raw input is refused instead of loaded: the section ``ingest.limits`` of the configuration."""

from __future__ import annotations

from pydantic import Field

from pipeline.stage import Params

MIB = 1 << 20


class Limits(Params):
    """Sizes above which raw input is refused instead of loaded. Each default is far above what news needs."""

    file_bytes: int = Field(
        64 * MIB, gt=0, description="Largest single article (text, HTML page), in bytes, unpacked."
    )
    record_bytes: int = Field(
        16 * MIB, gt=0, description="Largest record of a file of records (JSON, CSV, feed, WARC), in bytes."
    )
    unpacked_bytes: int = Field(
        64 << 30, gt=0, description="Largest unpacked size of one archive or packed file, in bytes."
    )
    ratio: int = Field(
        200, gt=1, description="Unpacked bytes per packed byte above which an archive is a bomb."
    )
    ratio_floor: int = Field(
        64 * MIB, ge=0, description="Unpacked bytes up to which the ratio is not judged."
    )
    members: int = Field(
        1_000_000, gt=0, description="Members of one archive that are read; the rest is refused."
    )
    nesting: int = Field(
        1,
        ge=0,
        le=4,
        description="Archives inside an archive that are opened: 1 reads a.zip in b.tar, 0 none.",
    )
    memory_bytes: int = Field(
        256 * MIB,
        gt=0,
        description="Largest packed file that must be held in memory whole: a zip or Parquet file inside an archive.",
    )
