"""What every page is made of: templates without holes, and files of ours that stand inline under a hash."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import ChainableUndefined, Environment, FileSystemLoader

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """Autoescape stays on: text of listings, records and models is untrusted."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["words"] = lambda name: str(name).replace("_", " ")
    return made


@cache
def asset(name: str) -> str:
    return (TEMPLATES / name).read_text("utf-8")


def hash_of(content: str) -> str:
    """As a content security policy names what may stand inline."""
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"sha256-{digest}"
