"""Texts written together: each is the one that transformers writes alone, whatever the neighbours do."""

import random
from collections.abc import Sequence
from itertools import islice
from typing import Any

import pytest
import torch
from transformers import Phi3Config, Phi3ForCausalLM

from models.domain import ExtractionOrder
from models.phi3.adapter import Extraction, Phi3
from models.phi3.decoding import Decoder, Text
from models.phi3.recipe import Phi3Recipe
from models.starter.corpus.listings import listings

WORDS = 97


class Unruled:
    """A grammar that allows everything."""

    def allowed(self, matchers: Sequence[Any]) -> torch.Tensor:
        return torch.ones((len(matchers), WORDS), dtype=torch.bool)


class Endless:
    def consume_token(self, token: int) -> None: ...


def tiny(window: int | None) -> Phi3ForCausalLM:
    torch.manual_seed(3)
    config = Phi3Config(
        vocab_size=WORDS, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, sliding_window=window, pad_token_id=0, bos_token_id=1, eos_token_id=None,
        initializer_range=0.5,
    )  # fmt: skip
    return Phi3ForCausalLM(config).eval()


@pytest.fixture(scope="module")
def phi3() -> Phi3:
    return Phi3Recipe(threads=1).load()


@pytest.fixture(scope="module")
def orders() -> list[ExtractionOrder]:
    return [ExtractionOrder(listing.source, listing.english) for listing in islice(listings(9001), 50)]


@pytest.mark.parametrize("window", [None, 9])
def test_every_text_is_the_one_that_transformers_writes_alone(window: int | None) -> None:
    model, rng = tiny(window), random.Random(5)
    beginning = [rng.randrange(1, WORDS) for _ in range(12)]
    lengths = [1, 30, 4, 17, 2, 150]
    prompts = [beginning[: rng.randrange(13)] + [rng.randrange(1, WORDS) for _ in range(many)] for many in lengths]
    decoder, texts = Decoder(model, Unruled(), 4, beginning), [Text(prompt, Endless()) for prompt in prompts]
    lasts = [25, 9, 40, 12, 30, 20]
    while waiting := [text for text, last in zip(texts, lasts, strict=True) if len(text.written) < last]:
        decoder.advance(waiting[:4])
    for text, last in zip(texts, lasts, strict=True):
        alone = model.generate(torch.tensor([text.prompt]), do_sample=False, max_new_tokens=last)
        assert text.written == alone[0, len(text.prompt) :].tolist(), (window, len(text.prompt))


def test_fifty_listings_with_changing_neighbours_are_written_as_each_is_alone(
    phi3: Phi3, orders: list[ExtractionOrder]
) -> None:
    rng, waiting, company = random.Random(11), [phi3.begin(order) for order in orders], list[Extraction]()
    everything = list(waiting)
    while waiting or company:
        if company and rng.random() < 0.05:  # leaves in the middle and comes again
            waiting.append(company.pop(rng.randrange(len(company))))
        while waiting and len(company) < rng.randint(1, phi3.together):
            company.append(waiting.pop(rng.randrange(len(waiting))))
        phi3.step(company)
        company = [one for one in company if one.outcome is None]
    for one in everything:
        assert one.text is not None
        assert one.text.written == alone(phi3, one.text), phi3._tokenizer.decode(one.text.written)


def alone(phi3: Phi3, text: Text) -> list[int]:
    """The best allowed token after each beginning of the text, in one pass without cache and neighbours."""
    model, matcher = phi3._decoder._model, phi3._grammar.matcher()
    with torch.inference_mode():
        scores = model(torch.tensor([text.prompt + text.written[:-1]])).logits[0, len(text.prompt) - 1 :]
    best: list[int] = []
    for row, token in zip(scores, text.written, strict=True):
        best.append(int(row.masked_fill(~phi3._grammar.allowed([matcher])[0], float("-inf")).argmax()))
        matcher.consume_token(token)
    assert matcher.is_accepting()
    return best


def test_a_text_ends_with_its_closing_brace_and_costs_no_step_more(phi3: Phi3, orders: list[ExtractionOrder]) -> None:
    one, steps = phi3.begin(orders[0]), 0
    while one.outcome is None:
        phi3.step([one])
        steps += 1
    assert one.text is not None
    assert steps == len(one.text.written)
    assert phi3._tokenizer.decode(one.text.written).endswith("}")


def test_what_all_prompts_begin_with_is_read_once(
    phi3: Phi3, orders: list[ExtractionOrder], monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Phi3(phi3._decoder._model, phi3._tokenizer, phi3._numbers.model_copy(update={"prompt": "full"}))
    beginning, passes = full._decoder._beginning, list[int]()
    read = full._decoder._pass

    def counted(row: int, tokens: list[list[int]], places: list[list[int]]) -> torch.Tensor:
        passes.append(sum(map(len, tokens)))
        return read(row, tokens, places)

    monkeypatch.setattr(full._decoder, "_pass", counted)
    one, other = full.begin(orders[0]), full.begin(orders[1])
    full.step([one, other])
    assert one.text is not None
    assert other.text is not None
    assert len(beginning) > 800, "the rules and the vocabulary stand before the listing"
    assert one.text.prompt[: len(beginning)] == other.text.prompt[: len(beginning)] == beginning
    assert sum(passes) == len(one.text.prompt) + len(other.text.prompt) - 2 * len(beginning)
