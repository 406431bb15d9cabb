"""What Serve hands to the policy, and what comes of it."""

from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from ray.serve._private.common import DeploymentID
from ray.serve.config import AutoscalingConfig, AutoscalingContext, AutoscalingPolicy

from serve_app.autoscaling.application import ByWork
from serve_app.autoscaling.targets import POLICY, faults

Figures = dict[str, float]


def context(
    role: str, told: list[Figures], *, replicas: int = 1, queued: float = 0.0, ongoing: float = 0.0,
    most: int = 16, before: Figures | None = None, state: dict[str, Any] | None = None, least: int = 1,
) -> AutoscalingContext:  # fmt: skip
    """As the controller makes it; `before`: what each replica told ten seconds before."""
    raw: dict[str, dict[str, Any]] = {}
    for number, figures in enumerate(told):
        for name, value in figures.items():
            earlier = [SimpleNamespace(timestamp=90.0, value=before[name])] if before and name in before else []
            raw.setdefault(name, {})[f"r{number}"] = [*earlier, SimpleNamespace(timestamp=100.0, value=value)]
    return AutoscalingContext(
        DeploymentID(role, "vitrine"), role, "vitrine", len(told), replicas, [], ongoing, queued, {}, raw,
        least, most, state or {}, None, None, 100.0, AutoscalingConfig(max_replicas=most, target_ongoing_requests=4),
    )  # fmt: skip


def decided(*contexts: AutoscalingContext, **targets: Any) -> dict[str, int]:
    needs, _ = ByWork(**targets)({one.deployment_id: one for one in contexts})
    return {deployment.name: replicas for deployment, replicas in needs.items()}


def stage(queued_s: float = 0.0, came: float = 0.0, cost_s: float = 0.5, in_flight_s: float = 0.0) -> Figures:
    return {"queued_s": queued_s, "came": came, "cost_s": cost_s, "in_flight_s": in_flight_s}


CONDUCTOR = {
    "slots": 64.0, "catalogue_slots": 16.0, "interactive.waiting": 0.0, "catalogue.waiting": 0.0,
    "interactive.working": 0.0, "catalogue.working": 0.0, "interactive.job_s": 2.0, "catalogue.job_s": 2.0,
    "interactive.renderer.per_job": 1.0, "interactive.scorer.per_job": 2.0, "catalogue.renderer.per_job": 1.0,
}  # fmt: skip


def test_work_in_one_deployments_queue_moves_that_deployment_alone() -> None:
    found = decided(context("renderer", [stage(queued_s=30.0)], replicas=2), context("scorer", [stage(cost_s=0.01)]))
    assert found == {"renderer": 4, "scorer": 1}


def test_calls_that_wait_in_front_of_the_replicas_are_work_as_well() -> None:
    assert decided(context("renderer", [stage()], replicas=2, queued=60.0)) == {"renderer": 4}


def test_the_rate_is_what_came_in_the_look_back() -> None:
    busy = context("renderer", [stage(came=100.0), stage(came=60.0)], replicas=4, before={"came": 20.0})
    assert decided(busy) == {"renderer": 8}  # 4 + 2 seconds per second at four fifths


def test_jobs_that_have_just_been_accepted_grow_every_stage_by_its_cost() -> None:
    wave = CONDUCTOR | {"interactive.waiting": 100.0}
    stages = [context("renderer", [stage(cost_s=0.4)], replicas=3), context("scorer", [stage(cost_s=0.01)])]
    assert decided(context("conductor", [wave]), *stages) == {"conductor": 1, "renderer": 5, "scorer": 1}


def test_a_catalogue_takes_replicas_for_its_drain_time_and_one_more_stays_for_who_waits() -> None:
    rows = CONDUCTOR | {"catalogue.waiting": 3000.0}
    renderer = context("renderer", [stage(cost_s=0.4)], replicas=2)
    found = decided(context("conductor", [rows]), renderer, renderer={"reserve": 1})
    assert found["renderer"] == 4  # 1200 s of work in 600 s, at four fifths, and the reserve


def test_a_stage_without_replicas_is_wanted_at_its_last_known_cost() -> None:
    asleep = context("renderer", [], replicas=0, queued=20.0, least=0, state={"cost_s": 0.5})
    assert decided(asleep) == {"renderer": 2}
    _, known = ByWork()({asleep.deployment_id: asleep})
    assert known[asleep.deployment_id] == {"cost_s": 0.5}


def test_conductors_are_counted_in_places() -> None:
    full = CONDUCTOR | {"interactive.working": 64.0, "interactive.waiting": 640.0}
    assert decided(context("conductor", [full], replicas=2)) == {"conductor": 4}


def test_what_tells_no_costs_goes_by_its_requests() -> None:
    assert decided(context("ingress", [{}], ongoing=9.0)) == {"ingress": 3}


def test_the_policy_survives_the_way_into_serves_controller() -> None:
    text = yaml.safe_dump({"policy_function": POLICY, "policy_kwargs": {"renderer": {"drain_s": 5.0}}})
    made = AutoscalingPolicy(**yaml.safe_load(text))
    policy = AutoscalingPolicy.from_serialized_policy_def(yaml.safe_load(text), made.get_serialized_policy_def())
    decide = policy.get_policy()(**policy.policy_kwargs)
    one = context("renderer", [stage(queued_s=30.0)], replicas=4)
    assert decide({one.deployment_id: one})[0] == {one.deployment_id: 8}


@pytest.mark.parametrize(
    ("kwargs", "said"),
    [
        ({"render": {}}, "there is no deployment 'render'"),
        ({"renderer": {"drain": 3}}, "drain"),
        ({"renderer": {"utilisation": 1.5}}, "utilisation"),
        ({"ingress": {}}, "has no autoscaling_config"),
    ],
)
def test_a_target_that_cannot_be_meant_is_a_fault(kwargs: dict[str, Any], said: str) -> None:
    deployments = {"renderer": {"autoscaling_config": {}}, "ingress": {"num_replicas": 1}}
    (found,) = faults({"policy_function": POLICY, "policy_kwargs": kwargs}, deployments)
    assert said in found


def test_a_second_policy_inside_the_application_is_a_fault() -> None:
    (found,) = faults({"policy_function": POLICY}, {"renderer": {"autoscaling_config": {"policy": {}}}})
    assert "replaces" in found
