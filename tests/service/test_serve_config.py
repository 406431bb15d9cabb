"""The Serve configs in k8s/serve are what they seem, and a misspelt one is found."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from deployments import extractor, renderer, retoucher, scorer, segmenter, translator, upscaler
from models.manifest import Manifest
from serve_app.serve_config import ServeConfigError, checked, faults

FOLDER = Path(__file__).parents[2] / "k8s" / "serve"
PRODUCTION = Path(__file__).parents[2] / "models" / "production" / "manifest.toml"


@pytest.fixture
def laptop() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((FOLDER / "laptop.yaml").read_text("utf-8"))
    return copy.deepcopy(document)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_shipped_config_says_what_it_means(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(faults(yaml.safe_load(file.read_text("utf-8")))) == []


@pytest.mark.parametrize(
    ("place", "value", "fault"),
    [
        ("num_replica", 2, "num_replica"),
        ("autoscaling_config", {"min_replicas": 3, "max_replicas": 1}, "max_replicas"),
        ("autoscaling_config", {"min_replica": 1}, "min_replica"),
        ("autoscaling_config", {"max_replicas": 2, "target_ongoing_requests": 500}, "can never be reached"),
        ("ray_actor_options", {"num_cpu": 1}, "num_cpu"),
        ("user_config", {"kind": "marian", "beams": 3}, "beams"),
        ("user_config", {"kind": "opus"}, "opus"),
        ("name", "translater", "translater"),
    ],
)
def test_a_mistake_in_a_deployment_is_named(laptop: dict[str, Any], place: str, value: Any, fault: str) -> None:
    chosen = next(found for found in laptop["applications"][0]["deployments"] if found["name"] == "translator")
    chosen[place] = value
    assert any(fault in sentence for sentence in faults(laptop)), list(faults(laptop))


def test_a_mistake_in_args_is_named(laptop: dict[str, Any]) -> None:
    laptop["applications"][0]["args"] = {"hom": "/data"}
    assert any("hom" in sentence for sentence in faults(laptop))


def test_an_optional_model_is_there_where_args_name_it(laptop: dict[str, Any]) -> None:
    application = laptop["applications"][0]
    application["deployments"].append({"name": "upscaler", "user_config": {"kind": "double"}})
    assert any("upscaler" in sentence for sentence in faults(laptop)), "nothing would use it"
    application["args"]["optional"].append("upscaler")
    assert list(faults(laptop)) == []
    application["deployments"].pop()
    assert list(faults(laptop)) == ["deployment 'upscaler' is not configured"]


def test_what_is_no_config_is_refused() -> None:
    with pytest.raises(ServeConfigError):
        checked("- just\n- a list\n")


@pytest.mark.parametrize("module", [translator, scorer, segmenter, retoucher, upscaler], ids=lambda m: m.__name__)
def test_a_deployment_takes_two_batches(module: Any) -> None:
    assert module.deployment.max_ongoing_requests >= 2 * module.deployment.func_or_class.together


@pytest.mark.parametrize(
    "module", [translator, extractor, renderer, scorer, segmenter, retoucher, upscaler], ids=lambda m: m.__name__
)
def test_a_deployment_outlives_what_it_holds(module: Any) -> None:
    assert module.deployment._deployment_config.graceful_shutdown_timeout_s >= 2 * module.LONGEST_S


def test_the_production_manifest_fits_the_recipes_numbers() -> None:
    from models.clip.numbers import ClipNumbers
    from models.flux.numbers import FluxNumbers
    from models.marian.numbers import Numbers as MarianNumbers
    from models.phi3.numbers import Numbers as Phi3Numbers
    from models.sam.numbers import SamNumbers
    from models.stable_diffusion.numbers import StableDiffusionNumbers
    from models.swin2sr.numbers import Swin2SRNumbers

    parts = Manifest.read(PRODUCTION).parts
    MarianNumbers.model_validate(parts["translator"].options)
    Phi3Numbers.model_validate(parts["extractor"].options)
    FluxNumbers.model_validate(parts["renderer"].options)
    ClipNumbers.model_validate(parts["scorer"].options)
    SamNumbers.model_validate(parts["segmenter"].options)
    StableDiffusionNumbers.model_validate(parts["retoucher"].options)
    Swin2SRNumbers.model_validate(parts["upscaler"].options)


def test_every_production_checkpoint_has_a_licence_a_size_and_a_revision() -> None:
    for role, part in Manifest.read(PRODUCTION).parts.items():
        assert part.bytes, role
        assert part.licence.spdx, role
        assert part.revision is not None, role
        assert len(part.revision) == 40, (role, part.revision)
