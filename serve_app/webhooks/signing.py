"""Secrets and signatures of Standard Webhooks 1.0."""

import base64
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

SECRET_BYTES = 32  # within the 24 to 64 bytes of the specification


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers_for(message: str, at: float, body: bytes, valid: Sequence[str]) -> dict[str, str]:
    """What a receiver checks: id, time and one signature per valid secret, in their order.

    `at`: seconds since 1970 of this try; `body`: UTF-8, the very bytes that are sent.
    """
    moment = datetime.fromtimestamp(int(at), UTC)
    signatures = [Webhook(secret).sign(message, moment, body.decode()) for secret in valid]
    return {
        "content-type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": str(int(at)),
        "webhook-signature": " ".join(signatures),
    }
