"""Trains the tiny Marian translator: shared BPE, three layers on each side, real and composed pairs."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from torch import Tensor
from torch.nn import functional as F
from transformers import MarianConfig, MarianMTModel, MarianTokenizer

from models.starter.corpus.pairs import mixture, queries
from models.starter.corpus.telling import Pair
from models.starter.recipes.schedule import Clock, cosine
from models.starter.recipes.start import begin_with
from models.starter.train import TrainOptions

PIECES = 5000
WIDTH, LAYERS, HEADS, HIDDEN = 192, 3, 6, 640
TOKENS = 2600  # of both languages in one batch, padding included
POOL = 512  # pairs sorted by length before they are batched
RATE = 1.5e-3
SMOOTHING = 0.1
MINUTES = 30.0
MAX_TOKENS = 120
Encoded = tuple[list[int], list[int]]
"""Token ids of the source and of its translation, each with its end."""


def train(options: TrainOptions) -> None:
    """Writes `translator/` of the pack; resumes from `work/translator`."""
    work = options.work / "translator"
    out = options.out / "translator"
    tokenizer = _tokenizer(out, options.data, options.seed)
    torch.manual_seed(options.seed)
    model = MarianMTModel(_config(len(tokenizer))).to(options.device)
    begin_with(model, out)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.02)
    clock = Clock("translator", options.steps, options.minutes or MINUTES)
    clock.resume(work / "state.safetensors", model=model, optimizer=optimizer)
    model.train()
    # A resumed run draws other pairs than the ones it has seen.
    for batch in clock.ticking(_batches(options.data, options.seed + clock.step, tokenizer)):
        for group in optimizer.param_groups:
            group["lr"] = RATE * cosine(clock.done, warm=0.06)
        logits = model(**{name: tensor.to(options.device) for name, tensor in batch.items()}).logits
        labels = batch["labels"].to(options.device)
        loss = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), label_smoothing=SMOOTHING)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        clock.report(loss.item())
    clock.save()
    model.half().save_pretrained(out)
    tokenizer.save_pretrained(out)


def _config(size: int) -> MarianConfig:
    return MarianConfig(
        vocab_size=size, d_model=WIDTH, encoder_layers=LAYERS, decoder_layers=LAYERS,
        encoder_attention_heads=HEADS, decoder_attention_heads=HEADS, encoder_ffn_dim=HIDDEN, decoder_ffn_dim=HIDDEN,
        max_position_embeddings=256, activation_function="swish", dropout=0.1, attention_dropout=0.0,
        scale_embedding=True, share_encoder_decoder_embeddings=True, tie_word_embeddings=True,
        pad_token_id=size - 1, eos_token_id=0, forced_eos_token_id=0, decoder_start_token_id=size - 1,
    )  # fmt: skip


def _tokenizer(folder: Path, data: Path, seed: int) -> MarianTokenizer:
    """Marian's files as the public checkpoints have them, one piece list for both languages; the pack's own is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "vocab.json").exists():
        pairs = [*queries(data, held_out=False), *islice(mixture(data, seed), 30_000)]
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter([text for pair in pairs for text in pair]), model_prefix=str(folder / "joint"),
            model_type="bpe", vocab_size=PIECES, character_coverage=1.0, normalization_rule_name="nfkc",
            minloglevel=2, required_chars="ÄÖÜäöüßéèàçêô®™°%&+/()[]'\"„“”»«–—!?:;,.#*@€0123456789",
        )  # fmt: skip
        (folder / "joint.vocab").unlink()
        (folder / "joint.model").rename(folder / "source.spm")
        (folder / "target.spm").write_bytes((folder / "source.spm").read_bytes())
        pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
        texts = [pieces.id_to_piece(index) for index in range(pieces.vocab_size())]
        kept = [text for text in texts if text not in ("<s>", "</s>", "<unk>")]
        names = ["</s>", "<unk>", *kept, "<pad>"]
        (folder / "vocab.json").write_text(
            json.dumps({name: place for place, name in enumerate(names)}, ensure_ascii=False)
        )
    files = {name: str(folder / f"{name}.spm") for name in ("source", "target")}
    return MarianTokenizer(
        source_spm=files["source"], target_spm=files["target"], vocab=str(folder / "vocab.json"),
        source_lang="de", target_lang="en", model_max_length=256,
    )  # fmt: skip


def _batches(data: Path, seed: int, tokenizer: MarianTokenizer) -> Iterator[dict[str, Tensor]]:
    stream = mixture(data, seed)
    while True:
        pool = [_encoded(pair, tokenizer) for pair in islice(stream, POOL)]
        pool = [pair for pair in pool if max(map(len, pair)) <= MAX_TOKENS]
        pool.sort(key=lambda pair: (len(pair[0]), len(pair[1])))
        batches: list[list[Encoded]] = []
        batch: list[Encoded] = []
        for pair in pool:
            longest = max(len(pair[0]) + len(pair[1]), *(len(a) + len(b) for a, b in batch)) if batch else 0
            if batch and longest * (len(batch) + 1) > TOKENS:
                batches.append(batch)
                batch = []
            batch.append(pair)
        batches.append(batch)
        for index in torch.randperm(len(batches)).tolist():
            yield _padded(batches[index], tokenizer)


def _encoded(pair: Pair, tokenizer: Any) -> Encoded:
    both = tokenizer(pair[0], text_target=pair[1])
    return both["input_ids"], both["labels"]


def _padded(batch: list[Encoded], tokenizer: Any) -> dict[str, Tensor]:
    pad = tokenizer.pad_token_id

    def stacked(rows: list[list[int]], filler: int) -> Tensor:
        width = max(map(len, rows))
        return torch.tensor([row + [filler] * (width - len(row)) for row in rows])

    source = stacked([pair[0] for pair in batch], pad)
    labels = stacked([pair[1] for pair in batch], -100)
    return {"input_ids": source, "attention_mask": (source != pad).long(), "labels": labels}
