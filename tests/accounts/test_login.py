"""Login does not reveal who has an account, and starts a new session."""

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User
from core.access import Role
from tests import factories

pytestmark = pytest.mark.django_db
HOST = {"host": "127.0.0.1"}
COUNTING = "tests.accounts.test_login.Counting"


class Counting(MD5PasswordHasher):
    """Notes how often a password was worked on."""

    algorithm = "counting"
    worked: ClassVar[list[str]] = []

    def encode(self, password: str, salt: str) -> str:
        """One piece of work, whether to store or to compare."""
        self.worked.append(password)
        return super().encode(password, salt)


@pytest.fixture
def work(settings: Any) -> Callable[[str], int]:
    """How much work a try with a wrong password is."""
    settings.PASSWORD_HASHERS = [COUNTING]
    place = factories.workspace()
    factories.member(place, "Mia", Role.MEMBER)
    gone = factories.member(place, "Bea", Role.MEMBER).user
    gone.is_active = False
    gone.save()
    User.objects.create_user("invited@acme.example")

    def tried(address: str) -> int:
        Counting.worked.clear()
        answer = Client(headers=HOST).post("/login/", {"username": address, "password": "wrong"})
        assert "Wrong e-mail address or password." in answer.content.decode()
        return len(Counting.worked)

    return tried


@pytest.mark.parametrize("who", ["nobody", "bea", "invited"])
def test_a_try_is_the_same_work_whoever_has_an_account(
    work: Callable[[str], int], who: str
) -> None:
    known = work("mia@acme.example")

    assert known == 1
    assert work(f"{who}@acme.example") == known


def log_in(client: Client) -> Any:
    return client.post("/login/", {"username": "mia@acme.example", "password": factories.PASSWORD})


@pytest.fixture
def browser() -> Client:
    factories.member(factories.workspace(), "Mia", Role.MEMBER)
    return Client(headers=HOST)


def test_a_login_gives_a_session_nobody_knew_before(browser: Client) -> None:
    browser.cookies["session"] = "a" * 32  # planted by an attacker
    session = browser.session
    session["planted"] = "yes"
    session.save()
    planted = browser.cookies["session"].value

    log_in(browser)

    assert browser.cookies["session"].value != planted
    other = Client(headers=HOST)
    other.cookies["session"] = planted
    assert other.get("/approvals/").headers["Location"].startswith("/login/")
    assert browser.get("/approvals/").status_code == 200


def test_the_table_of_sessions_opens_none(browser: Client) -> None:
    log_in(browser)
    (row,) = Session.objects.all()

    other = Client(headers=HOST)
    other.cookies["session"] = row.session_key

    assert row.session_key != browser.cookies["session"].value
    assert other.get("/approvals/").headers["Location"].startswith("/login/")
    assert browser.get("/approvals/").status_code == 200


def test_logging_out_ends_the_session_for_every_copy_of_the_cookie(browser: Client) -> None:
    log_in(browser)
    copy = Client(headers=HOST)
    copy.cookies["session"] = browser.cookies["session"].value
    assert copy.get("/approvals/").status_code == 200

    browser.post("/logout/")

    assert copy.get("/approvals/").headers["Location"].startswith("/login/")
    assert not Session.objects.exists()


def test_no_script_reads_the_cookies_and_no_other_site_sends_them(browser: Client) -> None:
    browser.get("/login/")
    log_in(browser)

    for name in ("session", "csrftoken"):
        cookie = browser.cookies[name]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert not cookie["domain"]


PLACES = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "/%0d%0aLocation:%20https://evil.example",
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("page", ["/login/", "/settings/password/", "/workspace/"])
def test_no_form_leads_elsewhere(browser: Client, page: str, place: str) -> None:
    if page != "/login/":
        log_in(browser)
    given = {"username": "mia@acme.example", "password": factories.PASSWORD, "next": place}

    answer = browser.post(page, given)

    there = answer.headers.get("Location", "/")
    assert there.startswith("/")
    assert not there.startswith(("//", "/\\", "/\t"))
    assert "\n" not in there
