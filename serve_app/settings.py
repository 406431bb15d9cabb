"""The typed `args:` of the Serve config, and the one place that reads the environment."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from serve_app.jobs.database import FILE
from serve_app.jobs.store import Store

OptionalRole = Literal[
    "upscaler", "reader"
]  # models that a service does without where `args.optional` does not name them


class Settings(BaseModel):
    """What the whole application shares; a change restarts every deployment, so tunables of a model stand elsewhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    home: Path | None = None
    optional: tuple[OptionalRole, ...] = ()
    stage_timeout_s: float = Field(default=300.0, gt=0, le=3600)
    stage_tries: int = Field(default=4, ge=1, le=10)
    articles_at_once: int = Field(default=64, ge=1, le=4096)
    catalogue_at_once: int = Field(default=16, ge=1, le=4096)  # of them; the others are kept for who waits
    most_waiting: int = Field(default=1000, ge=1)  # interactive jobs of all tenants; more are refused with Retry-After


class Environment(BaseSettings):
    """`VITRINE_HOME`: the data folder; `VITRINE_DATABASE_URL`, `VITRINE_OBJECTS`: where jobs and pictures live instead.

    A database is `postgresql://user:password@host/name`, objects are `s3://bucket/prefix`, `gs://...`, `az://...` or a
    folder. Without them both live in the data folder, which serves one machine. `VITRINE_EUR_PER_PICTURE`: what a
    rendered picture costs, for the quotes of dry runs.

    `VITRINE_MARK_KEY`, `VITRINE_CERTIFICATE`, `VITRINE_CERTIFICATE_KEY`: files with what delivered pictures are marked
    and signed with (a secret of 32 bytes or more; PEM of the chain and of its key). Without them a machine makes its
    own for development in the data folder; `VITRINE_PROFILE=production` refuses that. `VITRINE_TIMESTAMPS`: address of
    a time stamp service (RFC 3161) that every signed file is stamped by; without it none is asked.

    `VITRINE_CALIBRATION`: a file of `vitrine calibrate`; `VITRINE_CALIBRATION_MODE`: `shadow` (what its limits would
    have said stands in the record) or `active` (they judge).

    `VITRINE_TRACES`, `VITRINE_TRACES_SHARE`: read by every process for itself (`models.telemetry.settings`).
    """

    model_config = SettingsConfigDict(env_prefix="VITRINE_", frozen=True, extra="ignore")
    home: Path = Field(default_factory=lambda: Path.home() / ".local" / "share" / "vitrine")
    database_url: str | None = None
    objects: str | None = None
    profile: Literal["development", "production"] = "development"
    mark_key: Path | None = None
    certificate: Path | None = None
    certificate_key: Path | None = None
    timestamps: str | None = Field(default=None, pattern=r"^https?://")
    calibration: Path | None = None
    calibration_mode: Literal["shadow", "active"] = "shadow"
    eur_per_picture: float = Field(default=0.002, ge=0)  # an assumption: a GPU at 2 EUR an hour, 3.6 s per picture


def open_store(settings: Settings) -> Store:
    """The store of a process; raises StoreError when it cannot be opened."""
    environment = Environment()
    return Store.open(home_of(settings), environment.database_url, environment.objects)


def home_of(settings: Settings) -> Path:
    """The data folder: `args.home` before `VITRINE_HOME` before the user's data folder."""
    return (settings.home or Environment().home).expanduser().absolute()


def has_store(settings: Settings) -> bool:
    """Whether there is a store already, or the environment names one."""
    environment = Environment()
    return environment.database_url is not None or (home_of(settings) / FILE).exists()
