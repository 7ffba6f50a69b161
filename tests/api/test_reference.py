"""docs/reference agrees with the code."""

import pytest
from django.core.management import CommandError, call_command

from api.errors import MethodNotAllowed, NotAuthenticated
from pathbound_mcp import reference
from pathbound_mcp.management.commands import reference as command


def test_the_reference_is_up_to_date() -> None:
    call_command("reference", check=True)


def test_a_difference_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(reference.PAGES, "errors.md", lambda: {"errors": "Something else"})

    with pytest.raises(CommandError, match=r"make docs.*errors\.md"):
        call_command("reference", check=True)


def test_every_word_of_an_outcome_is_explained() -> None:
    assert "needs_person" in reference.page("statuses.md")
    for refusal in (MethodNotAllowed("x"), NotAuthenticated(given=False)):
        assert str(refusal.http_status) in reference.page("errors.md")
    assert command.FOLDER.name == "reference"
