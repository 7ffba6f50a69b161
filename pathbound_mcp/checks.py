"""Deployment checks: a misconfigured installation does not start (running-2)."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connections

from accounts.models import User
from core.limits import Rate

DEMO_PASSWORD = "demo-pathbound"  # noqa: S105 - public on purpose, and refused outside the demo
DEMO_DOMAINS = ("acme.test", "globex.test", "demo.test")
SHORTEST_KEY = 32

Apps = Sequence[AppConfig] | None


def register_all() -> None:
    """Register with Django's check framework; called once at startup."""
    register(installation, "pathbound")
    register(demo_passwords, Tags.database)


def refuse_wrong_start() -> None:
    """For servers that run no checks: exit with one sentence when one fails."""
    # In a thread: a server may load the application from inside its event loop.
    with ThreadPoolExecutor(max_workers=1) as thread:
        fault = thread.submit(_any_fault).result()
    if fault:
        raise SystemExit(fault)


def first_fault(faults: Sequence[CheckMessage]) -> str:
    """The first error and its fix, as one line; empty if there is none."""
    return f"{faults[0].msg} {faults[0].hint or ''}".strip() if faults else ""


def _any_fault() -> str:
    try:
        return first_fault([*installation(None), *demo_passwords(None, databases=["default"])])
    finally:
        connections.close_all()


def installation(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """Faults that the environment alone shows."""
    return [*_demo_settings(), *_origin(), *_keys(), *_rates()]


def demo_passwords(
    app_configs: Apps, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Without DEMO no user may still have the demo's public password."""
    if settings.DEMO or not databases:
        return []
    people = User.objects.filter(is_active=True, email__endswith=".test").order_by("email")
    try:
        found = next((p for p in people[:50] if p.check_password(DEMO_PASSWORD)), None)
    except DatabaseError:  # not migrated yet: no users
        return []
    if found is None:
        return []
    return [
        Error(
            f"{found.email} has the demo's password, but this is not the demo.",
            hint="Use another VAR_DIR or database for your own data, or remove the demo's people.",
            id="pathbound.E005",
        )
    ]


def _demo_settings() -> Iterator[CheckMessage]:
    if settings.DEMO:
        return
    if settings.DEBUG:
        yield Error("DEBUG is set without DEMO.", hint="Unset DEBUG.", id="pathbound.E001")
    for name in ("CIMD_STATIC_DOCUMENTS", "DEMO_SMTP_PORT", "DEMO_MCP_URL"):
        if getattr(settings.ENV, name):
            yield Error(f"{name} is set without DEMO.", hint=f"Unset {name}.", id="pathbound.E002")


def _origin() -> Iterator[CheckMessage]:
    if not (settings.DEMO or settings.IS_HTTPS or settings.IS_LOOPBACK):
        yield Error(
            "PUBLIC_BASE_URL must begin with https:// unless it is this machine.",
            hint="Put a proxy with a certificate in front; deploy/ has an example.",
            id="pathbound.E003",
        )


def _keys() -> Iterator[CheckMessage]:
    keys = {"SECRET_KEY": [settings.SECRET_KEY], "FIELD_KEYS": settings.FIELD_KEYS or [""]}
    for name, values in keys.items():
        if min(len(value) for value in values) < SHORTEST_KEY:
            yield Error(
                f"{name} must have at least {SHORTEST_KEY} characters.",
                hint="python3 -c 'import secrets; print(secrets.token_urlsafe(48))' generates one.",
                id="pathbound.E004",
            )
        if not settings.DEMO and any(value.startswith("demo") for value in values):
            yield Error(
                f"{name} is the demo's key.", hint="Generate your own.", id="pathbound.E004"
            )
    if settings.SECRET_KEY in settings.FIELD_KEYS:
        yield Error(
            "FIELD_KEYS must not repeat SECRET_KEY.", hint="Generate two keys.", id="pathbound.E004"
        )


def _rates() -> Iterator[CheckMessage]:
    for name in ("MCP_RATE_LIMIT", "REST_RATE_LIMIT"):
        try:
            Rate.parse(getattr(settings, name))
        except ValueError as error:
            yield Error(f"{name}: {error}.", id="pathbound.E006")
