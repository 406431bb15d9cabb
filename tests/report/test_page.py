"""The report stands by itself, shows every record, and lets no text of a listing become markup."""

import base64
import hashlib
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from serve_app.report.page import page
from serve_app.report.plots import histogram, rates
from serve_app.report.thumbnails import BYTES, data_uri
from serve_app.runs import contact_sheet
from serve_app.runs.statistics import summary

HOSTILE = '<script>alert("1")</script> "><img src=x onerror=alert(2)> {{ 7*7 }} &amp; \' </style>'
STATUSES = ("succeeded", "needs_answer", "rejected", "failed")


def record(number: int, status: str = "succeeded", text: str = "blaues Hemd", **more: Any) -> dict[str, Any]:
    """A record as the service gives it, without what the report does not read."""
    name = f"{number:016x}"
    made = status == "succeeded"
    start = text.find("blau")
    span = {"start": start, "end": start + 4, "text": "blau"} if start >= 0 else {"start": 0, "end": 0, "text": ""}
    return {
        "article_id": name,
        "source_rows": [{"file": "sheet.csv", "row": number + 1}],
        "source": {"name": text, "description": text, "model_name": "", "model_descr": ""},
        "original_description": text,
        "translation": text,
        "attributes": {"audience": "men", "product_type": "shirt", "colours": [{"value": "blue", "role": "base"}]},
        "ledger": [
            {"attribute": "colours", "value": "blue", "column": "name", "witness": "lexicon", "role": "base"} | span
        ],
        "generation_prompt": text,
        "clip_prompt": text,
        "negative_prompt": "",
        "seed": number,
        "run_seed": 0,
        "policy": "ask",
        "adapter": None,
        "clip_score": 25.0 + number % 9 if made else None,
        "score_10": 10.0 - number % 4 if made else None,
        "verdict": {"colours": {"state": ("pass", "fail")[number % 2], "reason": text}} if made else {},
        "status": status,
        "question": {"attribute": "colours", "text": {"de": "Welche Farbe?", "en": "Which?"}, "suggestions": ["blue"]}
        if status == "needs_answer"
        else None,
        "rejection": {"code": "empty", "reason": text} if status == "rejected" else None,
        "failure": {"code": "internal", "reason": text} if status == "failed" else None,
        "timings": {"render": 0.5},
        "image_path": f"pictures/{name}.png" if made else None,
        "sha256": "0" * 64,
        **more,
    }


def shown(records: list[dict[str, Any]], root: Path) -> str:
    numbers = summary({entry["article_id"]: [entry] for entry in records}, len(records), 60.0)
    return page(records, numbers, root)


class Elements(HTMLParser):
    """Counts elements and keeps attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.count: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def values(self, name: str, tag: str | None = None) -> list[str]:
        return [value for of, found, value in self.attributes if found == name and tag in (None, of)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A run's folder with 116 pictures; the first one is noise, which packs worst."""
    (tmp_path / "pictures").mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "pictures" / f"{0:016x}.png", compress_level=0)
    plain = tmp_path / "pictures" / f"{1:016x}.png"
    Image.new("RGB", (64, 64), "#1f3a78").save(plain)
    for number in range(2, 116):
        (tmp_path / "pictures" / f"{number:016x}.png").hardlink_to(plain)
    return tmp_path


def test_text_of_listings_records_and_models_is_never_markup(root: Path) -> None:
    entries = [record(number, status, HOSTILE) for number, status in enumerate(STATUSES)]
    for entry in entries:
        entry["attributes"] = {"audience": HOSTILE, "product_type": HOSTILE}
        entry["ledger"] = [
            {
                "attribute": HOSTILE,
                "value": HOSTILE,
                "column": "name",
                "start": 0,
                "end": 9,
                "text": HOSTILE,
                "witness": HOSTILE,
            }
        ]
        entry["source_rows"] = [{"file": HOSTILE, "row": 1}]
        entry["notes"], entry["models"] = [HOSTILE], {HOSTILE: HOSTILE}
    elements = Elements(shown(entries, root))
    assert elements.count["script"] == 1
    assert elements.count["img"] == 1
    assert elements.count["style"] == 1
    assert not [name for _, name, _ in elements.attributes if name.startswith("on")]
    assert not elements.values("style")


def test_the_policy_admits_the_pages_own_style_and_script_and_nothing_else(root: Path) -> None:
    text = shown([record(0)], root)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src &#39;none&#39;; img-src data:;") or policy.startswith(
        "default-src 'none'; img-src data:;"
    )
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_nothing_is_fetched_and_links_stay_in_the_folder(root: Path) -> None:
    elements = Elements(shown([record(0), record(1, "failed")], root))
    assert all(source.startswith("data:image/webp;base64,") for source in elements.values("src"))
    assert set(elements.values("href")) == {
        "#articles", "pictures/0000000000000000.png", "records/0000000000000000.json", "records/0000000000000001.json",
    }  # fmt: skip


def test_a_run_of_116_articles_has_a_card_each_and_stays_below_4_mb(root: Path) -> None:
    text = shown([record(number) for number in range(116)], root)
    assert Elements(text).count["article"] == 116
    assert len(text) < 4_000_000, f"{len(text):,} characters"


def test_a_thumbnail_of_noise_still_fits_its_limit(root: Path) -> None:
    uri = data_uri(root / "pictures" / f"{0:016x}.png")
    assert uri is not None
    assert len(base64.b64decode(uri.partition(",")[2])) <= BYTES
    assert data_uri(root / "pictures" / "none.png") is None


