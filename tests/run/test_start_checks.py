"""A wrong installation does not start, and says why in one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from accounts.models import User
from pathbound_mcp import checks, env
from pathbound_mcp.env import ROOT

GOOD_KEY = "k" * 40


def faults() -> list[str]:
    return [str(fault.msg) for fault in checks.installation(None)]


def test_the_defaults_are_without_fault() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("DEBUG", True, "DEBUG"),
        ("SECRET_KEY", "short", "SECRET_KEY"),
        ("SECRET_KEY", "demo-" + GOOD_KEY, "SECRET_KEY is the demo's"),
        ("FIELD_KEYS", [], "FIELD_KEYS"),
        ("FIELD_KEYS", [GOOD_KEY, "short"], "FIELD_KEYS"),
        ("FIELD_KEYS", ["demo-" + GOOD_KEY], "FIELD_KEYS is the demo's"),
        ("MCP_RATE_LIMIT", "ten/m", "MCP_RATE_LIMIT"),
        ("REST_RATE_LIMIT", "100", "REST_RATE_LIMIT"),
    ],
)
def test_a_wrong_setting_is_named(settings: Settings, name: str, value: object, word: str) -> None:
    setattr(settings, name, value)

    assert [fault for fault in faults() if word in fault]


def test_the_two_kinds_of_keys_must_differ(settings: Settings) -> None:
    settings.FIELD_KEYS = [settings.SECRET_KEY]

    assert faults() == ["FIELD_KEYS must not repeat SECRET_KEY."]


@pytest.mark.parametrize("name", ["CIMD_STATIC_DOCUMENTS", "DEMO_SMTP_PORT", "DEMO_MCP_URL"])
def test_a_demo_variable_without_the_demo_is_refused(settings: Settings, name: str) -> None:
    settings.ENV = settings.ENV.model_copy(update={name: 25})

    assert faults() == [f"{name} is set without DEMO."]


def test_a_public_origin_needs_https_outside_the_demo(settings: Settings) -> None:
    settings.IS_LOOPBACK = False
    assert [fault for fault in faults() if "https://" in fault]

    settings.DEMO = True
    assert faults() == []


@pytest.mark.django_db
def test_the_demo_password_is_refused_outside_the_demo(settings: Settings) -> None:
    User.objects.create_user("ada@acme.test", checks.DEMO_PASSWORD)

    found = checks.demo_passwords(None, databases=["default"])
    settings.DEMO = True
    in_demo = checks.demo_passwords(None, databases=["default"])

    assert "ada@acme.test has the demo's password" in checks.first_fault(found)
    assert in_demo == []


@pytest.mark.django_db
def test_another_password_of_the_same_person_is_fine() -> None:
    User.objects.create_user("ada@acme.test", "something of her own")

    assert checks.demo_passwords(None, databases=["default"]) == []


def run(command: list[str], folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "VAR_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**clean, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,  # catches only what hangs
    )


@pytest.mark.slow
def test_a_server_that_runs_no_checks_refuses_too(tmp_path: Path) -> None:
    wrong = run(["-c", "import pathbound_mcp.asgi"], tmp_path, DEBUG="1")
    right = run(["-c", "import pathbound_mcp.asgi"], tmp_path)

    assert (right.returncode, right.stderr) == (0, "")
    assert wrong.returncode == 1
    assert wrong.stderr == "DEBUG is set without DEMO. Unset DEBUG.\n"


@pytest.mark.slow
def test_a_wrong_variable_ends_the_start_in_one_sentence(tmp_path: Path) -> None:
    done = run(["manage.py", "check"], tmp_path, PORT="many")

    assert done.returncode == 1
    assert done.stderr.startswith("The environment variable PORT is invalid")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "url", ["postgres://crm:secret@host:port/crm", "mysql://host/crm", "crm", "postgres//host/crm"]
)
def test_a_database_that_cannot_be_is_refused_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(SystemExit) as refusal:
        env.load()
    assert str(refusal.value).startswith("The environment variable DATABASE_URL is invalid: must")
    assert "secret" not in str(refusal.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PORT=many\n", "PORT is invalid"),
        (b"LOG_LEVEL=INFO\n'oh\n", "line 2: expected NAME=value"),
        (b"LOG_LEVEL=\xff\n", "cannot be read"),
    ],
)
def test_a_broken_env_file_ends_the_start_in_one_sentence(
    tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "broken.env"
    file.write_bytes(content)

    done = run(["-m", "pathbound_mcp.supervisor"], tmp_path, ENV_FILE=str(file))

    assert done.returncode == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_example_of_the_environment_is_up_to_date() -> None:
    call_command("env_example", "--check")


@pytest.mark.django_db
def test_the_demo_people_are_listed_with_the_public_password(
    settings: Settings,
) -> None:
    User.objects.create_user("ops@demo.test", checks.DEMO_PASSWORD, is_staff=True)
    settings.DEMO = True
    settings.ENV = settings.ENV.model_copy(update={"DATABASE_URL": ""})
    from pathbound_mcp.management.commands import prepare

    assert prepare.demo_logins() == [
        {
            "email": "ops@demo.test",
            "role": "operator, /admin/ only",
            "password": checks.DEMO_PASSWORD,
        }
    ]


@pytest.mark.django_db
def test_on_a_public_origin_the_demo_people_get_passwords_of_their_own(
    settings: Settings,
) -> None:
    user = User.objects.create_user("ops@demo.test", checks.DEMO_PASSWORD, is_staff=True)
    settings.IS_LOOPBACK = False
    from pathbound_mcp.management.commands import prepare

    first = prepare.demo_logins()[0]["password"]
    second = prepare.demo_logins()[0]["password"]

    user.refresh_from_db()
    assert not user.check_password(checks.DEMO_PASSWORD)
    assert user.check_password(first)
    assert second == "as set or shown before"
