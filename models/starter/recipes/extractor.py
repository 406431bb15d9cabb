"""Trains the tiny Phi-3 extractor on composed listings: mostly the answer, a little of the prompt."""

from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from torch import Tensor
from torch.nn import functional as F
from transformers import Phi3Config, Phi3ForCausalLM, PreTrainedTokenizerFast

from models.domain import ExtractionOrder
from models.phi3.adapter import cut
from models.phi3.prompt import prompt
from models.phi3.schema import FIELDS, schema, to_json
from models.starter.corpus.listings import Listing, listings
from models.starter.recipes.muon import Together
from models.starter.recipes.schedule import Clock, cosine
from models.starter.recipes.start import begin_with
from models.starter.train import TrainOptions
from models.vocabulary import vocabulary
from models.vocabulary.lexicon import lexicon

PIECES = 3600
WIDTH, LAYERS, HEADS, HIDDEN = 128, 4, 4, 384
SOURCE_TOKENS, ENGLISH_TOKENS = 320, 40
TOKENS = 4000  # of one batch, padding included
POOL = 96  # listings sorted by length before they are batched
PROMPT_SHARE, PROMPT_WEIGHT = 0.25, 0.3  # some of the prompt's tokens count a little: enough to learn copying
WITHOUT_ENGLISH = 0.2  # the source alone must do as well
MINUTES = 25.0
PAD, END = "<|endoftext|>", "<|end|>"
MARKS = (PAD, "<|user|>", "<|assistant|>", END)  # Phi-3's chat


def train(options: TrainOptions) -> None:
    """Writes `extractor/` of the pack; resumes from `work/extractor`."""
    work = options.work / "extractor"
    out = options.out / "extractor"
    tokenizer = _tokenizer(out, options.seed)
    torch.manual_seed(options.seed)
    model = Phi3ForCausalLM(_config(tokenizer)).to(options.device)
    begin_with(model, out)
    optimizer = Together(model)
    clock = Clock("extractor", options.steps, options.minutes or MINUTES)
    clock.resume(work / "state.safetensors", model=model, optimizer=optimizer)
    model.train()
    # A resumed run draws other listings than the ones it has seen.
    for tokens, weights in clock.ticking(_batches(options.seed + clock.step, tokenizer)):
        loss = _loss(model, tokens.to(options.device), weights.to(options.device))
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step(cosine(clock.done, warm=0.04))
        clock.report(loss.item())
    clock.save()
    model.half().save_pretrained(out)
    tokenizer.save_pretrained(out)


def _loss(model: Any, tokens: Tensor, weights: Tensor) -> Tensor:
    """Weighted cross-entropy per answer token; `tokens`, `weights`: (rows, length), padded on the right."""
    hidden = model.model(input_ids=tokens).last_hidden_state[:, :-1]
    wanted, weight = tokens[:, 1:], weights[:, 1:]
    kept = weight > 0
    losses = F.cross_entropy(model.lm_head(hidden[kept]), wanted[kept], reduction="none")
    return (losses * weight[kept]).sum() / (weight == 1).sum()


