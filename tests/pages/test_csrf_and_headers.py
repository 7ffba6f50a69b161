"""Every form needs its token, every page its login, every answer its headers."""

from django.test import Client
from django.urls import get_resolver

from accounts import urls as accounts_urls
from agents import urls as agents_urls
from approvals import urls as approvals_urls
from crm import urls as crm_urls
from tests import factories
from tests.cells import each
from tests.pages.conftest import Browser, Team

HOST = {"host": "127.0.0.1"}
PATTERNS = [
    *accounts_urls.urlpatterns,
    *agents_urls.urlpatterns,
    *approvals_urls.urlpatterns,
    *crm_urls.urlpatterns,
]
READ_ONLY = {
    *("queue", "queue_stream", "confirm", "card", "members", "tasks", "policy"),
    *(
        "segments",
        "segment",
        "deleted_segments",
        "external_access",
        "audit",
        "agents",
        "agent",
        "agent_run",
    ),
}
# A message's link: mail programs post it without a cookie (RFC 8058); tests/approvals has its own.
PATTERNS = [pattern for pattern in PATTERNS if pattern.name != "unsubscribe"]
OPEN = {"login", "join"}  # reached by those who are not logged in, by design
FORMS = {
    "api_keys",
    "confirm_password",
    "add_rule",
    "change_rule",
    "mode",
    "stop",
    "suppression",
    "verify_email",
    "new_segment",
    "edit_segment",
    "delete_segment",
    "new_agent",
    "edit_agent",
    "delete_agent",
    "me",
}  # shown by GET, sent by POST


def paths() -> dict[str, str]:
    """Each page's name and an address of it."""
    found = {}
    for pattern in PATTERNS:
        path = str(pattern.pattern)
        for name in [
            "token",
            "membership_id",
            "invitation_id",
            "action_id",
            "task_id",
            "rule_id",
            "entry_id",
            "segment_id",
            "agent_id",
            "run_id",
            "provider_id",
            "provider",
        ]:
            path = path.replace(f"<str:{name}>", "x").replace(f"<slug:{name}>", "x")
        found[str(pattern.name)] = f"/{path}"
    return found


WRITING = sorted(name for name in paths() if name not in READ_ONLY)


@each("name", WRITING)
def test_a_form_without_its_token_is_refused(team: Team, name: str) -> None:
    client = Client(headers=HOST, enforce_csrf_checks=True)
    client.force_login(team.alice.user)

    answer = client.post(paths()[name], {"username": "x", "password": "x"})

    assert answer.status_code == 403
    assert "This form has expired" in answer.content.decode()


def test_a_form_with_its_token_is_accepted(team: Team) -> None:
    client = Client(headers=HOST, enforce_csrf_checks=True)
    client.get("/login/")
    token = client.cookies["csrftoken"].value

    facts = {"username": "rex@acme.example", "password": factories.PASSWORD}
    answer = client.post("/login/", facts | {"csrfmiddlewaretoken": token})

    assert answer.status_code == 302


@each("name", sorted(set(paths()) - OPEN))
def test_a_page_without_a_login_asks_for_it(db: None, name: str) -> None:
    client = Client(headers=HOST)
    answers = [client.get(paths()[name]), client.post(paths()[name])]

    assert all(answer.headers["Location"].startswith("/login/?next=") for answer in answers)


@each("name", sorted(set(WRITING) - OPEN - FORMS))
def test_looking_changes_nothing(team: Team, browser_of: Browser, name: str) -> None:
    assert browser_of(team.alice).get(paths()[name]).status_code == 405


@each("path", ["/login/", "/approvals/", "/settings/members/", "/nothing/"])
def test_pages_allow_no_foreign_or_inline_code(team: Team, browser_of: Browser, path: str) -> None:
    team.mail()
    answer = browser_of(team.alice).get(path)
    text = answer.content.decode()
    policy = answer.headers["Content-Security-Policy"]

    assert "script-src 'self';" in f"{policy};"
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    for forbidden in [" style=", " onclick=", "<style", "javascript:", "https://cdn", 'src="http']:
        assert forbidden not in text


def test_every_named_page_is_mounted() -> None:
    mounted = set(get_resolver().reverse_dict)

    assert set(paths()) <= mounted
