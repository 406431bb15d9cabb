"""One image for everything that is ours, and no image that may change by itself."""

from collections.abc import Iterator

from k8s.checks.rendered import Rendered


def our_image_has_one_tag(rendered: Rendered) -> Iterator[str]:
    ours = {image for _, image in _images(rendered) if image.rsplit("/", 1)[-1].startswith("vitrine:")}
    if len(ours) != 1:
        yield f"pods run {len(ours)} images of the service: {sorted(ours)}; set one newTag for all"


def no_image_changes_by_itself(rendered: Rendered) -> Iterator[str]:
    for owner, image in _images(rendered):
        tag = image.rsplit("/", 1)[-1].partition(":")[2]
        if not tag or tag.startswith("latest"):
            yield f"{owner}: image {image!r} has no fixed tag"


def ray_is_the_images(rendered: Rendered) -> Iterator[str]:
    """The operator chooses its commands by rayVersion, which must be what the image holds."""
    from importlib.metadata import version

    if (installed := version("ray")) != rendered.cluster["rayVersion"]:
        yield f"rayVersion is {rendered.cluster['rayVersion']}, requirements.lock has {installed}"


def _images(rendered: Rendered) -> Iterator[tuple[str, str]]:
    for pod in rendered.pods:
        for container in pod.containers:
            yield pod.owner, container["image"]
