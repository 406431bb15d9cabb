"""`python -m serve_app.evaluations.prior > FILE`: counts of how composed articles look, as the data file of a prior.

Articles and listings come from `models.starter.corpus`, the generator of the extractor's training data. An attribute
with a usual value is counted where the listing leaves it out: sellers leave out what is as usual.
"""

import argparse
import datetime as dt
from collections import Counter
from collections.abc import Iterator
from functools import cache

import numpy as np

from models.starter.corpus.articles import Article, sample
from models.starter.corpus.listings import Listing, listing_about
from models.starter.corpus.wording import read, words
from serve_app.catalogue.completeness.prior import ANY
from serve_app.catalogue.completeness.visible import ATTRIBUTES, Attribute, has_usual, kind, look, usual, values

LISTINGS = 30_000  # the rarest type is then silent about its pattern some 130 times
SEED = 2_026_1122  # no training uses it
Place = tuple[Attribute, str, str]


def composed(seed: int, count: int) -> Iterator[tuple[Article, Listing]]:
    """Articles, each with a listing that says some of it."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        article = sample(rng)
        yield article, listing_about(article, rng)


def looks(article: Article) -> dict[Attribute, str]:
    """How a composed article looks, said or not; without what it does not have and what the corpus never tells."""
    given = list(words()["types"][article.kind].get("states", {}).items())
    nouns = (*article.facts, article.second, article.motif)
    given += [pair for noun in nouns if noun is not None for pair in noun.gives]
    if article.text:
        given.append(("pattern", "print"))
    found: dict[Attribute, str] = {}
    for attribute in ATTRIBUTES:
        if has_usual(attribute) and attribute not in _told():
            continue
        said = {value for name, value in given if name == attribute}
        standard = usual(attribute, article.kind)
        shown = next((value for value in values(attribute) if value in said and value != standard), standard)
        if shown is not None and (standard is not None or not has_usual(attribute)):
            found[attribute] = shown
    base = next((value for value, role in article.colours if role in ("base", "unknown")), None)
    found |= {"product_type": article.kind, "audience": article.audience}
    return found | ({"colours": base} if base else {})


@cache
def _told() -> frozenset[str]:
    """Attributes that some noun of the corpus states; of the others it knows no article that is not as usual."""
    return frozenset(name for noun in read("nouns").values() for name in noun["gives"])


def counted(pairs: Iterator[tuple[Article, Listing]]) -> dict[Place, Counter[str]]:
    """(attribute, type, audience) -> value -> articles."""
    found: dict[Place, Counter[str]] = {}
    for article, told in pairs:
        for attribute, value in looks(article).items():
            if not (has_usual(attribute) and getattr(told.attributes, attribute)):
                found.setdefault(_place(attribute, article), Counter())[value] += 1
    return found


def _place(attribute: Attribute, article: Article) -> Place:
    given = kind().attributes[attribute].given
    of_type = article.kind if "product_type" in given else ANY
    return attribute, of_type, look("audience", article.audience) if "audience" in given else ANY


def written(found: dict[Place, Counter[str]], seed: int, count: int) -> str:
    """The data file."""
    lines = [
        f"# Made by `python -m serve_app.evaluations.prior --seed {seed} --listings {count}` from articles that",
        "# models.starter.corpus composes; nothing in it was counted in anybody's sheets.",
        f"made = {dt.datetime.now(dt.UTC).date()}",
        f"seed = {seed}",
        f"listings = {count}",
    ]
    for attribute, of_type in dict.fromkeys((name, of) for name, of, _ in sorted(found)):
        lines += ["", f'[counts.{attribute}."{of_type}"]']
        for place in sorted(found):
            if place[:2] == (attribute, of_type):
                cells = ", ".join(f'"{value}" = {n}' for value, n in found[place].most_common())
                lines.append(f"{place[2]} = {{ {cells} }}")
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m serve_app.evaluations.prior", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--listings", type=int, default=LISTINGS)
    chosen = parser.parse_args()
    print(written(counted(composed(chosen.seed, chosen.listings)), chosen.seed, chosen.listings), end="")


if __name__ == "__main__":
    main()
