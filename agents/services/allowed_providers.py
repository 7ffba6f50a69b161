"""Model providers a workspace allows its agents: external access, since agents send them data."""

from dataclasses import dataclass

from accounts.services import access_grants
from accounts.services.access_grants import AccessGrant
from agents.models import AllowedProvider
from agents.providers.registry import is_configured
from core import clock
from core.actor import Actor
from core.errors import ValidationFailed
from core.page_operations import Done, page_operation

LABELS = {"anthropic": "Anthropic", "openai": "OpenAI or a compatible server"}
_KIND = "Model provider"


@page_operation("agents.provider.allow", fresh_login=True)
def allow(actor: Actor, provider: str) -> Done:
    """Let agents use a provider. Raises ValidationFailed for one this server has no key for."""
    if provider not in LABELS or not is_configured(provider):
        raise ValidationFailed(
            "This server has no key for this provider.",
            hint="The operator must set it in the environment.",
            field="provider",
            valid_values=[name for name in LABELS if is_configured(name)],
        )
    _, is_new = AllowedProvider.objects.get_or_create(
        workspace_id=actor.workspace_id,
        provider=provider,
        defaults={"opened_by_id": actor.user_id, "opened_at": clock.now()},
    )
    if is_new:
        access_grants.announce(actor, _KIND, LABELS[provider])
    return Done(object_ids={"provider": provider}, fields=(), changed=is_new)


@page_operation("agents.provider.forbid")
def forbid(actor: Actor, provider_id: str) -> Done:
    """Withdraw it; active runs end at their next contact. Raises NotFound."""
    provider = AllowedProvider.objects.visible_to(actor).one(provider_id, "provider")
    provider.delete()
    return Done(object_ids={"provider": provider.provider})


def allowed(actor: Actor) -> list[AllowedProvider]:
    """The allowed providers, by name."""
    return list(
        AllowedProvider.objects.visible_to(actor).select_related("opened_by").order_by("provider")
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider on the page of agents; `allowed` is None while it is not allowed."""

    name: str
    label: str
    is_configured: bool
    allowed: AllowedProvider | None


def offers(actor: Actor) -> list[Offer]:
    """Every provider that could be allowed."""
    by_provider = {row.provider: row for row in allowed(actor)}
    return [
        Offer(name, label, is_configured(name), by_provider.get(name))
        for name, label in LABELS.items()
    ]


def grants_of(actor: Actor) -> list[AccessGrant]:
    """The allowed ones, for the page External access."""
    return [
        AccessGrant(
            kind=_KIND,
            name=LABELS.get(row.provider, row.provider),
            opened_by=str(row.opened_by or ""),
            since=row.opened_at,
            last_used_at=row.last_used_at,
            route="close_model_provider",
            pk=str(row.pk),
        )
        for row in allowed(actor)
    ]
