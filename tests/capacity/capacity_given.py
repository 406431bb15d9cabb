"""Services and traffic that the tests of the twin share."""

from typing import Any

from serve_app.autoscaling.policy import Bounds
from serve_app.capacity.configuration import ROLES, Configuration, Deployment
from serve_app.capacity.costs import Cost, Costs, Drawing
from serve_app.capacity.traffic import Arrival, Curve, Point
from serve_app.settings import Settings

FREE = Cost()


def costs(**changed: Any) -> Costs:
    """Only the renderer costs: four steps of a tenth of a second, each for up to four pictures."""
    drawing = Drawing(fixed_s=0.1, steps=4, together=4, on="device", start_s=5.0)
    given: dict[str, Any] = dict.fromkeys(("accept", "conduct", "read", "judge", "seal"), FREE)
    given |= dict.fromkeys(("translator", "extractor", "scorer", "segmenter"), FREE)
    return Costs.model_validate(given | {"renderer": drawing, "node_s": 0.0} | changed)


def deployed(renderer: Bounds | None = None, **settings: Any) -> Configuration:
    """One replica of everything, each renderer on a GPU of its own."""
    roles = {role: Deployment(Bounds()) for role in ROLES}
    roles["renderer"] = Deployment(renderer or Bounds(), gpus=1.0, pool="large")
    return Configuration(roles, settings=Settings(**settings))


def steady(per_s: float, seconds: float, seed: int = 1) -> list[Arrival]:
    return Curve([Point(0.0, per_s), Point(seconds, 0.0)]).arrivals({"article": 1.0}, seed)
