"""The consent page: what it says, what it grants, and that nothing grants without it."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from core import clock
from core.access import SCOPE_RULES, Role, scopes_for
from oauth.models import Connection, Grant, RedirectHostPermission
from tests.oauth import flow

pytestmark = pytest.mark.django_db

DECIDING = {"actions:approve", "actions:execute", "agents:approve"}
EVIL = "https://evil.example/cb"


def test_the_headline_is_the_redirect_host_and_the_name_is_small_and_unverified() -> None:
    client = flow.app("https://chatgpt.com/cb", name="Nice helper")
    browser = flow.logged_in(flow.member("mia", "member"))
    page = flow.open_page(browser, client, redirect_uri="https://chatgpt.com/cb")
    text = page.content.decode()
    assert "An app at chatgpt.com wants to work in Acme" in text
    assert "It calls itself “Nice helper” (unverified)." in text
    assert "mia@acme.test" in text
    for scope, rule in SCOPE_RULES.items():
        assert (rule.sentence in text) == (scope in scopes_for(Role.MEMBER)), scope


@pytest.mark.parametrize("host", ["127.0.0.1:1234", "localhost:9", "[::1]:1234"])
def test_an_app_on_this_computer_is_named_as_such_and_warned_about(host: str) -> None:
    client = flow.app(f"http://{host}/cb", name="Claude Code")
    page = flow.open_page(
        flow.logged_in(flow.member("mia", "member")), client, redirect_uri=f"http://{host}/cb"
    )
    text = page.content.decode()
    assert "An app on this computer wants" in text
    assert "Any program on this computer could have sent this request" in text
    assert "Claude Code" not in text


def test_the_page_may_not_be_framed_stored_or_used_to_post_elsewhere() -> None:
    page = flow.open_page(flow.logged_in(flow.member("mia", "member")), flow.app())
    policy = page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://claude.ai;" in policy + ";"
    assert "no-store" in page["Cache-Control"]
    assert page["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("role", list(Role))
def test_boxes_follow_the_role_and_deciding_ones_start_unticked(role: Role) -> None:
    page = flow.open_page(flow.logged_in(flow.member("per", role)), flow.app())
    shown, ticked = set(flow.boxes_in(page)), set(flow.ticked_in(page))
    assert shown == {scope.value for scope in scopes_for(role)}
    assert ticked == shown - DECIDING
    assert bool(shown & DECIDING) == role.includes(Role.REVIEWER)


@pytest.mark.parametrize(
    ("asked", "ticked", "role", "granted"),
    [
        ("contacts:read contacts:write", ["contacts:read"], "admin", "contacts:read"),
        ("contacts:read", ["contacts:read", "actions:execute"], "admin", "contacts:read"),
        ("contacts:read contacts:write", ["contacts:read", "contacts:write"], "viewer", None),
        ("contacts:read offline_access openid", ["contacts:read"], "member", "contacts:read"),
        ("actions:read actions:approve", ["actions:read", "actions:approve"], "member", None),
    ],
)
def test_granted_is_asked_and_ticked_and_allowed_by_the_role(
    asked: str, ticked: list[str], role: str, granted: str | None
) -> None:
    browser = flow.logged_in(flow.member("per", role))
    flow.consent(browser, flow.app(), scope=asked, ticked=ticked)
    assert Connection.objects.get().scope == (granted or asked.split()[0])


@pytest.mark.parametrize("scope", [None, "", "offline_access"])
def test_an_app_that_asks_for_nothing_known_is_offered_reading_only(scope: str | None) -> None:
    page = flow.open_page(flow.logged_in(flow.member("ada", "admin")), flow.app(), scope=scope)
    assert flow.boxes_in(page)
    assert all(box.endswith(":read") for box in flow.boxes_in(page))


def test_nothing_ticked_grants_nothing_and_asks_again() -> None:
    browser = flow.logged_in(flow.member("ada", "admin"))
    page = flow.open_page(browser, flow.app())
    again = flow.say(browser, page, "allow", scope=[])
    assert again.status_code == 400
    assert "Tick at least one permission" in again.content.decode()
    assert flow.say(browser, again, "allow", scope=["contacts:read"]).status_code == 302


def test_a_no_is_told_to_the_app_with_state_and_issuer() -> None:
    browser = flow.logged_in(flow.member("ada", "admin"))
    page = flow.open_page(browser, flow.app())
    answer = flow.answer_of(flow.say(browser, page, "deny"))
    assert (answer["error"], answer["state"]) == ("access_denied", "st4te")
    assert answer["iss"] == settings.PUBLIC_BASE_URL
    assert not Connection.objects.exists()


# T1: every way around the page.


@pytest.mark.parametrize("extra", [{"approval_prompt": "auto"}, {"prompt": "none"}, {}])
def test_a_get_never_grants_even_after_a_grant(extra: dict[str, str]) -> None:
    ada = flow.member("ada", "admin")
    client = flow.app()
    flow.connect(ada, client)
    codes = Grant.objects.count()
    page = flow.open_page(flow.logged_in(ada), client, **extra)
    if extra.get("prompt") == "none":
        assert flow.answer_of(page)["error"] == "consent_required"
    else:
        assert flow.ticket_of(page)
    assert Grant.objects.count() == codes


def test_a_form_without_a_csrf_token_is_refused() -> None:
    browser = flow.logged_in(flow.member("ada", "admin"), enforce_csrf_checks=True)
    page = flow.open_page(browser, flow.app())
    assert flow.say(browser, page, "allow", scope=["contacts:read"]).status_code == 403
    assert not Connection.objects.exists()


def test_a_replayed_form_grants_nothing() -> None:
    browser = flow.logged_in(flow.member("ada", "admin"))
    page = flow.open_page(browser, flow.app())
    assert flow.say(browser, page, "allow", scope=["contacts:read"]).status_code == 302
    assert flow.say(browser, page, "allow", scope=["contacts:read"]).status_code == 400
    assert Connection.objects.count() == 1


def test_another_persons_form_grants_nothing() -> None:
    client = flow.app()
    page = flow.open_page(flow.logged_in(flow.member("ada", "admin")), client)
    rex = flow.logged_in(flow.member("rex", "reviewer"))
    assert flow.say(rex, page, "allow", scope=["contacts:read"]).status_code == 400
    assert flow.say(Client(), page, "allow", scope=["contacts:read"]).status_code == 400
    assert not Connection.objects.exists()


def test_a_ticket_carried_into_another_persons_session_grants_nothing() -> None:
    ada = flow.logged_in(flow.member("ada", "admin"))
    page = flow.open_page(ada, flow.app())
    rex = flow.logged_in(flow.member("rex", "reviewer"))
    session = rex.session
    session["oauth_requests"] = ada.session["oauth_requests"]
    session.save()
    assert flow.say(rex, page, "allow", scope=["contacts:read"]).status_code == 400
    assert not Connection.objects.exists()


def test_an_old_form_grants_nothing() -> None:
    browser = flow.logged_in(flow.member("ada", "admin"))
    page = flow.open_page(browser, flow.app())
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        assert flow.say(browser, page, "allow", scope=["contacts:read"]).status_code == 400


def test_fields_smuggled_into_the_form_change_nothing() -> None:
    browser = flow.logged_in(flow.member("ada", "admin"))
    page = flow.open_page(browser, flow.app(), scope="contacts:read")
    response = flow.say(
        browser,
        page,
        "allow",
        scope=["contacts:read", "actions:execute"],
        redirect_uri=EVIL,
        client_id="x",
    )
    assert response["Location"].startswith(flow.CLAUDE)
    assert Connection.objects.get().scope == "contacts:read"


def test_an_app_that_changed_its_address_meanwhile_gets_nothing() -> None:
    browser = flow.logged_in(flow.member("ada", "admin"))
    client = flow.app()
    page = flow.open_page(browser, client)
    client.redirect_uris = "https://claude.ai/other"
    client.save()
    assert flow.say(browser, page, "allow", scope=["contacts:read"]).status_code == 400
    assert not Connection.objects.exists()


def test_a_person_who_lost_the_membership_meanwhile_grants_nothing() -> None:
    ada = flow.member("ada", "admin")
    browser = flow.logged_in(ada)
    page = flow.open_page(browser, flow.app())
    ada.memberships.update(is_active=False)
    assert flow.say(browser, page, "allow", scope=["contacts:read"]).status_code == 403
    assert not Connection.objects.exists()


# Workspaces and new places.


def test_a_person_of_two_workspaces_chooses_one_of_them_and_no_third() -> None:
    ada = flow.member("ada", "admin")
    flow.workspace("initech")
    globex = flow.workspace("globex")
    ada.memberships.create(workspace=globex, role="viewer")
    browser = flow.logged_in(ada)
    page = flow.open_page(browser, flow.app())
    assert "Which workspace is it for?" in page.content.decode()
    foreign = flow.say(browser, page, "workspace", workspace=flow.workspace("initech").pk)
    assert "Which workspace is it for?" in foreign.content.decode()
    skipped = flow.say(browser, page, "allow", scope=["contacts:read"])
    assert "Which workspace is it for?" in skipped.content.decode()
    chosen = flow.say(browser, page, "workspace", workspace=globex.pk)
    assert "wants to work in Globex" in chosen.content.decode()
    assert not DECIDING & set(flow.boxes_in(chosen))
    flow.say(browser, chosen, "allow", scope=["contacts:read", "contacts:write"])
    connection = Connection.objects.get()
    assert (connection.workspace_id, connection.scope) == (globex.pk, "contacts:read")


def test_a_new_place_waits_for_an_admins_one_time_yes() -> None:
    client = flow.app(EVIL)
    mia = flow.logged_in(flow.member("mia", "member"))
    refused = flow.open_page(mia, client, redirect_uri=EVIL)
    assert refused.status_code == 403
    assert "must allow this address first" in refused.content.decode()
    ticket = next(iter(mia.session["oauth_requests"]))
    for step in ("allow", "host"):
        pressed = {"ticket": ticket, "step": step, "scope": ["contacts:read"]}
        assert flow.post(mia, "/oauth/authorize", pressed).status_code == 403
    assert not RedirectHostPermission.objects.exists()
    assert not Connection.objects.exists()
    ada = flow.logged_in(flow.member("ada", "admin"))
    asked = flow.open_page(ada, client, redirect_uri=EVIL)
    assert "evil.example" in asked.content.decode()
    assert not flow.boxes_in(asked)
    consent = flow.say(ada, asked, "host")
    assert flow.boxes_in(consent)
    assert flow.boxes_in(flow.open_page(mia, client, redirect_uri=EVIL))


def test_an_admins_yes_counts_in_his_workspace_only() -> None:
    ada = flow.logged_in(flow.member("ada", "admin"))
    client = flow.app(EVIL)
    flow.say(ada, flow.open_page(ada, client, redirect_uri=EVIL), "host")
    gil = flow.logged_in(flow.member("gil", "admin", "globex"))
    assert not flow.boxes_in(flow.open_page(gil, client, redirect_uri=EVIL))


# Before login.


def test_an_unknown_person_is_sent_to_log_in_and_back() -> None:
    response = flow.open_page(Client(), flow.app())
    assert response.status_code == 302
    assert response["Location"].startswith("/login/?next=/oauth/authorize")


@pytest.mark.parametrize(
    "changes", [{"client_id": "gone"}, {"redirect_uri": EVIL}, {"redirect_uri": None}]
)
def test_a_stale_client_meets_an_error_page_and_no_login_form(changes: dict[str, str]) -> None:
    response = flow.open_page(Client(), flow.app(), **changes)
    assert response.status_code == 400
    assert "Nothing was shared" in response.content.decode()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_other_faults_are_told_to_the_app_before_login(
    changes: dict[str, str | None], error: str
) -> None:
    answer = flow.answer_of(flow.open_page(Client(), flow.app(), **changes))
    assert (answer["error"], answer["state"]) == (error, "st4te")
    assert answer["iss"] == settings.PUBLIC_BASE_URL
