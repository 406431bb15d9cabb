"""What can go wrong between the ingress and the models; the API turns each into one problem document.

VitrineError
└── StageError          the role is named, the message is fit for the client
    ├── StageBusyError       the deployment's queue is full: try again after `retry_after_s`
    ├── StageLostError       replicas kept dying under the call, or none came up
    ├── StageTimeoutError    no answer within the limit
    └── StageBrokenError     the code behind the handle raised: a fault of ours
"""

from models.errors import VitrineError


class StageError(VitrineError):
    """A stage gave no result; `role` says which, `code` is stable."""

    code = "internal"

    def __init__(self, role: str, message: str) -> None:
        super().__init__(message)
        self.role = role


class StageBusyError(StageError):
    """Raised when a deployment refuses more work; `retry_after_s` in whole seconds."""

    code = "stage_busy"

    def __init__(self, role: str, retry_after_s: int) -> None:
        super().__init__(role, f"the {role} has a full queue; try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class StageLostError(StageError):
    """Raised when every try of a call lost its replica."""

    code = "stage_lost"

    def __init__(self, role: str, tries: int) -> None:
        super().__init__(role, f"the {role} was lost {tries} times during this request; try again")


class StageTimeoutError(StageError):
    """Raised when a stage takes longer than the service allows."""

    code = "stage_timeout"

    def __init__(self, role: str, limit_s: float) -> None:
        super().__init__(
            role, f"the {role} did not answer within {limit_s:g} s; try again when the service is less busy"
        )


class StageBrokenError(StageError):
    """Raised when the code of a deployment fails; details stand in the log under the request's id."""

    def __init__(self, role: str) -> None:
        super().__init__(role, f"the {role} failed on this request; the service's log names the cause")
