"""Checks prompts against their sources: no fragment without a claim, no claim without its text, nothing unseen."""

import re

from models.domain import Refusal
from serve_app.catalogue.claims import Claim
from serve_app.catalogue.ledger import Ledger
from serve_app.catalogue.lexicon import matcher
from serve_app.catalogue.listing import COLUMNS, Listing
from serve_app.catalogue.prompts import Prompts, cautious_count, template, write

YOUNG = re.compile(r"\byoung\b", re.IGNORECASE)


def faults(listing: Listing, ledger: Ledger) -> list[str]:
    """What is wrong with a ledger's prompts, empty where nothing is; a ledger without a type has none to check."""
    prompts = write(ledger)
    if isinstance(prompts, Refusal):
        return []
    return [*unsourced(listing, prompts), *unseen(prompts), *too_long(prompts), *too_young(ledger, prompts)]


def unsourced(listing: Listing, prompts: Prompts) -> list[str]:
    """Fragments without a source, sources whose text does not stand where they say, and text outside fragments."""
    found: list[str] = []
    for fragment in (*prompts.fragments, *prompts.scoring_fragments):
        if fragment.house is None and not fragment.sources:
            found.append(f"unsourced: {fragment.text!r}")
        found += [f"misplaced: {c.text!r} of {fragment.text!r}" for c in fragment.sources if not stands(listing, c)]
    rebuilt = template(prompts.template).generation.joiner.join(f.text for f in prompts.fragments)
    return found if rebuilt == prompts.generation else [*found, "text outside fragments"]


def stands(listing: Listing, said: Claim) -> bool:
    """Whether a claim's text stands at its span; answers and house choices stand outside the listing."""
    if said.column not in COLUMNS:
        return said.witness in ("seller", "house")
    text: str = getattr(listing, said.column)
    return 0 <= said.start < said.end <= len(text) and text[said.start : said.end] == said.text


def unseen(prompts: Prompts) -> list[str]:
    """Comfort, certificates and the like in either prompt."""
    values = matcher().sections["non_visual_claims"]
    said = (f"{prompts.generation}\n{prompts.scoring}").lower()
    return [f"non-visual: {value}" for value in values if re.search(rf"\b{re.escape(value.lower())}\b", said)]


def too_long(prompts: Prompts) -> list[str]:
    """A scoring prompt beyond the scorer's context."""
    count, limit = cautious_count(prompts.scoring), template(prompts.template).scoring.tokens
    return [f"scoring prompt of {count} tokens, {limit} allowed"] if count > limit else []


def too_young(ledger: Ledger, prompts: Prompts) -> list[str]:
    """ "young" for boys, the classic mistranslation."""
    stated = ledger.attributes.motif_text or ""
    said = f"{prompts.generation} {prompts.scoring}".replace(stated, "")
    return ["young"] if YOUNG.search(said) else []
