"""The page that raters see: one picture after the other, nothing fetched, nothing sent; answers become a file."""

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from serve_app.ratings.blind import Shown
from serve_app.report.assets import asset, environment, hash_of
from serve_app.report.thumbnails import webp_uri

WORDS: dict[str, dict[str, str]] = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))


def page(name: str, shown: Sequence[Shown], language: str = "en") -> str:
    """`name` of the page as its key has it; `language`: de or en."""
    style, script = asset("report.css") + asset("rating.css"), asset("rating.js")
    pictures = [{"id": one.id, "text": one.text, "source": webp_uri(one.content)} for one in shown]
    return (
        environment()
        .get_template("rating.html")
        .render(
            name=name,
            pictures=pictures,
            language=language,
            words=WORDS[language],
            spoken=json.dumps({word: WORDS[language][word] for word in ("done", "of")}),
            style=Markup(style),  # noqa: S704 - our own files
            script=Markup(script),  # noqa: S704
            style_hash=hash_of(style),
            script_hash=hash_of(script),
        )
    )
