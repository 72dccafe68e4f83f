"""The five stages, in the order in which they run."""

from __future__ import annotations

from pipeline.stage import Stage
from pipeline.stages.align import STAGE as ALIGN
from pipeline.stages.clean import STAGE as CLEAN
from pipeline.stages.extract import STAGE as EXTRACT
from pipeline.stages.ingest import STAGE as INGEST
from pipeline.stages.segment import STAGE as SEGMENT

STAGES: tuple[Stage, ...] = (INGEST, CLEAN, SEGMENT, EXTRACT, ALIGN)