def test_evidence_is_marked_in_the_german_text(root: Path) -> None:
    text = shown([record(0, text="Ein blaues Hemd")], root)
    assert re.search(r'<h3 [^>]*lang="de">Ein <mark class="a-colours"[^>]*>blau</mark>es Hemd</h3>', text)
    assert '<q lang="de">blau</q>' in text


def test_what_has_no_picture_says_why(root: Path) -> None:
    text = shown([record(0, "needs_answer"), record(1, "rejected", "zu kurz"), record(2, "failed", "kaputt")], root)
    assert '<p lang="de">Welche Farbe?</p>' in text
    assert "<p>zu kurz</p>\n        <code>empty</code>" in text
    assert "<p>kaputt</p>\n        <code>internal</code>" in text


def test_a_card_says_how_complete_the_listing_is_and_what_would_be_asked(root: Path) -> None:
    suggested = [{"value": "crew", "share": 0.9, "names": {"de": "rundhals", "en": "crew neck"}}]
    question = {"attribute": "neckline", "text": {"de": "Welchen Ausschnitt?", "en": "Which?"}, "suggested": suggested}
    found = {"score": 0.834, "open": [{"attribute": "motif_text", "bits": 2.0}], "question": question}
    text = shown([record(0, completeness=found)], root)
    assert "83% of the picture is said; open: motif text" in text
    assert "Welchen Ausschnitt? (rundhals)" in text
    assert "Welchen Ausschnitt?" not in shown([record(0, "needs_answer", completeness=found)], root)


def test_every_card_can_be_filtered_by_what_it_is(root: Path) -> None:
    elements = Elements(shown([record(number, status) for number, status in enumerate(STATUSES)], root))
    assert elements.values("data-status", "article") == list(STATUSES)
    assert elements.values("data-verdict", "article") == ["pass", "none", "none", "none"]
    assert elements.values("data-audience", "article") == ["men"] * 4
    filters = zip(elements.values("data-filter", "button"), elements.values("data-value", "button"), strict=True)
    assert list(filters) == [*(("status", status) for status in STATUSES), ("verdict", "pass")]


def test_controls_have_names_and_the_articles_can_be_skipped_to(root: Path) -> None:
    text = shown([record(0)], root)
    assert re.search(r'<a class="skip" href="#articles">', text)
    for control in re.findall(r"<(?:input|select)[^>]*>", text):
        assert "aria-label=" in control, control
    for button in re.findall(r"<button[^>]*data-[^>]*>", text):
        assert "aria-pressed=" in button, button


def test_an_empty_run_has_a_report() -> None:
    assert "no pictures yet" in page([], summary({}, 0, 0.0), Path())


def test_a_histogram_counts_every_value_and_names_round_borders() -> None:
    plot = histogram([7.0, 9.5, 9.5, 10.0], low=7.0, high=10.0)
    assert sum(int(bar.says.split()[0]) for bar in plot.bars) == 4
    assert [bar.says for bar in plot.bars] == ["1 from 7 to 7.5", "3 from 9.5 to 10"]
    assert max(bar.x + bar.width for bar in plot.bars) <= 300.0
    assert histogram([3.0, 3.0]).n == 2
    assert histogram([]).bars == []


def test_rates_leave_out_what_no_check_covers_and_put_the_worst_first() -> None:
    found = rates(
        {
            "type": {"pass": 9, "fail": 1, "unknown": 0, "pass_rate": 0.9},
            "sleeve": {"pass": 0, "fail": 0, "unknown": 10, "pass_rate": None},
            "colours": {"pass": 1, "fail": 1, "unknown": 8, "pass_rate": 0.5},
        }
    )
    assert [(rate.name, rate.label) for rate in found] == [("colours", "50%"), ("type", "90%")]


def test_the_contact_sheet_has_a_tile_per_picture(root: Path) -> None:
    contact_sheet.write(root / "sheet.png", root, [record(number, text="Mädchen-Röckchen") for number in range(9)])
    with Image.open(root / "sheet.png") as sheet:
        columns = (sheet.width - contact_sheet.GAP) / (contact_sheet.SIDE + contact_sheet.GAP)
        rows = (sheet.height - contact_sheet.GAP) / (contact_sheet.SIDE + contact_sheet.CAPTION + contact_sheet.GAP)
    assert (columns, rows) == (4, 3)


def test_statistics_count_what_the_records_say() -> None:
    records = [record(number) for number in range(4)] + [record(4, "needs_answer"), record(5, "failed")]
    numbers = summary({entry["article_id"]: [entry] for entry in records}, 9, 30.0, machine_eur=1.2)
    assert [numbers[name] for name in ("articles", "unique_articles", *STATUSES)] == [9, 6, 4, 1, 0, 1]
    assert numbers["clip"] == {"n": 4, "mean": 26.5, "median": 26.5, "sd": 1.291, "min": 25.0, "max": 28.0}
    assert (numbers["mean_score"], numbers["pass_rate"], numbers["share_of_9_5"]) == (8.5, 0.5, 0.25)
    assert numbers["attributes"] == {"colours": {"pass": 2, "fail": 2, "unknown": 0, "pass_rate": 0.5}}
    assert (numbers["articles_per_hour"], numbers["reasons"]) == (720.0, {"internal": 1})
    assert numbers["cost"]["eur_per_picture"] == 0.0025
    assert numbers["cost"]["photography_eur_total"] == [200.0, 800.0]
    json.dumps(numbers)
