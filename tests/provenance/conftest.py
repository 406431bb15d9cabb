"""A development identity, made once."""

import pytest
from settings_of import development

from serve_app.provenance.identity import Identity, identity


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return identity(development(), tmp_path_factory.mktemp("home"))
