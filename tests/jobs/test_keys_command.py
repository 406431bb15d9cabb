"""`vitrine keys` from making a key to its end, on the embedded database."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from serve_app.access.keys import Keys
from serve_app.access.principal import Principal
from serve_app.cli import Commands
from serve_app.commands import keys
from serve_app.jobs.database import FILE, Database, sqlite_url

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VITRINE_DATABASE_URL", raising=False)
    monkeypatch.setenv("VITRINE_HOME", str(tmp_path / "home"))


def told(*arguments: str) -> str:
    """stdout of a command that succeeded."""
    result = CliRunner().invoke(keys.app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def made(*arguments: str, tenant: str = "shop") -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(
        told("create", "--tenant", tenant, "--name", "till", "--scope", "jobs:read", "--json", *arguments)
    )
    return answer


def found(url: str, secret: str) -> Principal | None:
    """Whom the service would see behind a secret."""

    async def find() -> Principal | None:
        database = Database.open(url)
        try:
            return await Keys(database).find(secret)
        finally:
            await database.close()

    return asyncio.run(find())


def test_a_key_is_made_listed_and_revoked(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "home")
    key = made("--scope", "webhooks")
    assert found(url, key["secret"]) == Principal("shop", key["id"], frozenset({"jobs:read", "webhooks"}))
    (listed,) = json.loads(told("list", "--json"))["keys"]
    assert listed == {name: value for name, value in key.items() if name != "secret"}
    assert json.loads(told("revoke", key["id"], "--json")) == {"id": key["id"], "revoked": True}
    assert found(url, key["secret"]) is None
    assert json.loads(told("list", "--json"))["keys"][0]["revoked"] is not None


def test_the_secret_is_all_of_stdout_and_is_never_shown_again() -> None:
    secret = told("create", "--tenant", "shop", "--name", "till", "--scope", "admin").strip()
    assert secret.startswith("vk_")
    assert len(secret) == 46
    assert secret not in told("list") + told("list", "--json")


def test_a_list_for_people_names_every_key_and_one_of_a_tenant_only_its_own() -> None:
    mine, other = made(), made(tenant="other")
    assert all(key["id"] in told("list") for key in (mine, other))
    listed = told("list", "--tenant", "other")
    assert other["id"] in listed
    assert mine["id"] not in listed


def test_the_database_is_that_of_the_argument_before_that_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("argument", "environment"):
        (tmp_path / folder).mkdir()
    monkeypatch.setenv("VITRINE_DATABASE_URL", sqlite_url(tmp_path / "environment"))
    in_environment = made()
    url = sqlite_url(tmp_path / "argument")
    in_argument = made("--database", url)
    assert [key["id"] for key in json.loads(told("list", "--json"))["keys"]] == [in_environment["id"]]
    assert [key["id"] for key in json.loads(told("list", "--json", "--database", url))["keys"]] == [in_argument["id"]]
    assert not (tmp_path / "home" / FILE).exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["create", "--tenant", "shop", "--name", "till"], "--scope"),
        (["create", "--tenant", "shop", "--name", "till", "--scope", "all"], "given: all"),
        (["create", "--tenant", "*", "--name", "till", "--scope", "admin"], "no tenant's id"),
        (["revoke", "key_none"], "no key 'key_none'"),
        (["list", "--database", "mysql://u:hidden@host/x"], "no database of Vitrine"),
    ],
)
def test_wrong_use_is_said_and_exits_2(arguments: list[str], said: str, capsys: Capture) -> None:
    app = Commands(rich_markup_mode=None, pretty_exceptions_enable=False)
    app.add_typer(keys.app, name="keys")
    app.callback()(_nothing)
    with pytest.raises(SystemExit) as ended:
        app(["keys", *arguments])
    shown = capsys.readouterr().err
    assert ended.value.code == 2
    assert said in shown
    assert "Traceback" not in shown
    assert "hidden" not in shown


def _nothing(context: typer.Context) -> None:
    """Keeps the group a group although it has one member."""
