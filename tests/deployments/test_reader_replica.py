"""The reader's replica, and its place among the deployments."""

from pathlib import Path

import numpy as np
import pytest

from deployments import reader
from models.domain import Picture, ReadOrder, Refusal, TextLine
from models.manifest import Manifest
from models.ppocr.numbers import PpocrNumbers
from models.recipes import reader_recipe
from serve_app.graph import OPTIONAL

PRODUCTION = Path(__file__).parents[2] / "models" / "production" / "manifest.toml"
ORDER = ReadOrder(Picture(np.zeros((32, 64, 3), np.uint8)), ((0, 0, 64, 16),))


async def test_a_replica_says_what_its_model_reads_and_what_it_is() -> None:
    replica = reader.ReaderReplica()
    await replica.reconfigure({"kind": "double", "text": "HAPPY DAYS"})
    work, _ = replica.loaded({"kind": "double", "text": "HAPPY DAYS"})
    assert work([ORDER]) == [(TextLine("HAPPY DAYS", 1.0, (0, 0, 64, 32)),)]
    assert (await replica.about())["role"] == "reader"
    assert (await replica.record_autoscaling_stats())["queued_s"] == 0.0


def test_the_double_refuses_what_it_was_asked_to() -> None:
    (outcome,) = reader_recipe({"kind": "double", "text": "GUNS", "refuse": "GUNS"}).load().read([ORDER])
    assert isinstance(outcome, Refusal)
    assert reader_recipe({"kind": "double"}).load().read([ORDER]) == [()]


def test_the_graph_wires_a_reader_where_it_is_named() -> None:
    assert OPTIONAL["reader"] is reader.deployment
    assert reader.deployment.max_ongoing_requests >= 2 * reader.ReaderReplica.together
    held = reader.deployment._deployment_config.graceful_shutdown_timeout_s
    assert held >= 2 * reader.LONGEST_S


def test_the_production_reader_has_its_numbers_and_pins() -> None:
    part = Manifest.read(PRODUCTION).parts["reader"]
    PpocrNumbers.model_validate(part.options)
    for entry in (part, part.adapters["detector"]):
        assert entry.revision is not None
        assert len(entry.revision) == 40, entry
        assert entry.licence.spdx == "Apache-2.0"


@pytest.mark.parametrize("name", ["production", "single-gpu"])
def test_a_shipped_config_that_names_the_reader_deploys_it(name: str) -> None:
    from serve_app.serve_config import checked

    file = Path(__file__).parents[2] / "k8s" / "serve" / f"{name}.yaml"
    (application,) = checked(file.read_text("utf-8"))["applications"]
    assert "reader" in application["args"]["optional"]
    assert "reader" in {found["name"] for found in application["deployments"]}
