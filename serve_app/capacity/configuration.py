"""What is deployed: replicas and their bounds, shares of GPUs, room for jobs; read from a Serve config."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from serve_app.autoscaling.policy import Bounds
from serve_app.capacity.costs import CapacityError
from serve_app.settings import Settings

MODELS = ("translator", "extractor", "renderer", "scorer", "segmenter")
ROLES = ("ingress", "conductor", *MODELS)
DELAYS = {
    "upscale_delay_s": "up_delay_s",
    "downscale_delay_s": "down_delay_s",
    "downscale_to_zero_delay_s": "zero_delay_s",
}
SERVES_OWN = {"up_delay_s": 30.0, "down_delay_s": 600.0}  # Serve's delays where a config names none


@dataclass(frozen=True)
class Deployment:
    """`gpus`: the share of one that a replica takes; `pool`: the nodes that it may be on."""

    bounds: Bounds
    gpus: float = 0.0
    pool: str = ""


@dataclass(frozen=True)
class Configuration:
    """Role -> its deployment, and the room of a conductor and of the queue. `beside`: deployments that an article does
    not need; they stand with their least replicas."""

    deployments: Mapping[str, Deployment]
    beside: tuple[Deployment, ...] = ()
    settings: Settings = field(default_factory=Settings)

    def fixed(self, replicas: Mapping[str, int]) -> "Configuration":
        """The same with so many replicas of each role, which nothing scales."""
        chosen = {
            role: replace(one, bounds=replace(one.bounds, min_replicas=replicas[role], max_replicas=replicas[role]))
            for role, one in self.deployments.items()
        }
        return replace(self, deployments=chosen)

    def gpus(self, replicas: Mapping[str, int]) -> int:
        """Whole GPUs that so many replicas need: the largest share first, each on the first GPU with room."""
        free: dict[str, list[float]] = {}
        counted = [(one, replicas.get(role, 0)) for role, one in self.deployments.items()]
        counted += [(one, one.bounds.min_replicas) for one in self.beside]
        for one, count in sorted(counted, key=lambda pair: -pair[0].gpus):
            for _ in range(count if one.gpus else 0):
                devices = free.setdefault(one.pool, [])
                place = next((at for at, left in enumerate(devices) if left >= one.gpus - 1e-9), None)
                if place is None:
                    devices.append(1.0 - one.gpus)
                else:
                    devices[place] -= one.gpus
        return sum(map(len, free.values()))


def read(path: Path) -> Configuration:
    """Of a Serve config; raises CapacityError."""
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
        return of(document["applications"][0])
    except OSError as error:
        raise CapacityError(f"cannot read {path}: {error.strerror}") from None
    except (yaml.YAMLError, KeyError, TypeError, IndexError, ValueError) as error:
        raise CapacityError(f"{path} is no Serve config of this application: {error!r}") from None


def of(application: Mapping[str, Any]) -> Configuration:
    """Of an application of a Serve config."""
    targets = (application.get("autoscaling_policy") or {}).get("policy_kwargs") or {}
    found = {one["name"]: one for one in application["deployments"]}
    deployments = {role: _deployment(found.get(role, {}), targets.get(role, {})) for role in ROLES}
    beside = tuple(_deployment(options, {}) for role, options in found.items() if role not in ROLES)
    return Configuration(deployments, beside, Settings(**(application.get("args") or {})))


def _deployment(options: Mapping[str, Any], target: Mapping[str, float]) -> Deployment:
    actor, scaling = options.get("ray_actor_options") or {}, options.get("autoscaling_config")
    pool = next(iter(actor.get("resources") or {}), "")
    if scaling is None:
        fixed = int(options.get("num_replicas") or 1)
        return Deployment(Bounds(fixed, fixed), float(actor.get("num_gpus", 0.0)), pool)
    delays = SERVES_OWN | {ours: float(scaling[name]) for name, ours in DELAYS.items() if scaling.get(name) is not None}
    bounds = Bounds(int(scaling.get("min_replicas", 1)), int(scaling.get("max_replicas", 1)), **delays, **target)
    return Deployment(bounds, float(actor.get("num_gpus", 0.0)), pool)
