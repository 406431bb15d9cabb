"""More pixels for a picture that a marketplace wants larger than it is, where the product stays what it is."""

import asyncio

from models.domain import Mask, Picture, Refusal
from serve_app.delivery.enlarging import Enlarged, Finer, cropped, lacking, unless_changed
from serve_app.delivery.profile import Profile
from serve_app.stories.steps import Enlarge


async def enlarged(picture: Picture, mask: Mask, profile: Profile, enlarge: Enlarge | None) -> Enlarged:
    """With finer pixels of its product, or why they are not used; `enlarge`: None where nothing does.

    A lost service raises what `enlarge` raises.
    """
    box = None if enlarge is None else await asyncio.to_thread(lacking, picture, mask, profile)
    if enlarge is None or box is None:
        return Enlarged(picture)
    answer = await enlarge(cropped(picture, box))
    if isinstance(answer, Refusal):
        return Enlarged(picture, reason=answer.reason)
    return await asyncio.to_thread(unless_changed, picture, mask, Finer(answer, box))
