"""How many nodes hold a number of replicas: first fit, the largest replicas first."""

from collections.abc import Sequence
from dataclasses import dataclass

Share = dict[str, float]
ROUNDING = 1e-9  # ten tenths are a whole


@dataclass(frozen=True, slots=True)
class Load:
    """Replicas of one deployment and what each of them takes of a node."""

    name: str
    share: Share
    count: int


def fits(share: Share, room: Share) -> bool:
    return all(amount <= room.get(kind, 0.0) + ROUNDING for kind, amount in share.items())


def nodes_for(loads: Sequence[Load], node: Share) -> int:
    """Nodes that hold all loads; every share has to fit an empty node."""
    rooms: list[Share] = []
    for load in sorted(loads, key=lambda one: _largest(one.share, node), reverse=True):
        for _ in range(load.count):
            room = next((room for room in rooms if fits(load.share, room)), None)
            if room is None:
                rooms.append(room := dict(node))
            for kind, amount in load.share.items():
                room[kind] -= amount
    return len(rooms)


def _largest(share: Share, node: Share) -> float:
    """Of what the share takes of an empty node."""
    return max((amount / node[kind] for kind, amount in share.items() if node.get(kind)), default=0.0)
