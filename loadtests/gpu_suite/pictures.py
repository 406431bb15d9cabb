"""Whole pictures: prompt to PNG one after the other, and with the stages of several pictures overlapped."""

import functools
import itertools
import queue
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from loadtests.gpu_suite import stages
from loadtests.gpu_suite.denoiser import PER_TOKEN, Denoisers, inputs
from loadtests.gpu_suite.kept import Kept
from loadtests.gpu_suite.sizes import Sizes
from loadtests.gpu_suite.timing import wait

PART = "pictures"
AHEAD = 2  # texts that are encoded before their picture's turn, and pictures that wait to be decoded
FILES = 4  # threads that write PNGs: one takes a tenth of a picture's time


class StoppedError(Exception):
    """Another stage failed."""


@dataclass(frozen=True)
class Studio:
    """All models of one picture's way."""

    sizes: Sizes
    side: int
    device: torch.device
    transformer: Any
    t5: Any
    clip: Any
    vae: Any

    def encode(self) -> dict[str, Any]:
        """A prompt's embeds and the noise, as the denoiser takes them."""
        given = inputs(self.sizes.flux, self.side, 1, self.sizes.tokens, self.device)
        sequence = self.t5(stages.tokens(self.sizes.t5, 1, self.sizes.tokens, self.device)).last_hidden_state
        pooled = self.clip(stages.tokens(self.sizes.clip_text, 1, 77, self.device)).pooler_output
        return given | {"encoder_hidden_states": sequence, "pooled_projections": pooled}

    def denoise(self, given: dict[str, Any]) -> Tensor:
        """The latents after all Euler steps."""
        moving, levels = given["hidden_states"], torch.linspace(1.0, 0.0, self.sizes.steps + 1).tolist()
        for level, after in itertools.pairwise(levels):
            timestep = torch.full_like(given["timestep"], level)
            (velocity,) = self.transformer(**given | {"hidden_states": moving, "timestep": timestep})
            moving = moving + (after - level) * velocity
        return moving  # type: ignore[no-any-return]

    def decode(self, packed: Tensor) -> Tensor:
        """Pixels in the host's memory; the unpacking is FLUX's."""
        rows = self.side // PER_TOKEN
        cells = packed.view(1, rows, rows, -1, 2, 2).permute(0, 3, 1, 4, 2, 5).reshape(1, -1, 2 * rows, 2 * rows)
        image = self.vae.decode(cells.to(memory_format=torch.channels_last), return_dict=False)[0]
        return (image.float().clamp(-1, 1) + 1).mul(127.5).round().to(torch.uint8).cpu()  # type: ignore[no-any-return]


def measure(kept: Kept, sizes: Sizes, made: Denoisers, engine: str) -> None:
    """A cell per engine: pictures of the largest side, both ways in turn, as many rounds as the sizes say."""
    if kept.missing(PART, [engine]):
        kept.measure(PART, engine, functools.partial(_both, sizes, made, engine))


def _both(sizes: Sizes, made: Denoisers, engine: str) -> dict[str, Any]:
    device = made.device
    studio = Studio(
        sizes, sizes.sides[-1], device, made.of(engine), stages.t5(sizes.t5, device),
        stages.clip_text(sizes.clip_text, device), stages.autoencoder(sizes.vae, device),
    )  # fmt: skip
    ways: dict[str, Callable[[Studio, int], None]] = {"sequential": sequential, "overlapped": overlapped}
    for way in ways.values():
        way(studio, 2)  # compilation, and each thread's first calls
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(sizes.rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            way(studio, sizes.pictures)
            seconds[name].append((time.perf_counter() - began) / sizes.pictures)
    found: dict[str, Any] = {"side": studio.side, "steps": sizes.steps, "tokens": sizes.tokens}
    for name, each in seconds.items():
        found |= {f"{name}_s": statistics.median(each), f"{name}_s_range": [min(each), max(each)]}
        found[f"{name}_pictures_per_h"] = 3600 / statistics.median(each)
    return found


def sequential(studio: Studio, count: int) -> None:
    """One stage after the other, one picture after the other."""
    drawn = stages.photograph(studio.side)
    with torch.inference_mode():
        for _ in range(count):
            studio.decode(studio.denoise(studio.encode()))
            stages.png(drawn)
    wait(studio.device)


def overlapped(studio: Studio, count: int) -> None:
    """Texts, steps and decoding in a thread and a stream each, files in a pool; what fails in one ends all."""
    drawn = stages.photograph(studio.side)
    ready: queue.Queue[Any] = queue.Queue(AHEAD)
    done: queue.Queue[Any] = queue.Queue(AHEAD)
    stop = threading.Event()

    def encoding() -> None:
        for _ in range(count):
            _put(ready, _handed(studio.device, studio.encode()), stop)

    def denoising() -> None:
        for _ in range(count):
            _put(done, _handed(studio.device, {"packed": studio.denoise(_taken(_get(ready, stop)))}), stop)

    def decoding(files: ThreadPoolExecutor) -> list["Future[bytes]"]:
        written = []
        for _ in range(count):
            studio.decode(_taken(_get(done, stop))["packed"])
            written.append(files.submit(stages.png, drawn))
        return written

    with ThreadPoolExecutor(3) as threads, ThreadPoolExecutor(FILES) as files:
        work: list[Future[Any]] = [threads.submit(_own_stream, studio, run) for run in (encoding, denoising)]
        work.append(threads.submit(_own_stream, studio, functools.partial(decoding, files)))
        for one in work:
            one.add_done_callback(lambda ended: stop.set() if ended.exception() else None)
        failed = [error for one in work if (error := one.exception()) is not None]
    for error in sorted(failed, key=lambda error: isinstance(error, StoppedError)):
        raise error  # the cause before those that it stopped
    for written in work[-1].result():
        written.result()


def _own_stream(studio: Studio, run: Callable[[], Any]) -> Any:
    stream: AbstractContextManager[Any] = nullcontext()
    if studio.device.type == "cuda":
        stream = torch.cuda.stream(torch.cuda.Stream(studio.device))  # type: ignore[no-untyped-call]
    with stream, torch.inference_mode():
        return run()


Handed = tuple[dict[str, Any], Any]
"""Tensors that another stream will read, and the event after which they are there; None on a CPU."""


def _handed(device: torch.device, made: dict[str, Any]) -> Handed:
    return made, torch.cuda.current_stream(device).record_event() if device.type == "cuda" else None


def _taken(handed: Handed) -> dict[str, Any]:
    """For the thread's own stream, which waits for them; the thread itself does not."""
    made, event = handed
    if event is not None:
        torch.cuda.current_stream().wait_event(event)
        for one in made.values():
            if isinstance(one, Tensor):
                one.record_stream(torch.cuda.current_stream())  # not free for others before it is read
    return made


def _put(line: "queue.Queue[Any]", one: Any, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            return line.put(one, timeout=0.1)
        except queue.Full:
            continue
    raise StoppedError


def _get(line: "queue.Queue[Any]", stop: threading.Event) -> Any:
    while not stop.is_set():
        try:
            return line.get(timeout=0.1)
        except queue.Empty:
            continue
    raise StoppedError
