"""`manage.py setup`: the way to one's own data."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Membership, Workspace
from accounts.services import invitations
from core.errors import NotFound

pytestmark = pytest.mark.django_db


def set_up(workspace: str, admin: str) -> str:
    out = StringIO()
    call_command("setup", workspace=workspace, admin=admin, stdout=out)
    return out.getvalue().splitlines()[-1]


def test_the_link_makes_its_reader_admin_of_an_empty_workspace() -> None:
    link = set_up("Example Ltd", "Ann@example.com")
    token = link.rstrip("/").rpartition("/")[2]

    person = invitations.accept(token, name="Ann", password="a long enough one")

    membership = Membership.objects.get(user=person)
    assert link.startswith("http://127.0.0.1:8000/join/")
    assert (membership.role, membership.workspace.name) == ("admin", "Example Ltd")
    assert person.check_password("a long enough one")


def test_before_anyone_joined_a_second_call_gives_a_new_link() -> None:
    first = set_up("Example Ltd", "ann@example.com")
    second = set_up("Example Ltd", "ann@example.com")

    assert first != second
    with pytest.raises(NotFound):
        invitations.find_open(first.rstrip("/").rpartition("/")[2])
    assert Workspace.objects.count() == 1


def test_a_workspace_with_members_is_left_alone() -> None:
    token = set_up("Example Ltd", "ann@example.com").rstrip("/").rpartition("/")[2]
    invitations.accept(token, name="Ann", password="a long enough one")

    with pytest.raises(CommandError, match="has members already"):
        set_up("Example Ltd", "eve@example.com")


def test_a_wrong_address_makes_no_workspace() -> None:
    with pytest.raises(CommandError):
        set_up("Example Ltd", "no address")

    assert not Workspace.objects.exists()


@pytest.mark.slow
@pytest.mark.parametrize("command", ["setup", "add_sender"])
def test_the_first_command_on_a_bare_machine_makes_the_database_or_says_what_to_do(
    command: str, tmp_path: Path
) -> None:
    arguments = {
        "setup": ["--workspace", "Example Ltd", "--admin", "ann@example.com"],
        "add_sender": ["--workspace", "x", "--first", "A", "--address", "a@b.example", "--relay"],
    }
    done = subprocess.run(
        [sys.executable, "manage.py", command, *arguments[command]],
        env={"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Traceback" not in done.stderr
    if command == "setup":
        assert done.stdout.splitlines()[-1].startswith("http://127.0.0.1:8000/join/")
    else:
        assert "run manage.py setup first" in done.stderr
