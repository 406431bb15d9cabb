"""Every overlay is rendered by kubectl and keeps every rule of k8s/checks."""

import os
import re
from pathlib import Path

import pytest
from overlays import FOLDERS, ROOT, needs_kubectl, overlay

from k8s.checks.packing import Load, nodes_for
from k8s.checks.references import SECRETS, _named_secrets
from k8s.checks.rendered import RenderError, render
from k8s.checks.rules import broken

README = (ROOT / "k8s" / "README.md").read_text("utf-8")
pytestmark = needs_kubectl


@pytest.mark.parametrize("name", FOLDERS)
def test_an_overlay_keeps_every_rule(name: str) -> None:
    assert list(broken(overlay(name))) == []


@pytest.mark.parametrize("name", FOLDERS)
def test_an_overlay_serves_the_file_that_a_machine_serves(name: str) -> None:
    file = "production" if name == "examples" else name
    source = (ROOT / "k8s" / "serve" / f"{file}.yaml").read_text("utf-8")
    assert overlay(name).service["spec"]["serveConfigV2"] == source


@pytest.mark.parametrize("name", FOLDERS)
def test_an_overlay_lies_in_the_projects_namespace(name: str) -> None:
    strays = [one for one in overlay(name).objects if one["metadata"].get("namespace") != "vitrine"]
    assert [(one["kind"], one["metadata"]["name"]) for one in strays] == [("Namespace", "vitrine")]


def test_a_changed_environment_makes_a_new_cluster() -> None:
    """Its name ends in a hash of its content, and the RayService names it."""
    laptop, production = overlay("laptop"), overlay("production")
    names = [one.of("ConfigMap")[0]["metadata"]["name"] for one in (laptop, production)]
    assert names[0] != names[1]
    assert {source["configMapRef"]["name"] for source in laptop.ray_pods[0].ray["envFrom"]} == {names[0]}


def test_engines_are_built_for_the_pack_that_is_served() -> None:
    from models.engines.packs import pack_modules

    jobs = [one for one in overlay("production").of("Job") if one["metadata"]["name"].startswith("vitrine-engines")]
    built = [
        arg.removeprefix("--module=")
        for job in jobs
        for arg in job["spec"]["template"]["spec"]["containers"][0]["args"]
    ]
    assert sorted(built) == sorted(pack_modules(ROOT / "models" / "production"))


def test_what_kubectl_refuses_is_said(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [absent.yaml]\n", "utf-8")
    with pytest.raises(RenderError, match=r"absent\.yaml"):
        render(tmp_path)


def test_replicas_are_packed_as_first_fit_packs_them() -> None:
    node = {"CPU": 4.0, "GPU": 1.0}
    halves = Load("extractor", {"CPU": 1.0, "GPU": 0.5}, 3)
    tenths = Load("scorer", {"CPU": 1.0, "GPU": 0.1}, 3)
    assert nodes_for([halves], node) == 2
    assert nodes_for([tenths, halves], node) == 2
    assert nodes_for([Load("translator", {"CPU": 1.0, "GPU": 0.1}, 10)], node) == 3  # ten tenths, but four CPUs


def test_the_readmes_own_overlay_keeps_every_rule(tmp_path: Path) -> None:
    (written,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    own = written.replace("../production", os.path.relpath(FOLDERS["production"], tmp_path))
    (tmp_path / "kustomization.yaml").write_text(own, "utf-8")
    rendered = render(tmp_path)
    assert list(broken(rendered)) == []
    assert rendered.of("Ingress")[0]["spec"]["tls"][0]["hosts"] == ["pictures.shop.example"]


def test_the_readme_names_every_secret_and_only_those_that_are_used() -> None:
    named = set(re.findall(r"^\| `(vitrine-\w+)` \|", README, re.MULTILINE))
    used = {secret for name in FOLDERS for secret in _named_secrets(overlay(name))}
    assert named == used == SECRETS


def test_rays_autoscaler_reads_the_groups_as_they_are_meant() -> None:
    from ray.autoscaler._private.kuberay.autoscaling_config import _derive_autoscaling_config_from_ray_cr

    service = overlay("production").service
    read = _derive_autoscaling_config_from_ray_cr(
        {"metadata": service["metadata"], "spec": service["spec"]["rayClusterConfig"]}
    )
    kinds = read["available_node_types"]
    assert {name: (kind["min_workers"], kind["max_workers"]) for name, kind in kinds.items()} == {
        "headgroup": (0, 0),
        "front": (2, 8),
        "small": (2, 32),
        "large": (1, 32),
    }
    assert {name: kind["resources"].get("GPU", 0) for name, kind in kinds.items()} == {
        "headgroup": 0,
        "front": 0,
        "small": 1,
        "large": 1,
    }
    assert [kinds[pool]["resources"][pool] for pool in ("front", "small", "large")] == [1, 1, 1]
    assert kinds["headgroup"]["resources"]["CPU"] == 0
