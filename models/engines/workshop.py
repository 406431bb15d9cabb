"""Engines of a whole pack: what `vitrine engines` builds and checks."""

from collections.abc import Sequence
from pathlib import Path

from models.domain import WeightedAdapter
from models.engines.build import Exported, built, compared, identity_of, opened
from models.engines.cache import EngineCache, Entry
from models.engines.errors import EngineError
from models.engines.graph import Graph
from models.engines.keys import EngineKey, Kind, digests
from models.engines.merging import merged
from models.engines.packs import PackModule, pack_modules
from models.flux.adapters import Checked
from models.flux.recipe import checked_adapters
from models.hardware import Device, hardware
from models.manifest import sha256_of


class Workshop:
    """Modules of one pack on one device."""

    def __init__(self, pack: Path, device: Device) -> None:
        self._pack, self._device, self._cache = pack, device, EngineCache()
        self.modules = pack_modules(pack)

    def build(self, name: str, engine: Kind, adapters: Sequence[WeightedAdapter] = ()) -> Entry:
        """Raises EngineError for a name that the pack does not have, and when the engine cannot be made."""
        module = self.modules.get(name)
        if module is None:
            raise EngineError(f"the pack has no module {name!r}; it has {', '.join(sorted(self.modules))}")
        graph, key = self._made(module, engine, adapters)
        return built(graph, key, self._cache)

    def opened(self, name: str, engine: Kind = "onnxruntime") -> tuple[Graph, EngineKey]:
        """A module of its own, and what its engine is kept under."""
        return self._made(self.modules[name], engine, ())

    def engine(self, name: str, engine: Kind) -> Exported:
        """A module's engine, built where there is none."""
        graph, key = self.opened(name, engine)
        return opened(graph, key, built(graph, key, self._cache).folder)

    def verified(self, entry: Entry) -> tuple[str | None, str | None]:
        """What is wrong with an engine, or how far it is from the pack's module; neither if it is not this pack's."""
        module, kind = self.modules.get(entry.key["module"]), entry.key["engine"]
        if module is None or (adapters := self._named(entry)) is None:
            return None, "of another pack"
        try:
            graph, key = self._made(module, kind, adapters)
            if self._cache.find(key) is None or key.name != entry.folder.name:
                return None, "of other weights, software or hardware"
            return None, f"error {compared(graph, opened(graph, key, entry.folder), key.profiles):.1e}"
        except EngineError as error:
            return str(error), None

    def _made(self, module: PackModule, engine: Kind, adapters: Sequence[WeightedAdapter]) -> tuple[Graph, EngineKey]:
        device, dtype = hardware(self._device, None, module.part)
        files = self._files(module)
        try:
            graph, profiles = merged(module, files, adapters, dtype)
        except OSError as error:
            raise EngineError(f"{module.name} cannot be read from {module.weights}: {error}") from error
        graph.body.to(device)
        key = identity_of(graph, profiles, module.weights)
        own = {name: file for name, (file, _) in files.items()}
        return graph, key.key(engine, digests(own, adapters))

    def _files(self, module: PackModule) -> dict[str, Checked]:
        if module.part.kind != "flux":
            return {}
        return checked_adapters(self._pack, module.part, self._pack / module.part.path)

    def _named(self, entry: Entry) -> list[WeightedAdapter] | None:
        """The adapters of an engine by this pack's names; None when it has another one."""
        module = self.modules[entry.key["module"]]
        if not entry.key["adapters"]:
            return []
        names = {sha256_of(self._pack / one.path): name for name, one in module.part.adapters.items()}
        wanted = [(names.get(digest), weight) for digest, weight in entry.key["adapters"]]
        if any(name is None for name, _ in wanted):
            return None
        return [WeightedAdapter(name, weight) for name, weight in wanted if name is not None]
