"""Every kind of secret an installation holds, given to it the way people and providers give it."""

import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from django.test import Client
from pydantic import SecretStr

from accounts.services import invitations, verification
from agents.models import AllowedProvider
from core import clock, operations
from core.access import Role
from core.actor import Actor
from core.operations import Request
from fakes import google, unipile
from identities.models import Channel, Identity, Kind, Mailbox
from identities.providers.mcp import servers
from identities.services import connection_tests, connections
from jobs import execution
from tests import factories, fakes
from tests.agents.models import MODELS
from tests.api.conftest import key_of
from tests.fakes import Provider
from tests.identities.test_mcp_oauth import HERE, ROOT
from tests.oauth import flow
from tests.scenario import Scenario, scenario_at
from tests.team import approve

PROVIDERS = ("slack", "resend", "hubspot", "unipile", "anthropic")
BODY = "canary-body-2b6d"
FROM_ENVIRONMENT = {
    name: f"canary-{name.lower()}-5e1c"
    for name in ("UNIPILE_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "METRICS_TOKEN")
}


@dataclass
class Installation:
    """A team with everything connected, and each secret by kind."""

    scenario: Scenario
    browser: Client
    secrets: dict[str, str] = field(default_factory=dict)
    token: str = ""
    key: str = ""
    heard: io.StringIO = field(default_factory=io.StringIO)

    @property
    def admin(self) -> Actor:
        """Alice, with a fresh login."""
        return factories.person(self.scenario.team.alice).with_fresh_login()

    def canary(self, what: str) -> str:
        """A new secret, one line that looks like a token."""
        self.secrets[what] = f"canary-{what.replace(' ', '-').lower()}-9c41"
        return self.secrets[what]


@contextmanager
def installed(settings: Any, folder: Path) -> Iterator[Installation]:
    """Providers run with secrets of their own, and an admin connects every one of them."""
    made = Installation(scenario_at(factories.workspace()), Client())
    made.secrets |= FROM_ENVIRONMENT
    made.secrets |= {"SECRET_KEY": settings.SECRET_KEY, "FIELD_KEYS": settings.FIELD_KEYS[0]}
    for name, value in FROM_ENVIRONMENT.items():
        setattr(settings, name, value)
    with ExitStack() as stack:

        def start(name: str, *more: str) -> Provider:
            where = folder / "-".join((name, *more)).replace("/", "")
            where.mkdir()
            return stack.enter_context(fakes.running(name, where, *more))

        tokens = {"unipile": FROM_ENVIRONMENT["UNIPILE_API_KEY"]}
        tokens |= {"anthropic": FROM_ENVIRONMENT["ANTHROPIC_API_KEY"]}
        started = {
            name: start(name, "--token", tokens.get(name) or made.canary(f"{name} token"))
            for name in PROVIDERS
        }
        started["google"] = start("google")
        servers = (
            start("mcp_server", "--token", made.canary("server header")),
            start("mcp_server", "--oauth"),
        )
        _name(settings, started, servers)
        _log_in(made)
        _connect(made, started, servers)
        _work(made)
        assert all(started[name].lines() for name in PROVIDERS), "each was asked, with its secret"
        yield made


def _name(settings: Any, started: dict[str, Provider], servers: tuple[Provider, ...]) -> None:
    for name in PROVIDERS:
        what = "BASE_URL" if name == "anthropic" else "API_URL"
        base = "/api" if name == "slack" else ""
        setattr(settings, f"{name.upper()}_{what}", started[name].origin + base)
    origin = started["google"].origin
    settings.GOOGLE_CLIENT_ID, settings.GOOGLE_CLIENT_SECRET = (
        google.CLIENT_ID,
        google.CLIENT_SECRET,
    )
    settings.GOOGLE_AUTHORIZE_URL = f"{origin}/o/oauth2/v2/auth"
    settings.GOOGLE_TOKEN_URL = f"{origin}/token"
    settings.OUTBOUND_OPERATOR_ORIGINS = [one.origin for one in started.values()]
    settings.OUTBOUND_PRIVATE_HOSTS = [f"127.0.0.1:{one.port}" for one in servers]
    # An unreachable server: a test of the mailbox opens its password.
    settings.GMAIL_SMTP_URL, settings.GMAIL_IMAP_URL = "smtp://127.0.0.1:9", "imap://127.0.0.1:9"


def _log_in(made: Installation) -> None:
    """By the form, as people do."""
    alice = made.scenario.team.alice.user
    facts = {"username": alice.email, "password": factories.PASSWORD}
    assert made.browser.post("/login/", facts).status_code == 302
    made.secrets["session"] = made.browser.cookies["session"].value
    made.secrets["password"] = factories.PASSWORD


def _connect(made: Installation, started: dict[str, Provider], servers: Any) -> None:
    team, browser = made.scenario.team, made.browser
    for kind in (Kind.SLACK, Kind.RESEND, Kind.HUBSPOT):
        secret = SecretStr(made.secrets[f"{kind.value} token"])
        connections.save_token(made.admin, kind, secret)
    resend = Channel.objects.get(kind=Kind.RESEND)
    made.secrets["webhook secret"] = "whsec_Y2FuYXJ5LXdlYmhvb2stc2VjcmV0LTljNDE="
    browser.post(
        f"/settings/senders/channels/{resend.pk}/webhook/",
        {"secret": made.secrets["webhook secret"]},
    )
    by_header, by_oauth = servers
    for name, server, header in (("desk", by_header, "X-Api-Key"), ("shop", by_oauth, "")):
        wish = {"name": name, "url": f"{server.origin}/mcp", "header": header}
        value = {"secret": made.secrets["server header"]} if header else {}
        assert browser.post(f"{ROOT}new/", wish | value).status_code == 302
    shop = Channel.objects.get(name="shop")
    to_server = browser.get(f"{ROOT}{shop.pk}/oauth/")["Location"]
    back = httpx.get(to_server).headers["Location"]
    made.secrets["server code"] = httpx.URL(back).params["code"]
    made.secrets["server state"] = httpx.URL(back).params["state"]
    browser.get(back.removeprefix(HERE), follow=True)
    (granted,) = (line for line in by_oauth.lines() if "granted" in line)
    made.secrets |= {"server access": granted["granted"], "server refresh": granted["refresh"]}
    _connect_mail(made, started["google"])
    _connect_linkedin(made)
    made.key = made.secrets["API key"] = key_of(team.alice, rate_limit="9999/s")
    pair = flow.connect(team.alice.user)
    made.token = made.secrets["OAuth access"] = pair["access_token"]
    made.secrets["OAuth refresh"] = pair["refresh_token"]
    made.secrets["invitation"] = invitations.invite(made.admin, "new@acme.example", Role.MEMBER)
    link = verification.link_of(team.alice.user)
    made.secrets["verification"] = link.rstrip("/").rpartition("/")[2]


def _connect_mail(made: Installation, provider: Provider) -> None:
    team, browser = made.scenario.team, made.browser
    Mailbox.objects.all().update(address="relay@acme.example")
    by_password = f"/settings/senders/{team.mailer.pk}/mailbox/"
    form = {
        "address": "mia@own.example",
        "smtp_host": "127.0.0.1",
        "smtp_port": "9",
        "smtp_security": "tls",
        "smtp_username": "mia",
        "imap_security": "tls",
        "password": made.canary("mail password"),
    }
    assert browser.post(by_password, form).status_code == 302
    place = team.place
    of_google = Identity.objects.create(workspace=place, first_name="Gmail", created_at=clock.now())
    to_google = browser.get(f"/settings/senders/{of_google.pk}/gmail/")
    back = httpx.get(to_google["Location"]).headers["Location"]
    made.secrets["google code"] = httpx.URL(back).params["code"]
    browser.get(back.removeprefix(HERE), follow=True)
    (effect,) = provider.effects("/token")
    made.secrets["google refresh"] = effect["granted"]


def _connect_linkedin(made: Installation) -> None:
    """With a password, then a wrong and a right code."""
    team = made.scenario.team
    claude = factories.app(team.alice, factories.ALL_SCOPES)
    start = operations.get("identities.linkedin.start")
    other = Identity.objects.create(
        workspace=team.place, first_name="Linked", created_at=clock.now()
    )
    job_id = operations.submit(claude, start, {"identity_id": str(other.pk)}, Request())["job_id"]
    execution.run_job(job_id)
    typed = {
        "linkedin_username": "code@mail.example",
        "linkedin_password": made.canary("linkedin password"),
    }
    made.browser.post(f"/linkedin/{job_id}/credentials/", typed)
    made.secrets["linkedin code"] = unipile.CODE
    for code in ("111111", unipile.CODE):
        made.browser.post(f"/linkedin/{job_id}/code/", {"code": code})
        execution.run_job(job_id)
    assert Channel.objects.filter(kind=Kind.LINKEDIN).exists()


def _work(made: Installation) -> None:
    """Use what was connected: each secret travels to its provider."""
    team = made.scenario.team
    for channel in Channel.objects.all():
        connection_tests.try_channel(made.admin, str(channel.pk))
    for mailbox in Mailbox.objects.all():
        connection_tests.try_mailbox(made.admin, str(mailbox.pk))
    servers.offered(Channel.objects.get(name="desk"))
    AllowedProvider.objects.create(
        workspace=team.place, provider="anthropic", opened_at=clock.now()
    )
    lead = factories.contact(team.place, "lead@umbrella.example", lifecyclestage="lead")
    factories.event(lead, url="https://x.example/pricing", path="/pricing")
    asking = {"provider": "anthropic", "model": MODELS["anthropic"]}
    spending = {"max_tokens": 4096, "budget": 5.0}
    agent = factories.agent(
        team.place,
        team.alice,
        "Asking",
        identity=team.mailer,
        llm_config={**asking, **spending},
    )
    trigger = operations.get("agents.agent.trigger")
    started = operations.submit(made.admin, trigger, {"agent_id": str(agent.pk)}, Request())
    execution.run_job(started["job_id"])
    to = {"contact_id": None, "to": "bo@hooli.example"}
    approve(team.reviewer, team.mail(**to, subject="Offer", body=f"Hi {BODY}"))
    team.mail(subject="Another", body=f"Dear {BODY}")
