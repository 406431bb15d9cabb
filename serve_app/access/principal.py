"""Whom a request speaks for, and what it may do."""

from dataclasses import dataclass
from typing import Literal, get_args

Scope = Literal["jobs:read", "jobs:write", "webhooks", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class Principal:
    """The tenant and key behind a request."""

    tenant: str
    key_id: str
    scopes: frozenset[Scope]

    def may(self, scope: Scope) -> bool:
        """Whether the key was given the scope; `admin` includes the others."""
        return scope in self.scopes or "admin" in self.scopes
