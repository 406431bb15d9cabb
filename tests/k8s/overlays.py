"""Overlays as kubectl renders them."""

import copy
import shutil
from functools import cache
from pathlib import Path

import pytest

from k8s.checks.rendered import Rendered, render

ROOT = Path(__file__).parents[2]
FOLDERS = {
    "laptop": ROOT / "k8s" / "overlays" / "laptop",
    "single-gpu": ROOT / "k8s" / "overlays" / "single-gpu",
    "production": ROOT / "k8s" / "overlays" / "production",
    "examples": ROOT / "k8s" / "examples",
}
needs_kubectl = pytest.mark.skipif(
    shutil.which("kubectl") is None, reason="kubectl is not installed, and nothing else renders the overlays"
)


def overlay(name: str) -> Rendered:
    """A copy of its own, free to be broken."""
    return Rendered(copy.deepcopy(_once(name).objects))


@cache
def _once(name: str) -> Rendered:
    return render(FOLDERS[name])
