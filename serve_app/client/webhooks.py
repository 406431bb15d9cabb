"""Whether a message that came to a webhook is from the service, and what it says (Standard Webhooks 1.0)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook, WebhookVerificationError

from .errors import SignatureError


@dataclass(frozen=True, slots=True)
class Message:
    """`type` such as job.succeeded, `data` with the id of what it is about; a second delivery has the same `id`."""

    id: str
    type: str
    timestamp: str
    data: dict[str, Any]


def verify_webhook(body: bytes | str, headers: Mapping[str, str], secret: str) -> Message:
    """The message, when one of its signatures is of `secret` (`whsec_...`) and it is at most five minutes old.

    `body`: the very bytes that came, not parsed and written again. Raises SignatureError.
    """
    named = {name.lower(): value for name, value in headers.items()}
    try:
        Webhook(secret).verify(body, named, json_parse=False)
        said = json.loads(body)
        return Message(named["webhook-id"], said["type"], said["timestamp"], said["data"])
    except (WebhookVerificationError, EmptyWebhookSecretError, ValueError) as error:
        raise SignatureError(f"this message is not to be believed: {error}", code="signature") from None
    except (KeyError, TypeError):
        raise SignatureError("the signed message is none of Vitrine's", code="signature") from None
