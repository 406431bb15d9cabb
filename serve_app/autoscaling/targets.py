"""What an operator asks of each stage beyond Serve's own settings: `policy_kwargs` of the application's policy."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

POLICY = "serve_app.autoscaling.application:ByWork"


class Target(BaseModel):
    """Of one role; `serve_app.autoscaling.policy.Bounds` says what each means. A change restarts the application."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    utilisation: float = Field(default=0.8, gt=0, le=1)
    drain_s: float = Field(default=10.0, gt=0)
    catalogue_drain_s: float = Field(default=600.0, gt=0)
    reserve: float = Field(default=0.0, ge=0)


def faults(policy: Mapping[str, Any], deployments: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """One sentence per fault of an application's `autoscaling_policy`; `deployments`: name -> its options."""
    if policy.get("policy_function") != POLICY:
        return
    for role, target in (policy.get("policy_kwargs") or {}).items():
        if role not in deployments:
            yield f"autoscaling_policy: there is no deployment {role!r}; it has {', '.join(sorted(deployments))}"
        elif "autoscaling_config" not in deployments[role]:
            yield f"autoscaling_policy: {role} has no autoscaling_config, so nothing scales it"
        try:
            Target.model_validate(target)
        except ValidationError as error:
            yield f"autoscaling_policy: {role}: {error}"
    for role, options in deployments.items():
        if "policy" in (options.get("autoscaling_config") or {}):
            yield f"{role}: the application's autoscaling_policy replaces the one in autoscaling_config; remove that"
