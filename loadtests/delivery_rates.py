"""What a delivered picture carries, what that survives, and what it costs: drawn garments that no model has seen.

Per side in pixels: share that carries a mark, shares that are read after each attack, PSNR, white pixels changed, and
CPU to mark, encode, tag and sign; the same for the files of every marketplace, whose finishing is timed with its mark
and without. Then the CPU of `verify` and of the verdict. A step's time is the best of some rounds of the same work, the
median over all pictures. Prints tables and, as the last line, one JSON document. `python -m loadtests.delivery_rates`
"""

import argparse
import json
import math
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean, median
from typing import Any, TypeVar

import numpy as np

from loadtests.attacks import ATTACKS, drawn, garment
from loadtests.place import place
from models.checkpoint import STARTER_PACK
from models.domain import Picture, Pixels
from serve_app.catalogue.finishing import on_white, png
from serve_app.catalogue.verdict import judge
from serve_app.delivery.finish import finish
from serve_app.delivery.profile import names, profile
from serve_app.delivery.subject import read
from serve_app.evaluations.faulty import stated
from serve_app.evaluations.looks import Eyes, Look
from serve_app.provenance.identity import Identity, identity
from serve_app.provenance.manifest import Origin, signed
from serve_app.provenance.mark import SpreadSpectrum
from serve_app.provenance.metadata import tagged
from serve_app.provenance.seal import Marked, Seal, Touch, payload_of
from serve_app.provenance.verify import Verifier
from serve_app.settings import Environment

SIDES = (256, 1024)
ORIGIN = Origin("trainedAlgorithmicMedia", {"models": {"renderer": {"digest": "0" * 64, "licence": "Apache-2.0"}}})
VERIFIED, JUDGED = 8, 8  # pictures: of a cost that hardly differs between them
ROUNDS = 3  # of the same work, whose best one counts: other work on the machine only adds
Done = TypeVar("Done")


@dataclass
class Tally:
    """What happened to the pictures of one kind; `rounds`: times that the same is done to tell what it costs."""

    rounds: int = ROUNDS
    carried: int = 0
    pictures: int = 0
    white_changed: int | None = None  # not looked for
    survived: Counter[str] = field(default_factory=Counter)
    psnr: list[float] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def timed(self, name: str, work: Callable[..., Done], *given: Any) -> Done:
        found = []
        for _ in range(self.rounds):
            began = cpu_s()
            done = work(*given)
            found.append(cpu_s() - began)
        self.seconds.setdefault(name, []).append(min(found))
        return done

    def document(self) -> dict[str, Any]:
        return {
            "pictures": self.pictures,
            "carried": self.carried,
            "read_after": {name: self.survived[name] for name in ATTACKS},
            "psnr_mean": round(fmean(self.psnr), 1) if self.psnr else None,
            "psnr_min": round(min(self.psnr), 1) if self.psnr else None,
            "white_changed": self.white_changed,
            "cpu_ms": {name: round(1000 * median(found), 1) for name, found in self.seconds.items()},
            "cpu_ms_most": {name: round(1000 * max(found), 1) for name, found in self.seconds.items()},
        }


@dataclass(frozen=True)
class Bench:
    """An operator's seal, and the watermarker that reads what it has marked."""

    own: Identity
    seal: Seal
    reader: SpreadSpectrum

    @classmethod
    def of(cls, home: Path) -> "Bench":
        # A key of its own, so that the same garments give the same figures.
        own = replace(
            identity(Environment(profile="development"), home), mark_key=b"delivery rates: the same every time"
        )
        return cls(own, Seal(own), SpreadSpectrum(own.mark_key))

    def attacked(self, tally: Tally, marked: Marked, reference: str, number: int) -> None:
        """Notes whether a picture carries its mark, and after which attacks it is read."""
        tally.pictures += 1
        if marked.mark is None:
            return
        tally.carried += 1
        rng = np.random.default_rng(number)
        for name, attack in ATTACKS.items():
            found = self.reader.read(attack(marked.picture.pixels, rng))
            tally.survived[name] += found is not None and found.payload == payload_of(reference)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=100, help="garments per side, and files of marketplaces")
    asked.add_argument("--sides", type=int, nargs="*", default=SIDES)
    asked.add_argument("--rounds", type=int, default=ROUNDS, help="of every step that is timed")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="vitrine-") as folder:
        bench = Bench.of(Path(folder))
        sizes = {str(side): pictures(bench, side, given) for side in given.sides}
        told(sizes)
        files = {name: marketplace(bench, name, given) for name in names()}
        told(files)
        beside = {"verify_256_ms": verified(bench), "verdict_256_ms": judged()}
    print("  ".join(f"{name}: {value:.0f}" for name, value in beside.items()))
    together = {what: sum(kind[what] for kind in files.values()) for what in ("pictures", "carried")}
    together |= {name: sum(kind["read_after"][name] for kind in files.values()) for name in ATTACKS}
    print("all marketplaces:", ", ".join(f"{what} {count}" for what, count in together.items()))
    document = {"benchmark": "delivery_rates", "sides": sizes, "marketplaces": files, "all_marketplaces": together}
    print(json.dumps(document | beside | {"rounds": given.rounds} | place()))


