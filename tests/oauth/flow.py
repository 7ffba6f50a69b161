"""An app and a person, played by HTTP."""

import base64
import hashlib
import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.test import Client

from accounts.models import Membership, User, Workspace
from oauth.models import Application

CLAUDE = "https://claude.ai/api/mcp/auth_callback"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")
ALL_SCOPES = " ".join(settings.OAUTH2_PROVIDER["SCOPES"])


def workspace(slug: str = "acme") -> Workspace:
    """The workspace of this name."""
    return Workspace.objects.get_or_create(slug=slug, defaults={"name": slug.capitalize()})[0]


def member(name: str, role: str, slug: str = "acme") -> User:
    """A person with a role in a workspace."""
    user = User.objects.filter(email=f"{name}@{slug}.test").first() or User.objects.create_user(
        f"{name}@{slug}.test", name=name.capitalize()
    )
    Membership.objects.create(workspace=workspace(slug), user=user, role=role)
    return user


def logged_in(user: User, **options: Any) -> Client:
    """A browser with this person's session."""
    browser = Client(**options)
    browser.force_login(user)
    return browser


def app(*redirect_uris: str, name: str = "Some app", **facts: Any) -> Application:
    """A registered public client."""
    return Application.objects.create(
        name=name,
        redirect_uris=" ".join(redirect_uris or (CLAUDE,)),
        client_type="public",
        authorization_grant_type="authorization-code",
        client_secret="",
        hash_client_secret=False,
        registration_source="dcr",
        **facts,
    )


def authorize_query(client: Application | str, **changes: Any) -> dict[str, Any]:
    """The parameters of a valid authorization request, with changes; None omits one."""
    query = {
        "response_type": "code",
        "client_id": client if isinstance(client, str) else client.client_id,
        "redirect_uri": CLAUDE,
        "code_challenge": CHALLENGE.decode(),
        "code_challenge_method": "S256",
        "state": "st4te",
        "scope": ALL_SCOPES,
        "resource": f"{settings.PUBLIC_BASE_URL}/mcp",
        **changes,
    }
    return {key: value for key, value in query.items() if value is not None}


def open_page(browser: Client, client: Application | str, **changes: Any) -> Any:
    """GET /oauth/authorize."""
    return browser.get("/oauth/authorize", authorize_query(client, **changes))


def ticket_of(page: Any) -> str:
    """The hidden ticket of a page's form."""
    found = re.search(r'name="ticket" value="([^"]+)"', page.content.decode())
    assert found, page.content.decode()
    return found.group(1)


def ticked_in(page: Any) -> list[str]:
    """The boxes a page shows ticked."""
    return re.findall(r'name="scope" value="([^"]+)" checked', page.content.decode())


def boxes_in(page: Any) -> list[str]:
    """All boxes a page shows."""
    return re.findall(r'name="scope" value="([^"]+)"', page.content.decode())


def post(browser: Client, path: str, data: dict[str, Any], **options: Any) -> Any:
    """POST a form."""
    return browser.post(
        path,
        urlencode(data, doseq=True),
        content_type="application/x-www-form-urlencoded",
        **options,
    )


def say(browser: Client, page: Any, step: str, **more: Any) -> Any:
    """Press a button of a page."""
    return post(browser, "/oauth/authorize", {"ticket": ticket_of(page), "step": step, **more})


def answer_of(response: Any) -> dict[str, str]:
    """The parameters of the redirect back to the app."""
    assert response.status_code == 302, response.content.decode()
    return dict(parse_qsl(urlsplit(response["Location"]).query))


def consent(browser: Client, client: Application | str, **changes: Any) -> dict[str, str]:
    """Open the page, press Connect with what is ticked (or `ticked`); the app's parameters."""
    ticked = changes.pop("ticked", None)
    page = open_page(browser, client, **changes)
    assert page.status_code == 200, page.content.decode()
    return answer_of(say(browser, page, "allow", scope=ticked or ticked_in(page)))


def redeem(client: Application | str, code: str, **changes: Any) -> Any:
    """POST the code to the token endpoint."""
    data = {
        "grant_type": "authorization_code",
        "client_id": client if isinstance(client, str) else client.client_id,
        "code": code,
        "redirect_uri": CLAUDE,
        "code_verifier": VERIFIER,
        **changes,
    }
    kept = {key: value for key, value in data.items() if value is not None}
    return post(Client(), "/oauth/token", kept)


def refresh(client: Application, refresh_token: str, **changes: Any) -> Any:
    """POST the refresh token to the token endpoint."""
    data = {
        "grant_type": "refresh_token",
        "client_id": client.client_id,
        "refresh_token": refresh_token,
        **changes,
    }
    return post(Client(), "/oauth/token", data)


def connect(user: User, client: Application | None = None, **changes: Any) -> dict[str, Any]:
    """The whole way; the token endpoint's answer."""
    registered = client or app()
    redirect = {"redirect_uri": changes["redirect_uri"]} if "redirect_uri" in changes else {}
    code = consent(logged_in(user), registered, **changes)["code"]
    response = redeem(registered, code, **redirect)
    assert response.status_code == 200, response.content
    pair: dict[str, Any] = json.loads(response.content)
    return pair


def call(access_token: str, path: str = "/mcp") -> Any:
    """A call with a bearer token."""
    return Client().post(path, headers={"Authorization": f"Bearer {access_token}"})
