"""How long everything lasts: a whole suite in under half an hour, a quick one in minutes."""

from dataclasses import dataclass

PEERS = ("sequential", "threads", "litserve", "bentoml", "naive_serve")


@dataclass(frozen=True)
class Scale:
    """`seconds` of one round of one system; `clients` send without a pause when saturation is measured."""

    peers: tuple[str, ...] = PEERS
    rounds: int = 5
    seconds: float = 10.0
    clients: int = 12
    saturation_s: float = 8.0
    unloaded: int = 10  # requests one after the other
    graph_articles: int = 40


WHOLE = Scale()
QUICK = Scale(
    peers=("threads", "naive_serve"), rounds=2, seconds=6.0, saturation_s=5.0, unloaded=6, graph_articles=10
)  # fmt: skip