def pictures(bench: Bench, side: int, given: argparse.Namespace) -> dict[str, Any]:
    """Garments as an article's own picture is delivered."""
    tally = Tally(given.rounds)
    for number in range(given.count):
        pixels, reference = garment(number, side), f"garment {number}"
        marked = tally.timed("mark", bench.seal.marked, pixels, reference)
        shown = marked.picture.pixels
        content = tally.timed("encode", png, shown)
        content = tally.timed("tag", tagged, content, "trainedAlgorithmicMedia")
        tally.timed("sign", signed, content, ORIGIN, bench.own.credential)
        if marked.mark is not None:
            compared(tally, pixels, shown)
        bench.attacked(tally, marked, reference, number)
    return tally.document()


def compared(tally: Tally, before: Pixels, after: Pixels) -> None:
    white = (before == 255).all(axis=-1)
    tally.white_changed = (tally.white_changed or 0) + int((after[white] != 255).any(axis=-1).sum())
    error = float(np.mean((before.astype(np.float32) - after) ** 2))
    tally.psnr.append(10 * math.log10(255**2 / error))


def marketplace(bench: Bench, name: str, given: argparse.Namespace) -> dict[str, Any]:
    """Every tenth garment by each of the ten profiles, from 256 px and in turn from 1024 px."""
    tally, rules = Tally(given.rounds), profile(name)
    for number in range(names().index(name), given.count, len(names())):
        side, reference = SIDES[number // len(names()) % 2], f"garment {number}"
        _, drawing = drawn(number, side)
        picture = on_white(drawing.picture, drawing.mask)
        touch = Touch(bench.seal, reference)
        done = tally.timed(f"finish {side}", finish, picture, drawing.mask, rules, None, touch)
        tally.timed(f"unmarked {side}", finish, picture, drawing.mask, rules)
        tally.timed(f"label {side}", bench.seal.labelled, done.content, ORIGIN)
        assert touch.last is not None
        delivered = read(done.content).pixels  # what a JPEG of the marketplace has left of the mark
        bench.attacked(tally, Marked(Picture(delivered), touch.last.mark, touch.last.look), reference, number)
    return tally.document()


def verified(bench: Bench) -> float:
    """Milliseconds of CPU, its two children included."""
    tally, verifier = Tally(), Verifier(bench.own)
    for number in range(VERIFIED):
        content = bench.seal.article(garment(number, 256), f"garment {number}", ORIGIN).content
        tally.timed("verify", verifier.examine, content)
    return float(tally.document()["cpu_ms"]["verify"])


def judged() -> float:
    """Milliseconds of CPU of the verdict alone, after scorer and segmenter."""
    tally, eyes = Tally(), Eyes(STARTER_PACK, 1)
    found = [drawn(number, 256) for number in range(JUDGED)]
    looks = [Look(drawing.picture, stated(one), "a photo of a garment") for one, drawing in found]
    for seen in eyes.see(looks):
        tally.timed("verdict", judge, seen.evidence)
    return float(tally.document()["cpu_ms"]["verdict"])


def told(kinds: dict[str, dict[str, Any]]) -> None:
    print(f"{'':<16} carry    {'  '.join(ATTACKS)}  PSNR  CPU ms")
    for name, kind in kinds.items():
        reads = "  ".join(f"{kind['read_after'][attack]:>{len(attack)}}" for attack in ATTACKS)
        costs = ", ".join(f"{step} {value:.0f}" for step, value in kind["cpu_ms"].items())
        print(f"{name:<16} {kind['carried']:>3}/{kind['pictures']:<3}  {reads}  {kind['psnr_mean'] or '':>4}  {costs}")


def cpu_s() -> float:
    """Of this process and the children that it has waited for."""
    used = os.times()
    return time.process_time() + used.children_user + used.children_system


if __name__ == "__main__":
    main()
