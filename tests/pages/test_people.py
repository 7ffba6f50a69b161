"""Logging in, joining, and the people of a workspace."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership, User
from core.access import Role
from tests import factories
from tests.pages.conftest import Browser, Team

HOST = {"host": "127.0.0.1"}


def log_in(client: Client, email: str, password: str = factories.PASSWORD, **more: str) -> Any:
    """Send the login form."""
    return client.post("/login/", {"username": email, "password": password, **more})


def test_a_login_leads_to_the_queue_and_is_fresh(team: Team) -> None:
    client = Client(headers=HOST)

    answer = log_in(client, "REX@acme.example")

    assert answer.headers["Location"] == "/approvals/"
    assert client.session["authenticated_at"] > 0


@pytest.mark.parametrize(
    "place", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_a_login_never_leads_elsewhere(team: Team, place: str) -> None:
    answer = log_in(Client(headers=HOST), "rex@acme.example", next=place)

    assert answer.headers["Location"] == "/approvals/"


def test_a_wrong_password_and_an_unknown_address_get_the_same_sentence(team: Team) -> None:
    client = Client(headers=HOST)
    pages = [
        log_in(client, address, "wrong password").content.decode()
        for address in ["rex@acme.example", "nobody@acme.example"]
    ]

    assert all("Wrong e-mail address or password." in page for page in pages)


def test_the_eleventh_try_in_a_minute_waits(team: Team) -> None:
    client = Client(headers=HOST)
    for _ in range(10):
        assert log_in(client, "rex@acme.example", "wrong").status_code == 200

    answer = log_in(client, "rex@acme.example")

    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_one_address_is_not_tried_from_many_places(team: Team) -> None:
    for number in range(10):
        log_in(Client(headers=HOST, REMOTE_ADDR=f"192.0.2.{number}"), "rex@acme.example", "wrong")

    answer = log_in(Client(headers=HOST, REMOTE_ADDR="192.0.2.200"), "rex@acme.example")

    assert answer.status_code == 429


def test_the_demo_fills_in_its_people_only_on_this_machine(settings: Any, db: None) -> None:
    settings.DEMO = True
    assert "ada@acme.test" in Client(headers=HOST).get("/login/").content.decode()
    settings.IS_LOOPBACK = False
    settings.PUBLIC_BASE_URL = "http://127.0.0.1"
    assert "ada@acme.test" not in Client(headers=HOST).get("/login/").content.decode()


def test_logging_out_needs_a_post(team: Team, browser_of: Browser) -> None:
    client = browser_of(team.rex)
    assert client.get("/logout/").status_code == 405
    client.post("/logout/")

    assert client.get("/approvals/").status_code == 302


def test_a_person_of_two_workspaces_switches(team: Team, browser_of: Browser) -> None:
    other = factories.workspace("Globex")
    Membership.objects.create(workspace=other, user=team.rex.user, role=Role.VIEWER)
    client = browser_of(team.rex)

    client.post("/workspace/", {"workspace": str(other.pk)})

    assert '<div class="place">Globex</div>' in client.get("/approvals/").content.decode()
    foreign = factories.workspace("Initech")
    assert client.post("/workspace/", {"workspace": str(foreign.pk)}).status_code == 404


def invited(client: Client, email: str, role: str = "member") -> str:
    """The path of the link that inviting shows once."""
    page = client.post("/settings/members/invite/", {"email": email, "role": role})
    text = page.content.decode()
    assert "/join/" in text, text[-2000:]
    return "/join/" + text.split("/join/")[1].split('"')[0]


def test_an_invited_person_sets_a_password_and_is_in(team: Team, browser_of: Browser) -> None:
    admin = browser_of(team.alice)
    path = invited(admin, "new@umbrella.example", "reviewer")
    assert path not in admin.get("/settings/members/").content.decode()
    client = Client(headers=HOST)
    assert "Join Acme" in client.get(path).content.decode()

    weak = client.post(path, {"name": "Nia", "password": "short"})
    answer = client.post(path, {"name": "Nia", "password": "a long enough phrase"})

    assert weak.status_code == 400
    assert answer.headers["Location"] == "/approvals/"
    member = Membership.objects.get(user__email="new@umbrella.example")
    assert member.role == "reviewer"
    assert Client(headers=HOST).get(path).status_code == 404


def test_an_invited_person_with_an_account_joins_with_it(team: Team, browser_of: Browser) -> None:
    place = factories.workspace("Globex")
    gil = factories.member(place, "Gil", Role.ADMIN)
    path = invited(browser_of(team.alice), gil.user.email)
    taken = Client(headers=HOST).post(path, {"name": "X", "password": "a long enough phrase"})
    hal = factories.member(factories.workspace("Initech"), "Hal", Role.ADMIN)
    other = browser_of(hal).post(path)

    answer = browser_of(gil).post(path)

    assert taken.status_code == 409
    assert User.objects.get(pk=gil.user_id).check_password(factories.PASSWORD)
    assert other.status_code == 409
    assert answer.headers["Location"] == "/approvals/"
    assert Membership.objects.filter(workspace=team.place, user=gil.user).exists()


def test_a_link_taken_back_is_dead(team: Team, browser_of: Browser) -> None:
    from accounts.models import Invitation

    admin = browser_of(team.alice)
    path = invited(admin, "new@umbrella.example")
    invitation = Invitation.objects.get()

    admin.post(f"/settings/invitations/{invitation.pk}/revoke/")

    assert Client(headers=HOST).get(path).status_code == 404


def test_only_an_admin_changes_members(team: Team, browser_of: Browser) -> None:
    for member in [team.rex, team.mia, team.vic]:
        client = browser_of(member)
        assert "rex@acme.example" in client.get("/settings/members/").content.decode()
        for path, data in [
            (f"/settings/members/{team.vic.pk}/role/", {"role": "admin"}),
            (f"/settings/members/{team.alice.pk}/deactivate/", {}),
            (f"/settings/members/{team.alice.pk}/reactivate/", {}),
            ("/settings/members/invite/", {"email": "x@y.example", "role": "admin"}),
        ]:
            assert client.post(path, data).status_code == 403
    assert Membership.objects.get(pk=team.vic.pk).role == "viewer"


def test_an_admin_changes_a_role_and_ends_a_membership(team: Team, browser_of: Browser) -> None:
    admin, vic = browser_of(team.alice), browser_of(team.vic)
    admin.post(f"/settings/members/{team.vic.pk}/role/", {"role": "reviewer"})
    assert Membership.objects.get(pk=team.vic.pk).role == "reviewer"

    admin.post(f"/settings/members/{team.vic.pk}/deactivate/")
    assert vic.get("/approvals/").status_code == 403

    admin.post(f"/settings/members/{team.vic.pk}/reactivate/")
    assert vic.get("/approvals/").status_code == 200


def test_the_last_admin_stays(team: Team, browser_of: Browser) -> None:
    admin = browser_of(team.alice)

    answer = admin.post(f"/settings/members/{team.alice.pk}/deactivate/")

    assert answer.status_code == 409
    assert "only admin" in answer.content.decode()


def test_an_operator_without_a_workspace_is_shown_the_way(db: None) -> None:
    operator = User.objects.create_superuser("ops@acme.example", factories.PASSWORD)
    client = Client(headers=HOST)
    client.force_login(operator)

    answer = client.get("/approvals/")

    assert answer.status_code == 403
    assert 'href="/admin/"' in answer.content.decode()
