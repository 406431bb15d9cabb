"""The stages with their times and faults told, as their callers wait for them."""

import time
from dataclasses import fields
from typing import Any

from models.domain import Refusal
from models.telemetry import traces
from models.telemetry.metrics import STAGE_FAULTS, STAGE_SECONDS
from serve_app.errors import StageError
from serve_app.stories.steps import Steps


def measured(steps: Steps) -> Steps:
    """The same stages; those that the service does without stay as they are."""

    def timing(stage: str, call: Any) -> Any:
        async def timed(*asked: Any) -> Any:
            began = time.perf_counter()
            with traces.span(f"call {stage}"):
                try:
                    answer = await call(*asked)
                except StageError as error:
                    STAGE_FAULTS(stage=stage, code=error.code)
                    raise
            STAGE_SECONDS(time.perf_counter() - began, stage=stage, part="whole")
            if isinstance(answer, Refusal):
                STAGE_FAULTS(stage=stage, code=answer.code)
            return answer

        return timed

    stages = {field.name: getattr(steps, field.name) for field in fields(Steps)}
    absent = {field.name for field in fields(Steps) if stages[field.name] is field.default}
    return Steps(**{stage: call if stage in absent else timing(stage, call) for stage, call in stages.items()})
