"""All rules, by the name of their function."""

from collections.abc import Callable, Iterator
from types import ModuleType

from k8s.checks import (
    disruption,
    door,
    environment,
    images,
    network,
    operator,
    places,
    references,
    scraping,
    security,
    serving,
)
from k8s.checks.rendered import Rendered

Rule = Callable[[Rendered], Iterator[str]]
MODULES = (operator, serving, places, environment, images, references, security, network, disruption, door, scraping)


def _rules(module: ModuleType) -> Iterator[tuple[str, Rule]]:
    """What a module defines itself and does not keep to itself."""
    for name, found in vars(module).items():
        if callable(found) and not name.startswith("_") and getattr(found, "__module__", "") == module.__name__:
            yield name, found


RULES: dict[str, Rule] = {name: rule for module in MODULES for name, rule in _rules(module)}


def broken(rendered: Rendered) -> Iterator[tuple[str, str]]:
    """Rule and fault, one pair per fault."""
    for name, rule in RULES.items():
        for fault in rule(rendered):
            yield name, fault
