"""`vitrine status`: a job or batch as it stands."""

from serve_app.commands.calling import ApiKey, Id, Json, Server, is_batch, say, service


def status(found: Id, server: Server = None, api_key: ApiKey = None, as_json: Json = False) -> None:
    """Show how a job or batch stands."""
    with service(server, api_key) as vitrine:
        say(vitrine.batches.get(found) if is_batch(found) else vitrine.jobs.get(found), as_json)
