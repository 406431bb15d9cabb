"""`vitrine capacity`: what a traffic curve needs, before it is bought."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import VitrineError
from serve_app.commands.calling import Json

if TYPE_CHECKING:
    from serve_app.capacity.costs import Costs
    from serve_app.capacity.sizing import Objective

MISSED = 1
ROOT = Path(__file__).parents[2]
PRODUCTION = "k8s/serve/production.yaml"
TRIED = "loadtests/cost_table.yaml"
TIMEOUT_S = 10.0  # for a page of metrics


def capacity(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    traffic: Annotated[Path, typer.Option(help="CSV: time_s, requests_per_s and, if wanted, kind.")],
    slo: Annotated[list[str], typer.Option(help="p95=2.5: seconds that so many percent keep; refused=0.01.")],
    cost_table: Annotated[Path | None, typer.Option(help="Costs of the stages (YAML or JSON).")] = None,
    metrics: Annotated[str | None, typer.Option(metavar="URL", help="A page of a running service's metrics.")] = None,
    config: Annotated[Path | None, typer.Option(help="Serve config; default: the production one.")] = None,
    price: Annotated[str, typer.Option(help="gpu=2.0: what a GPU costs for an hour.")] = "gpu=0",
    seed: Annotated[int, typer.Option(help="Of arrivals and scatter.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for capacity.json, .html and .png.")] = None,
    as_json: Json = False,
) -> None:
    """Simulate a traffic curve on the service: replicas, GPUs, cost and latency over time, and the smallest size.

    Exit code 1 when the configuration as it scales does not hold the objective.
    """
    import json

    from serve_app.capacity import configuration, report, sizing
    from serve_app.capacity import traffic as traffics
    from serve_app.capacity.twin import simulated

    objective, gpu_hour = _objective(slo), _number(price, ("gpu",))[1]
    costs = _costs(cost_table, metrics)
    curve, deployed = traffics.read(traffic, list(costs.kinds)), configuration.read(config or ROOT / PRODUCTION)
    arrivals = curve.arrivals({name: kind.share for name, kind in costs.kinds.items()}, seed)
    scaled = simulated(costs, deployed, arrivals, curve.seconds, seed)
    size = sizing.smallest(costs, deployed, arrivals, curve.seconds, objective)
    study = report.Study(curve, objective, deployed, scaled, size, gpu_hour)
    found = report.document(study)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "capacity.json").write_text(json.dumps(found, indent=1), "utf-8")
        (out / "capacity.html").write_text(report.page(found), "utf-8")
        (out / "capacity.png").write_bytes(report.plotted(found))
    print(json.dumps(found) if as_json else "\n".join(report.lines(found)))
    raise typer.Exit(0 if study.holds else MISSED)


def _costs(table: Path | None, metrics: str | None) -> "Costs":
    """A table, metrics over a table, or metrics over what a large GPU costs."""
    from serve_app.capacity import costs
    from serve_app.capacity.metrics import fitted, parsed

    if table is None and metrics is None:
        raise VitrineError(f"give --cost-table FILE ({TRIED} is one to try) or --metrics URL")
    first = costs.read(table or ROOT / TRIED)
    return first if metrics is None else fitted(parsed(_page(metrics)), first)


def _page(url: str) -> str:
    import httpx

    try:
        answer = httpx.get(url, timeout=TIMEOUT_S)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise VitrineError(f"no metrics at {url}: {error}") from None
    return answer.text


def _objective(slo: list[str]) -> "Objective":
    from serve_app.capacity.sizing import Objective

    limits, refused = dict[float, float](), 0.0
    for one in slo:
        name, value = _number(one, ("refused", "p50", "p90", "p95", "p99"))
        if name == "refused":
            refused = value
        else:
            limits[int(name[1:]) / 100] = value
    return Objective(limits, refused)


def _number(text: str, names: tuple[str, ...]) -> tuple[str, float]:
    """`name=number` as its two parts."""
    name, _, value = text.partition("=")
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if name not in names or number < 0:
        raise VitrineError(
            f"{text!r} is not understood; write one of {', '.join(f'{known}=NUMBER' for known in names)}"
        )
    return name, number
