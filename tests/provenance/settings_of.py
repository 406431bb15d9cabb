"""Environments of services, whatever this process has in its own."""

from pathlib import Path

from serve_app.settings import Environment


def development(**given: Path | str) -> Environment:
    """`given`: settings of provenance."""
    nothing = {
        "profile": "development",
        "mark_key": None,
        "certificate": None,
        "certificate_key": None,
        "timestamps": None,
    }
    return Environment.model_construct(**nothing | given)
