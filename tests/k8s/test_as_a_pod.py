"""The laptop overlay's environment and Serve config under what a pod may do: no network, no root, nothing to write."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from overlays import ROOT, needs_kubectl, overlay

NAMESPACES = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]


def confined() -> bool:
    """Whether this user may make namespaces."""
    try:
        return subprocess.run([*NAMESPACES, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@pytest.mark.cluster
@pytest.mark.timeout(900)
@pytest.mark.skipif(not confined(), reason="namespaces of its own need root; without them a pod cannot be imitated")
@needs_kubectl
def test_the_service_runs_as_its_pods_confine_it(tmp_path: Path) -> None:
    laptop = overlay("laptop")
    (tmp_path / "environment.json").write_text(json.dumps(laptop.of("ConfigMap")[0]["data"]), "utf-8")
    (tmp_path / "serve.json").write_text(json.dumps(laptop.serve), "utf-8")
    script = [ROOT / "tests" / "k8s" / "pod.sh", ROOT, tmp_path, sys.base_prefix]
    run = subprocess.run([*NAMESPACES, "bash", *script], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-6000:]
    assert json.loads(run.stdout.splitlines()[-1]) == {
        "user": 1000,
        "writable": [],
        "applications without token": 401,
        "probe": True,
        "article": [200, "succeeded"],
        "door": 200,
        "stranger": 401,
        "statistics": [0, 0],
        "metrics": True,
    }
