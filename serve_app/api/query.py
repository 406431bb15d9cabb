"""What stands behind the question mark: each name once, and none that the route does not know."""

from collections import Counter

from fastapi import Depends, Request

from serve_app.api.errors import ProblemError


async def _known_once(request: Request) -> None:
    """Raises ProblemError (422): a misspelt name that is passed over in silence gives a wrong answer without a sign."""
    given = Counter(name for name, _ in request.query_params.multi_items())
    if not given:
        return
    known = request.app.queries(request.method, request.scope["route"].path_format)
    for name, count in given.items():
        if name not in known:
            takes = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
            said = f"{name[:80]!r} is no query parameter of this route; {takes}"
            raise ProblemError("invalid_request", said, "unknown_field", name[:80])
        if count > 1:
            raise ProblemError("invalid_request", f"{name!r} is given {count} times; once", "invalid_value", name)


STRICT_QUERY = Depends(_known_once)
