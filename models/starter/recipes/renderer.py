"""Makes the renderer: an autoencoder written from a patch basis, latents and captions, denoiser and text encoders.

A new training starts from the pack's own text encoders and transformer where they fit, unless the pack has none.
Without `--steps` or `--minutes` it trains for `MINUTES` of process time; `--steps 0` exports what was trained so far.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor

from models.starter.captions import BACKDROPS, MEDIA
from models.starter.recipes import autoencoder, corpus, denoiser, pipeline
from models.starter.recipes.distractors import distractors
from models.starter.recipes.muon import Average, Together
from models.starter.recipes.patch_basis import PatchBasis, fit
from models.starter.recipes.prompt_tokenizers import CLIP_LENGTH, T5_LENGTH, clip_tokenizer, prompt_words, t5_tokenizer
from models.starter.recipes.schedule import Clock, cosine
from models.starter.recipes.start import begin_with
from models.starter.train import TrainOptions

MINUTES = 100.0  # of process time on one core; the figures of the card
POOL = 3000  # pictures that the autoencoder is fitted on; 0.6 GB
BASIS_SAMPLE = 1500
SHARDS = 45  # of 500 drawings; the shards that are missing are drawn first
BATCH = 64


def train(options: TrainOptions) -> None:
    """Writes `renderer/` of the pack: a `FluxPipeline` in float16."""
    work = options.work / "renderer"
    vae, basis = written_autoencoder(work, options.seed)
    for index in range(SHARDS if options.steps != 0 else 0):
        corpus.write_shard(work / "shards", index, corpus.seen, basis, options.seed)
    trained = train_denoiser(options, vae, work, options.out / "renderer")
    pipeline.export(trained, options.out / "renderer")


def written_autoencoder(work: Path, seed: int) -> tuple[Any, PatchBasis]:
    """The autoencoder, and the basis that its encoder computes; nothing of it is trained."""
    pool = picture_pool(work, seed)
    basis = learnt_basis(work, pool)
    vae, file = autoencoder.build(), work / "autoencoder.safetensors"
    if not file.exists():
        autoencoder.write(vae, basis, corpus.to_tensor(pool[: autoencoder.SAMPLE]))
        save_file(vae.state_dict(), file)
    vae.load_state_dict(load_file(file))
    return vae, basis


def picture_pool(work: Path, seed: int) -> NDArray[np.uint8]:
    """`POOL` training pictures, one in thirty a sketch; drawn once."""
    file = work / "pictures.npy"
    if not file.exists():
        work.mkdir(parents=True, exist_ok=True)
        sketches = corpus.pictures(corpus.restyled(corpus.seen, style="sketch"), seed + 1, POOL // 30)
        photos = corpus.pictures(corpus.seen, seed, POOL - len(sketches))
        order = np.random.default_rng(seed).permutation(POOL)
        np.save(file, np.concatenate([photos, sketches])[order])
    pool: NDArray[np.uint8] = np.load(file, mmap_mode="r")
    return pool


def learnt_basis(work: Path, pool: NDArray[np.uint8]) -> PatchBasis:
    """The patch basis of this training, from `work` when it is already there."""
    file = work / "basis.npz"
    if not file.exists():
        basis = fit(corpus.to_tensor(pool[:BASIS_SAMPLE]), autoencoder.CHANNELS)
        stages = {f"stage{index}": stage for index, stage in enumerate(basis.stages)}
        np.savez(file, scale=basis.scale, shift=basis.shift, **stages)  # type: ignore[arg-type]
    kept = np.load(file)
    return PatchBasis(tuple(kept[f"stage{index}"] for index in range(4)), kept["scale"], kept["shift"])


def tokenizers(start: Path) -> tuple[Any, Any]:
    """CLIP's and T5's: those of the pipeline to start from, or new ones over vocabulary, captions and distractors."""
    from transformers import CLIPTokenizer, T5Tokenizer

    if (start / "tokenizer").exists():
        return CLIPTokenizer.from_pretrained(start / "tokenizer"), T5Tokenizer.from_pretrained(start / "tokenizer_2")
    words = prompt_words([*MEDIA.values(), *BACKDROPS.values(), *distractors(), "an"])
    return clip_tokenizer(words), t5_tokenizer(words)


def train_denoiser(options: TrainOptions, vae: Any, work: Path, start: Path) -> Any:
    """A pipeline with the averaged weights of text encoders and transformer."""
    clip, t5 = tokenizers(start)
    model = denoiser.build(clip, t5).to(options.device)
    parts = {"text_encoder": model.clip, "text_encoder_2": model.t5, "transformer": model.transformer}
    for name, module in parts.items():
        begin_with(module, start / name)
    denoiser.exact_attention()
    average, optimiser = Average(model), Together(model)
    clock = Clock("denoiser", options.steps, options.minutes or MINUTES)
    clock.resume(work / "denoiser.safetensors", model=model, optimiser=optimiser, average=average)
    if clock.done < 1:
        data = corpus.Corpus(work / "shards", lambda texts: token_ids(clip, t5, texts))
        fast = torch.compile(model) if shutil.which("g++") else model
        generator = torch.Generator().manual_seed(options.seed + clock.step)
        for latents, clip_ids, t5_ids in clock.ticking(_forever(data, generator)):
            loss = denoiser.flow_loss(fast, denoiser.FlowBatch.of(latents, generator), clip_ids, t5_ids, options.device)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step(cosine(clock.done))
            average.update(clock.step)
            clock.report(loss.item())
        clock.save()
    model.load_state_dict(average.weights)
    return pipeline.assemble(vae, model.cpu().eval(), clip, t5)


def token_ids(clip: Any, t5: Any, texts: list[str]) -> tuple[Tensor, Tensor]:
    """CLIP ids (n, 64) and T5 ids (n, 56), as `FluxPipeline` pads them."""
    padded = {"padding": "max_length", "truncation": True, "return_tensors": "pt"}
    return clip(texts, max_length=CLIP_LENGTH, **padded).input_ids, t5(texts, max_length=T5_LENGTH, **padded).input_ids


def _forever(data: corpus.Corpus, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    step = 0
    while True:
        if step % 100 == 0:
            data.refresh()
        yield data.batch(BATCH, generator)
        step += 1
