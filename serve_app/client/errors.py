"""What can go wrong with a call; every message says what was wrong, with the value, and what to do.

VitrineClientError
├── UnreachableError         nothing answers at the address, or it stopped answering
├── TimedOutError            connected, but no answer within the time limit
├── StrangeAnswerError       something answers that is not Vitrine
├── StillRunningError        a job or batch was not over within the time that was given
├── SignatureError           a webhook's message is not from who has the secret
└── DeclinedError            the service answered with an error
    ├── InvalidRequestError      400, 405, 413, 422: the request must change
    ├── UnauthorizedError        401: no API key, or an unknown one
    ├── ForbiddenError           403: the key lacks a scope
    ├── NotFoundError            404
    ├── ConflictError            409: the job was canceled, or awaits no answer
    ├── BusyError                429: the rate of the key or the queue is at its limit
    └── ServiceError             500 and above: a fault of the service
"""


class VitrineClientError(Exception):
    """Root of the errors; `status` and the others are None where no answer gave them.

    `code` is stable; `param` names the parameter it is about, `request_id` the line of the service's log,
    `retry_after` seconds, `job` a job that goes on or ended without this call.
    """

    def __init__(  # noqa: PLR0913 - what a problem document tells
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        param: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        job: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.param = status, code, param
        self.request_id, self.retry_after, self.job = request_id, retry_after, job


class UnreachableError(VitrineClientError):
    """Nothing answers at the address, or it stopped answering."""


class TimedOutError(VitrineClientError):
    """There was no answer within the time limit; what was asked may be done all the same."""


class StrangeAnswerError(VitrineClientError):
    """What answers at the address is not Vitrine's service."""


class StillRunningError(VitrineClientError):
    """A job or batch was not over in time; it goes on."""


class SignatureError(VitrineClientError):
    """A webhook's message must not be believed."""


class DeclinedError(VitrineClientError):
    """The service answered with an error."""


class InvalidRequestError(DeclinedError):
    """The request must change before it is sent again."""


class UnauthorizedError(DeclinedError):
    """The request names no valid API key."""


class ForbiddenError(DeclinedError):
    """The API key lacks a scope."""


class NotFoundError(DeclinedError):
    """There is nothing of this name, or it is somebody else's."""


class ConflictError(DeclinedError):
    """The job was canceled, or awaits no answer."""


class BusyError(DeclinedError):
    """The service takes no more for now."""


class ServiceError(DeclinedError):
    """A fault of the service."""


OF_STATUS: dict[int, type[DeclinedError]] = {
    400: InvalidRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    405: InvalidRequestError,
    409: ConflictError,
    413: InvalidRequestError,
    422: InvalidRequestError,
    429: BusyError,
}


def kind_of(status: int) -> type[DeclinedError]:
    """The error of an HTTP status."""
    return OF_STATUS.get(status, ServiceError if status >= 500 else DeclinedError)
