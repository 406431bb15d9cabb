"""The client of Vitrine: `Vitrine` blocks, `AsyncVitrine` is awaited; also the distribution `vitrine-client`."""

from .answers import Article, Batch, BatchRow, Choice, Decision, Endpoint, Event, Format, Job, Lane, Listing, Options
from .async_client import AsyncVitrine
from .client import Vitrine
from .connection import __version__
from .errors import (
    BusyError,
    ConflictError,
    DeclinedError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    ServiceError,
    SignatureError,
    StillRunningError,
    StrangeAnswerError,
    TimedOutError,
    UnauthorizedError,
    UnreachableError,
    VitrineClientError,
)
from .webhooks import Message, verify_webhook

__all__ = [
    "Article",
    "AsyncVitrine",
    "Batch",
    "BatchRow",
    "BusyError",
    "Choice",
    "ConflictError",
    "Decision",
    "DeclinedError",
    "Endpoint",
    "Event",
    "ForbiddenError",
    "Format",
    "InvalidRequestError",
    "Job",
    "Lane",
    "Listing",
    "Message",
    "NotFoundError",
    "Options",
    "ServiceError",
    "SignatureError",
    "StillRunningError",
    "StrangeAnswerError",
    "TimedOutError",
    "UnauthorizedError",
    "UnreachableError",
    "Vitrine",
    "VitrineClientError",
    "__version__",
    "verify_webhook",
]
