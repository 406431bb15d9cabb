"""Which recipe a `kind` selects, per role. A model family is imported only when its kind is named."""

import hashlib
import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, cast

from pydantic import BaseModel, ValidationError

from models.errors import PackError
from models.licences import LicencePolicy, admit
from models.manifest import Manifest, sha256_of
from models.roles import Extractor, Reader, Renderer, Retoucher, Scorer, Segmenter, Translator, Upscaler

Role = Literal["translator", "extractor", "renderer", "scorer", "segmenter", "retoucher", "upscaler", "reader"]
Adapter_co = TypeVar("Adapter_co", covariant=True)
# Where a pack lies and how a replica shares out its cores do not change what comes out.
HOW = {"pack", "threads", "decoders", "nice"}

KINDS: dict[Role, dict[str, str]] = {
    "translator": {"marian": "models.marian.recipe:MarianRecipe", "double": "models.doubles.recipe:TranslatorDouble"},
    "extractor": {"phi3": "models.phi3.recipe:Phi3Recipe", "double": "models.doubles.recipe:ExtractorDouble"},
    "renderer": {"flux": "models.flux.recipe:FluxRecipe", "double": "models.doubles.recipe:RendererDouble"},
    "scorer": {"clip": "models.clip.recipe:ClipRecipe", "double": "models.doubles.recipe:ScorerDouble"},
    "segmenter": {"sam": "models.sam.recipe:SamRecipe", "double": "models.doubles.recipe:SegmenterDouble"},
    "retoucher": {
        "stable-diffusion": "models.stable_diffusion.recipe:StableDiffusionRecipe",
        "double": "models.doubles.recipe:RetoucherDouble",
    },
    "upscaler": {"swin2sr": "models.swin2sr.recipe:Swin2SRRecipe", "double": "models.doubles.recipe:UpscalerDouble"},
    "reader": {"ppocr": "models.ppocr.recipe:PpocrRecipe", "double": "models.doubles.recipe:ReaderDouble"},
}


class Recipe(Protocol[Adapter_co]):
    """A validated choice of model; `load` imports the heavy library and reads the weights (seconds)."""

    def load(self) -> Adapter_co: ...


def recipe_of(role: Role, chosen: dict[str, Any], gate: bool = True) -> BaseModel:
    """The recipe that `chosen["kind"]` selects; `chosen["licences"]` is the operator's policy, `gate` asks it.

    Raises PackError for an unknown kind or field and LicenceError for weights that the policy does not let in.
    """
    fields = dict(chosen)
    policy = LicencePolicy.model_validate(fields.pop("licences", {}))
    kind = fields.get("kind")
    if kind not in KINDS[role]:
        raise PackError(f"{role} has no recipe of kind {kind!r}; choose one of {', '.join(KINDS[role])}")
    module, name = KINDS[role][kind].split(":")
    try:
        recipe = cast(BaseModel, getattr(importlib.import_module(module), name).model_validate(fields))
    except ValidationError as error:
        raise PackError(f"the recipe of the {role} is not valid: {error}") from error
    if gate and (manifest := manifest_of(recipe)) is not None:
        admit(manifest, role, policy)
    return recipe


def translator_recipe(chosen: dict[str, Any]) -> Recipe[Translator]:
    """See `recipe_of`."""
    return cast(Recipe[Translator], recipe_of("translator", chosen))


def extractor_recipe(chosen: dict[str, Any]) -> Recipe[Extractor[Any]]:
    """See `recipe_of`."""
    return cast(Recipe[Extractor[Any]], recipe_of("extractor", chosen))


def renderer_recipe(chosen: dict[str, Any]) -> Recipe[Renderer[Any]]:
    """See `recipe_of`."""
    return cast(Recipe[Renderer[Any]], recipe_of("renderer", chosen))


def scorer_recipe(chosen: dict[str, Any]) -> Recipe[Scorer]:
    """See `recipe_of`."""
    return cast(Recipe[Scorer], recipe_of("scorer", chosen))


def segmenter_recipe(chosen: dict[str, Any]) -> Recipe[Segmenter]:
    """See `recipe_of`."""
    return cast(Recipe[Segmenter], recipe_of("segmenter", chosen))


def retoucher_recipe(chosen: dict[str, Any]) -> Recipe[Retoucher]:
    """See `recipe_of`."""
    return cast(Recipe[Retoucher], recipe_of("retoucher", chosen))


def upscaler_recipe(chosen: dict[str, Any]) -> Recipe[Upscaler]:
    """See `recipe_of`."""
    return cast(Recipe[Upscaler], recipe_of("upscaler", chosen))


def reader_recipe(chosen: dict[str, Any]) -> Recipe[Reader]:
    """See `recipe_of`."""
    return cast(Recipe[Reader], recipe_of("reader", chosen))


def manifest_of(recipe: BaseModel) -> Manifest | None:
    """The manifest of the pack that a recipe names; None for a double, which has no weights."""
    pack: Path | None = getattr(recipe, "pack", None)
    return None if pack is None else Manifest.read(Path(pack) / "manifest.toml")


def about(role: Role, chosen: dict[str, Any], engines: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What serves under a recipe, for `/v1/models` and the record; `digest` changes when the pictures may change.

    `engines`: what really runs each module, the heaviest first.
    """
    recipe = recipe_of(role, chosen)
    manifest = manifest_of(recipe)
    seen: dict[str, Any] = recipe.model_dump(mode="json", exclude=HOW)
    facts: dict[str, Any] = {"role": role, "kind": seen["kind"], "engine": "python"}
    if manifest is not None:
        part = manifest.parts[role]
        seen |= {"part": part.model_dump(mode="json"), "thresholds": manifest.thresholds, "version": manifest.version}
        facts |= {"pack": manifest.pack, "version": manifest.version, "dtype": part.dtype}
        facts |= {"engine": seen.get("engine", "torch"), "options": part.options}
        facts |= {"repository": part.repository, "revision": part.revision, "licence": part.licence.spdx}
        facts |= _own_facts(role, manifest, Path(getattr(recipe, "pack", "")))
    if engines:
        facts |= {"engine": next(iter(engines.values())), "engines": dict(engines)}
    digest = hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()
    return facts | {"digest": digest}


def _own_facts(role: Role, manifest: Manifest, pack: Path) -> dict[str, Any]:
    """What the story must know of a role's checkpoint."""
    part = manifest.parts[role]
    if role == "renderer":
        adapters = {
            name: {
                "trigger": entry.trigger,
                "backdrop": entry.backdrop,
                "licence": entry.licence.spdx,
                "sha256": entry.sha256 or sha256_of(pack / entry.path),
            }
            for name, entry in part.adapters.items()
        }
        return {"adapters": adapters}
    return {"thresholds": manifest.thresholds} if role == "scorer" else {}
