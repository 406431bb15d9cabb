"""A record as its card shows it: values with evidence, findings with reasons, and the facts to remake the picture."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.vocabulary import vocabulary
from serve_app.report.evidence import Piece, pieces
from serve_app.report.thumbnails import data_uri

COLUMNS = ("name", "description", "model_name", "model_descr")
# In the order a buyer thinks; each has a colour of its own in report.css.
ATTRIBUTES = (
    "product_type", "audience", "colours", "pattern", "sleeve", "neckline", "motif", "motif_text", "fit", "style",
    "closure", "length", "features", "materials", "multi_colour_offer", "brand", "licensed_character",
    "non_visual_claims",
)  # fmt: skip
UNSEEN = frozenset({"materials", "non_visual_claims", "brand", "licensed_character", "multi_colour_offer"})
WITNESSES = {
    "lexicon": "copy",
    "shorthand": "shorthand",
    "llm": "language model",
    "seller": "seller's answer",
    "house": "house style",
}


@dataclass(frozen=True, slots=True)
class Said:
    """One value of an attribute with the words that say so; `swatch` is a colour's reference, "#rrggbb"."""

    attribute: str
    value: str
    role: str
    swatch: str | None
    witness: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """Everything the template needs about one record, as text."""

    record: dict[str, Any]
    status: str
    title: list[Piece]
    columns: dict[str, list[Piece]]
    said: list[Said]
    unseen: list[Said]
    findings: list[dict[str, Any]]
    unknown: list[str]
    verdict: str
    thumbnail: str | None
    suggestions: list[tuple[str, str | None]]
    completeness: str
    asked: str
    facts: list[tuple[str, str]]
    words: str


def card(record: dict[str, Any], root: Path, thumbnail_bytes: int) -> Card:
    """`root` is the folder that `image_path` starts from."""
    source = record.get("source") or {}
    ledger = [claim for claim in record.get("ledger") or [] if claim.get("column")]
    cut = {
        name: pieces(source.get(name, ""), (claim for claim in ledger if claim["column"] == name)) for name in COLUMNS
    }
    said = values(record, ledger)
    findings = [{"name": name, **found} for name, found in (record.get("verdict") or {}).items()]
    judged = sorted((found for found in findings if found["state"] != "unknown"), key=lambda found: found["state"])
    image = record.get("image_path")
    question = record.get("question") or {}
    return Card(
        record=record,
        status=record["status"],
        title=cut["name"],
        columns={name: cut[name] for name in COLUMNS[1:] if source.get(name)},
        said=[value for value in said if value.attribute not in UNSEEN],
        unseen=[value for value in said if value.attribute in UNSEEN],
        findings=judged,
        unknown=[found["name"] for found in findings if found["state"] == "unknown"],
        verdict=_overall(judged),
        thumbnail=data_uri(root / image, thumbnail_bytes) if image else None,
        suggestions=[(name, swatch(name)) for name in question.get("suggestions", [])],
        completeness=_completeness(record.get("completeness") or {}),
        asked="" if question else _asked((record.get("completeness") or {}).get("question") or {}),
        facts=_facts(record),
        words=" ".join([record["article_id"], *map(str, source.values()), *(value.value for value in said)]).casefold(),
    )


def values(record: dict[str, Any], ledger: Iterable[dict[str, Any]]) -> list[Said]:
    """Each claimed value once, with all its evidence, in the order of ATTRIBUTES."""
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for claim in ledger:
        found.setdefault((str(claim["attribute"]), str(claim["value"]), str(claim.get("role") or "")), []).append(claim)
    lines = [
        Said(
            attribute,
            value,
            role if role not in ("base", "unknown") else "",
            swatch(value) if attribute == "colours" else None,
            ", ".join(dict.fromkeys(WITNESSES.get(str(claim["witness"]), str(claim["witness"])) for claim in claims)),
            tuple(dict.fromkeys(str(claim["text"]) for claim in claims if claim.get("text"))),
        )
        for (attribute, value, role), claims in found.items()
    ]
    return sorted(lines, key=lambda line: _rank(line.attribute))


def swatch(colour: str) -> str | None:
    return vocabulary().colours.get(colour)


def _rank(attribute: str) -> int:
    return ATTRIBUTES.index(attribute) if attribute in ATTRIBUTES else len(ATTRIBUTES)


def _overall(judged: list[dict[str, Any]]) -> str:
    if not judged:
        return "none"
    return "fail" if any(found["state"] == "fail" for found in judged) else "pass"


def _completeness(found: dict[str, Any]) -> str:
    if not found:
        return ""
    left = ", ".join(str(one["attribute"]).replace("_", " ") for one in found["open"])
    return f"{found['score']:.0%} of the picture is said{f'; open: {left}' if left else ''}"


def _asked(question: dict[str, Any]) -> str:
    """What would be worth asking although nothing waits for it."""
    names = ", ".join(one["names"]["de"] for one in question.get("suggested", []))
    return f"{question['text']['de']} ({names})" if question else ""


def _facts(record: dict[str, Any]) -> list[tuple[str, str]]:
    rows = record.get("source_rows") or []
    size = record.get("size") or []
    facts = [
        ("Article", record["article_id"]),
        ("Rows", ", ".join(f"{row['file']} row {row['row']}" for row in rows)),
        ("Seed", str(record.get("seed", ""))),
        ("Candidates", ", ".join(_candidate(candidate) for candidate in record.get("candidates") or [])),
        ("Cost", _cost(record.get("cost") or {})),
        ("Dyed from", record.get("derived_from") or ""),
        ("Colourways", _family(record.get("family") or {})),
        ("Size", " × ".join(map(str, size)) if size else ""),
        ("Adapter", record.get("adapter") or ""),
        ("Policy", record.get("policy") or ""),
        ("Models", ", ".join(f"{role} {_model(facts)}" for role, facts in (record.get("models") or {}).items())),
        ("Seconds", ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in (record.get("timings") or {}).items())),
        ("SHA-256", record.get("sha256") or ""),
        ("Notes", "; ".join(record.get("notes") or [])),
    ]
    return [(name, value) for name, value in facts if value]


def _candidate(candidate: dict[str, Any]) -> str:
    score, drawn = candidate.get("score_10"), candidate.get("as_drawn")
    shown = "none" if score is None else f"{score:.1f}"
    if drawn is not None and drawn != score:
        shown = f"{drawn:.1f} to {shown} ({', '.join(candidate['repairs'])} put right)"
    shown += " draft" if candidate.get("draft") else ""
    shown += f" for {', '.join(candidate['remedy_for'])}" if candidate.get("remedy_for") else ""
    return f"[{shown}]" if candidate.get("chosen") else shown


def _cost(cost: dict[str, Any]) -> str:
    return f"{cost['pictures']} drawn, {cost['device_seconds']:.2f} s of the renderer" if cost else ""


def _family(family: dict[str, Any]) -> str:
    if not family:
        return ""
    fits = "go together" if family["consistent"] else "differ"
    frame, light = f"frame {family['framing_iou']:.2f}", f"light {family['light_distance']:.1f}"
    return f"{len(family['members'])} {fits}: {frame}, {light} of at most {family['limit']:.1f} L*"


def _model(facts: Any) -> str:
    if not isinstance(facts, dict):
        return str(facts)
    return " ".join(str(facts[key]) for key in ("kind", "pack", "revision") if facts.get(key))
