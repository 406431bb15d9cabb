"""Where traces go, as every process of the service reads it from its environment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class TraceSettings(BaseSettings):
    """`VITRINE_TRACES`: a collector of OpenTelemetry (`http://collector:4318/v1/traces`), or a folder in which every
    process writes a file of one span a line; without it nothing is traced. `VITRINE_TRACES_SHARE`: of the requests
    that begin a trace here; who sends a `traceparent` has decided already.
    """

    model_config = SettingsConfigDict(env_prefix="VITRINE_", frozen=True, extra="ignore")
    traces: str | None = None
    traces_share: float = Field(default=1.0, ge=0, le=1)
