"""The services whose scaling is measured."""

import yaml
from ray.serve._private.deploy_utils import get_app_code_version
from ray.serve.schema import ServeApplicationSchema

from loadtests.scaling import step
from loadtests.scaling.replicas import IN_HAND, SIZES, sized
from serve_app.serve_config import checked


def test_the_measured_services_are_accepted_like_any_other() -> None:
    checked(step.CONFIG.read_text("utf-8"))
    for size in SIZES:
        checked(yaml.safe_dump(sized(size)))


def test_from_size_to_size_nothing_restarts() -> None:
    versions = {
        get_app_code_version(ServeApplicationSchema.model_validate(sized(size)["applications"][0])) for size in SIZES
    }
    assert len(versions) == 1


def test_doors_and_conductors_grow_with_the_renderers() -> None:
    deployments = {found["name"]: found["num_replicas"] for found in sized(32)["applications"][0]["deployments"]}
    assert deployments["renderer"] == 32
    assert deployments["conductor"] * 64 >= 32 * IN_HAND, "the conductors have fewer places than there are clients"
    assert deployments["ingress"] > 1
    assert deployments["scorer"] == 1
