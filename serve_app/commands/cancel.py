"""`vitrine cancel`: ends a job or batch."""

from serve_app.commands.calling import ApiKey, Id, Json, Server, is_batch, say, service


def cancel(found: Id, server: Server = None, api_key: ApiKey = None, as_json: Json = False) -> None:
    """Cancel a job or batch; what is over or done stays as it is."""
    with service(server, api_key) as vitrine:
        say(vitrine.batches.cancel(found) if is_batch(found) else vitrine.jobs.cancel(found), as_json)
