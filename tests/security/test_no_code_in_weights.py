"""Nothing in the sources opens a file that could run code while it is read."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [
    file for folder in ("models", "deployments", "serve_app", "loadtests") for file in (ROOT / folder).rglob("*.py")
]
CONFIGS = [
    *(ROOT / "k8s").rglob("*.yaml"),
    *(ROOT / "models").rglob("manifest.toml"),
    *(ROOT / "models").rglob("*.json"),
]
MODULES = frozenset({"pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"})


def faults(tree: ast.AST) -> Iterator[str]:
    """Pickles by any name, torch's own included, code of a checkpoint's author, and arrays of objects."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (f"import {each.name}" for each in node.names if each.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES | {"torch"}:
            names = [each.name for each in node.names]
            if node.module != "torch" and not (node.module or "").startswith("torch."):
                yield f"from {node.module} import {names}"
            elif node.module in ("torch", "torch.serialization") and "load" in names:
                yield "from torch import load"
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in (
                "torch.load",
                "torch.serialization.load",
                "torch.jit.load",
                "torch.hub.load",
                "pd.read_pickle",
            ):
                yield called
            for given in node.keywords:
                refused = isinstance(given.value, ast.Constant) and given.value.value is False
                if given.arg in ("trust_remote_code", "allow_pickle") and not refused:
                    yield f"{called}({given.arg}={ast.unparse(given.value)})"


def test_no_source_loads_pickles_or_a_strangers_code() -> None:
    assert len(SOURCES) > 200, SOURCES
    found = {
        str(file.relative_to(ROOT)): told
        for file in SOURCES
        if (told := list(faults(ast.parse(file.read_text("utf-8")))))
    }
    assert found == {}


def test_no_configuration_asks_for_a_strangers_code() -> None:
    assert len(CONFIGS) > 5, CONFIGS
    asking = ("trust_remote_code: true", "trust_remote_code = true", '"trust_remote_code": true', '"auto_map"')
    assert [(file.name, word) for file in CONFIGS for word in asking if word in file.read_text("utf-8").lower()] == []


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ntorch.load('x')",
        "import torch\ntorch.load('x', weights_only=True)",
        "from torch import load",
        "import pickle",
        "from pickle import loads as read",
        "import joblib as anything",
        "AutoModel.from_pretrained('x', trust_remote_code=True)",
        "AutoModel.from_pretrained('x', trust_remote_code=trusted)",
        "numpy.load('x', allow_pickle=True)",
    ],
)
def test_the_search_finds_each_way_of_doing_it(source: str) -> None:
    assert list(faults(ast.parse(source)))
