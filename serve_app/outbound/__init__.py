"""The only way to addresses that users give: webhooks, feeds and pictures by URL."""

from serve_app.outbound.client import Outbound
from serve_app.outbound.targets import OutboundError, system_resolve

__all__ = ["Outbound", "OutboundError", "system_resolve"]
