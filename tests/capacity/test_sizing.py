"""The smallest size, room for upgrades, and GPUs by their shares."""

from dataclasses import replace

from capacity_given import costs, deployed, steady

from serve_app.autoscaling.policy import Bounds
from serve_app.capacity.configuration import Configuration, Deployment
from serve_app.capacity.costs import Cost
from serve_app.capacity.sizing import Objective, busiest, least, smallest, upgraded
from serve_app.capacity.traffic import Arrival
from serve_app.capacity.twin import simulated

SECOND = Objective({0.95: 1.0})


def test_the_smallest_size_holds_and_one_renderer_less_does_not() -> None:
    arrivals = steady(25.0, 60.0)
    size = smallest(costs(), deployed(), arrivals, 60.0, SECOND)
    assert size is not None
    assert SECOND.held(size.run)
    assert size.replicas["renderer"] >= 3
    fewer = deployed().fixed({**size.replicas, "renderer": size.replicas["renderer"] - 1})
    assert not SECOND.held(simulated(costs(), fewer, arrivals, 60.0))


def test_no_size_holds_what_an_order_alone_takes_longer_than() -> None:
    assert smallest(costs(), deployed(), steady(1.0, 30.0), 30.0, Objective({0.95: 0.3})) is None


def test_shared_cores_that_are_full_are_no_matter_of_replicas() -> None:
    full = costs(cores=2.0, judge=Cost(each_s=1.0))
    assert smallest(full, deployed(), steady(4.0, 60.0), 60.0, SECOND) is None


def test_a_size_is_chosen_by_the_busiest_stretch() -> None:
    arrivals = [*steady(0.1, 2000.0), *(Arrival(2000.0 + one.at_s, "article") for one in steady(5.0, 900.0))]
    stretch, width = busiest(arrivals, 4000.0)
    assert width == 900.0
    assert len(stretch) > 4000
    assert 0.0 <= stretch[0].at_s < stretch[-1].at_s < width


def test_a_size_begins_with_devices_that_are_not_quite_full() -> None:
    assert least(costs(), 25.0)["renderer"] == 3
    assert least(costs(), 25.0)["scorer"] == 1


def test_an_upgrade_leaves_as_many_as_are_needed() -> None:
    found = upgraded({"one": 1, "four": 4, "twenty": 20})
    assert found == {"one": 2, "four": 5, "twenty": 24}
    assert all(
        count - max(1, int(0.2 * count)) >= needed for count, needed in zip(found.values(), (1, 4, 20), strict=True)
    )


def test_small_shares_fit_on_one_gpu_and_pools_are_apart() -> None:
    shares = {"extractor": 0.5, "segmenter": 0.3, "scorer": 0.1, "translator": 0.1}
    small = {role: Deployment(Bounds(), share, "small") for role, share in shares.items()}
    whole = Configuration({**small, "renderer": Deployment(Bounds(), 1.0, "large")})
    assert whole.gpus(dict.fromkeys(whole.deployments, 1)) == 2
    assert whole.gpus({**dict.fromkeys(whole.deployments, 1), "extractor": 3}) == 3
    assert replace(whole, beside=(Deployment(Bounds(), 0.5, "small"),)).gpus(dict.fromkeys(whole.deployments, 1)) == 3
