"""Word-level tokenizers of the real classes, built in memory from the words that prompts can contain."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from models.starter.captions import generation_caption
from models.starter.drawing import sample
from models.vocabulary import vocabulary

CLIP_LENGTH = 64  # tokens; the longest caption has about 50 in CLIP's word splitting
T5_LENGTH = 56  # tokens; the longest caption has 45 with its commas and the end, two more features fit
SAMPLED = 4000  # captions that complete the vocabulary's own words


def prompt_words(extra: Iterable[str] = ()) -> list[str]:
    """Every lower-case word of the vocabulary and of many captions, sorted; punctuation excluded."""
    rng = np.random.default_rng(0)
    known = vocabulary()
    texts = [generation_caption(sample(rng), rng) for _ in range(SAMPLED)]
    texts += [*known.audiences.values(), *known.types, *known.colours, *known.phrases.values()]
    for values in (known.sleeves, known.necklines, known.patterns, known.fits, known.closures, known.lengths):
        texts += values
    texts += extra
    return sorted({word for text in texts for word in re.findall(r"[^\s,]+", text.lower())})


def t5_tokenizer(words: list[str]) -> Any:
    """One token per word; an unknown word becomes one `<unk>`."""
    from transformers import T5Tokenizer

    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), (",", -1.0)]
    pieces += [(f"▁{word}", -2.0) for word in words]
    return T5Tokenizer(vocab=pieces, extra_ids=0, additional_special_tokens=[], model_max_length=512)


def clip_tokenizer(words: list[str]) -> Any:
    """Byte-level BPE whose merges build every word whole; other words fall into letters."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import CLIPTokenizer

    special = ["<|startoftext|>", "<|endoftext|>"]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trained = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    trained.pre_tokenizer = pre_tokenizers.Split(",", "removed")
    trainer = trainers.BpeTrainer(
        vocab_size=5000, min_frequency=1, special_tokens=special, initial_alphabet=alphabet,
        end_of_word_suffix="</w>", show_progress=False,
    )  # fmt: skip
    parts = [part for word in words for part in re.findall(r"'s|[^\W\d_]+|\d|[^\s\w]+", word)]
    trained.train_from_iterator(parts, trainer)
    import json

    learnt = json.loads(trained.to_str())["model"]
    ids = dict(learnt["vocab"])
    for letter in alphabet:
        ids.setdefault(f"{letter}</w>", len(ids))
    merges = [tuple(merge) for merge in learnt["merges"]]
    return CLIPTokenizer(vocab=ids, merges=merges, model_max_length=CLIP_LENGTH)
