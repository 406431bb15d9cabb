"""Held-out figures of the translator: real queries, unseen combinations, unseen sentence templates."""

import time
from pathlib import Path
from typing import Any, Protocol

from models.marian.recipe import MarianRecipe
from models.starter.corpus.pairs import held_out_sentences, queries, unseen_templates
from models.starter.corpus.telling import Pair

COMPOSED = 500  # distinct sentences of each kind


class Options(Protocol):
    """Where the shared corpora lie and which pack is judged."""

    data: Path
    pack: Path


def evaluate(options: Options) -> dict[str, Any]:
    """BLEU and chrF (sacrebleu's defaults, with case), and the share of sentences that are right to the letter."""
    import torch

    translator = MarianRecipe(pack=options.pack, threads=torch.get_num_threads()).load()
    sets = {
        "queries": queries(options.data, held_out=True),
        "combinations": held_out_sentences(COMPOSED),
        "templates": unseen_templates(COMPOSED),
    }
    return {name: _figures(translator, pairs) for name, pairs in sets.items()}


def _figures(translator: Any, pairs: list[Pair]) -> dict[str, float]:
    import sacrebleu

    started = time.perf_counter()
    said = [text if isinstance(text, str) else "" for text in translator.translate([german for german, _ in pairs])]
    seconds = time.perf_counter() - started
    wanted = [english for _, english in pairs]
    return {
        "n": len(pairs),
        "bleu": round(sacrebleu.corpus_bleu(said, [wanted]).score, 1),
        "chrf": round(sacrebleu.corpus_chrf(said, [wanted]).score, 1),
        "exact": round(sum(map(str.__eq__, said, wanted)) / len(pairs), 3),
        "seconds_per_sentence": round(seconds / len(pairs), 4),
    }