def _config(tokenizer: PreTrainedTokenizerFast) -> Phi3Config:
    end = tokenizer.eos_token_id
    return Phi3Config(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=HIDDEN, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, num_key_value_heads=HEADS, max_position_embeddings=1024,
        original_max_position_embeddings=1024, tie_word_embeddings=True, sliding_window=None,
        bos_token_id=end, eos_token_id=end, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip


def _tokenizer(folder: Path, seed: int) -> PreTrainedTokenizerFast:
    """Byte-level BPE in which a word is one token wherever it stands, and a field with its value is one token.

    The pack's own is kept, whose numbering its weights know.
    """
    if (folder / "tokenizer.json").exists():
        return PreTrainedTokenizerFast.from_pretrained(folder)
    base = Tokenizer(models.BPE())
    # Shorthand glues words to punctuation; a space after it makes them the words they are elsewhere.
    spaced = [normalizers.Replace(mark, f"{mark} ") for mark in ',/+"„“:|']
    base.normalizer = normalizers.Sequence([normalizers.NFC(), *spaced, normalizers.Replace(Regex(" +"), " ")])
    words = pre_tokenizers.Split(Regex(r"[ -]?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+"), "isolated")
    base.pre_tokenizer = pre_tokenizers.Sequence(
        [words, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    base.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=PIECES,
        special_tokens=list(MARKS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    base.train_from_iterator(_texts(seed), trainer)
    base.add_tokens([AddedToken(text, normalized=False) for text in _skeleton()])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=base,
        eos_token=END,
        pad_token=PAD,
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )
    tokenizer.save_pretrained(folder)
    return tokenizer


def _texts(seed: int) -> Iterator[str]:
    forms = [
        form
        for section in lexicon("de").sections
        for group in lexicon("de").words(section).items()
        for form in (group[0], *group[1])
    ]
    yield from (f" {form} -{form} {form.capitalize()} -{form.capitalize()}" for form in forms)
    for listing in islice(listings(seed + 77), 6000):
        yield f" {listing.name} {listing.description} {listing.model_name} {listing.model_descr} {listing.english}"
        yield to_json(listing.attributes)


def _skeleton() -> list[str]:
    """The fixed pieces of the answers' JSON, each one token: a field with its closed value, brackets, separators."""
    rules = schema(vocabulary())["properties"]
    pieces = ["{", '",', '"],', '"}],', '"}', '"]}', '"}]}', '"},', "true,", "true}"]
    for name in FIELDS:
        rule = rules[name]
        if "enum" in rule:
            pieces += [f'"{name}":"{value}' for value in rule["enum"]]
        else:
            pieces.append(f'"{name}":' + "[" * (rule.get("type") == "array"))
    colour = rules["colours"]["items"]["properties"]
    pieces += [f'{{"value":"{value}' for value in colour["value"]["enum"]]
    pieces += [f'","role":"{role}' for role in colour["role"]["enum"]]
    return [*pieces, *(f'"{value}' for value in rules["pattern"]["items"]["enum"])]


def _batches(seed: int, tokenizer: Any) -> Iterator[tuple[Tensor, Tensor]]:
    stream = listings(seed + 1)
    generator = torch.Generator().manual_seed(seed)
    while True:
        rows = [_encoded(listing, tokenizer, generator) for listing in islice(stream, POOL)]
        rows.sort(key=lambda row: len(row[0]))
        batches: list[list[tuple[list[int], list[float]]]] = [[]]
        for row in rows:
            if len(row[0]) * (len(batches[-1]) + 1) > TOKENS:
                batches.append([])
            batches[-1].append(row)
        for index in torch.randperm(len(batches), generator=generator).tolist():
            yield _padded(batches[index], tokenizer.pad_token_id)


def _encoded(listing: Listing, tokenizer: Any, generator: torch.Generator) -> tuple[list[int], list[float]]:
    """Token ids and loss weights of prompt and answer."""
    english = listing.english if torch.rand((), generator=generator) > WITHOUT_ENGLISH else ""
    order = ExtractionOrder(listing.source, english)
    asked = prompt(order, "compact", vocabulary(), (SOURCE_TOKENS, ENGLISH_TOKENS), partial(cut, tokenizer))
    question = tokenizer(asked).input_ids
    answer = [*tokenizer(to_json(listing.attributes)).input_ids, tokenizer.eos_token_id]
    some = (torch.rand(len(question), generator=generator) < PROMPT_SHARE).float() * PROMPT_WEIGHT
    return question + answer, some.tolist() + [1.0] * len(answer)


def _padded(rows: list[tuple[list[int], list[float]]], pad: int) -> tuple[Tensor, Tensor]:
    width = max(len(ids) for ids, _ in rows)
    tokens = torch.tensor([ids + [pad] * (width - len(ids)) for ids, _ in rows])
    return tokens, torch.tensor([weights + [0.0] * (width - len(weights)) for _, weights in rows])
