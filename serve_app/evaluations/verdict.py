"""All that is measured of the verdict: faulty drawings, stated texts, published pictures, catalogue photographs."""

from pathlib import Path
from typing import Any, Protocol

from models.manifest import Manifest
from serve_app.evaluations import faulty, photos, samples, texts
from serve_app.evaluations.looks import Eyes


class Options(faulty.Options, Protocol):
    """Also where the real pictures lie."""

    @property
    def data(self) -> Path: ...


def evaluate(options: Options) -> dict[str, Any]:
    """Figures per fault, and those of the data that are there."""
    eyes = Eyes(options.pack, options.threads)
    figures = faulty.evaluate(eyes, options)
    if "reader" in Manifest.read(options.pack / "manifest.toml").parts:
        figures["stated text"] = texts.evaluate(options)
    if (options.data / "article_sheets" / "sample_outputs").is_dir():
        figures["published pictures"] = samples.evaluate(options.data, eyes)
    if (options.data / "catalogue_photos" / "images").is_dir():
        figures["catalogue photographs"] = photos.evaluate(options.data)
    return figures
