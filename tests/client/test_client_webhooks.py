"""A message is believed when the service signed it, and only then."""

import json
import time

import pytest

from serve_app.client import Message, SignatureError, Vitrine, verify_webhook
from serve_app.webhooks.signing import headers_for, new_secret

BODY = json.dumps(
    {"type": "job.succeeded", "timestamp": "2026-01-01T00:00:00.000Z", "data": {"id": "job_1", "state": "succeeded"}}
).encode()
SECRET, OLDER = new_secret(), new_secret()


def test_what_the_service_signed_is_its_message_also_while_secrets_change() -> None:
    headers = headers_for("msg_1", time.time(), BODY, [SECRET, OLDER])
    expected = Message("msg_1", "job.succeeded", "2026-01-01T00:00:00.000Z", {"id": "job_1", "state": "succeeded"})
    for secret in (SECRET, OLDER):
        assert verify_webhook(BODY, headers, secret) == expected
        shouted = {name.upper(): value for name, value in headers.items()}
        assert Vitrine.verify_webhook(BODY.decode(), shouted, secret) == expected


@pytest.mark.parametrize("change", ["body", "secret", "old", "new", "unsigned", "nonsense", "empty secret", "binary"])
def test_what_the_service_did_not_sign_is_refused(change: str) -> None:
    at = time.time() + {"old": -400, "new": 400}.get(change, 0)
    headers, body, secret = headers_for("msg_1", at, BODY, [SECRET]), BODY, SECRET
    if change == "body":
        body = BODY.replace(b"job_1", b"job_2")
    elif change == "secret":
        secret = OLDER
    elif change == "unsigned":
        headers = {}
    elif change == "nonsense":
        headers |= {"webhook-signature": "v1"}
    elif change == "empty secret":
        secret = ""
    elif change == "binary":
        body = b"\xff"
    with pytest.raises(SignatureError):
        verify_webhook(body, headers, secret)


def test_a_signed_text_that_is_no_message_is_refused() -> None:
    for body in (b"[]", b"{}", b"text"):
        with pytest.raises(SignatureError):
            verify_webhook(body, headers_for("msg_1", time.time(), body, [SECRET]), SECRET)
