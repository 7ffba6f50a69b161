"""Create, change, remove and restore senders. A sender alone sends nothing: its channels do.

Nothing here is gated: the role admin is required (access-1).
"""

from typing import Any

from django.db.models import F

from accounts.services import access_grants
from core import clock
from core.access import Role, Scope
from core.actor import Actor
from core.errors import ValidationFailed
from core.operations import Effect, operation
from core.outcomes import Effected
from core.schemas import Arguments
from identities.models import Identity
from identities.queries.identities import identity_detail, resend_of, senders
from identities.schemas.identities import (
    CreateIdentity,
    DeleteIdentity,
    IdentityAnswer,
    RestoreIdentity,
    UpdateIdentity,
)


@operation(
    "identities.identity.create",
    schema=CreateIdentity,
    scope=Scope.IDENTITIES_WRITE,
    effect=Effect.ADD,
    propose_role=Role.ADMIN,
    run_role=Role.ADMIN,
)
def create_identity(actor: Actor, data: CreateIdentity) -> Effected[IdentityAnswer]:
    """Add a sender."""
    values = _values(data)
    name = f"{values['first_name']} {values.get('last_name', '')}".strip()
    identity = Identity.objects.create(
        workspace_id=actor.workspace_id,
        created_at=clock.now(),
        **{"signature": name, **values},
    )
    return Effected[IdentityAnswer](resource=_shown(actor, str(identity.pk)))


@operation(
    "identities.identity.update",
    schema=UpdateIdentity,
    scope=Scope.IDENTITIES_WRITE,
    effect=Effect.CHANGE,
    idempotent=True,
    propose_role=Role.ADMIN,
    run_role=Role.ADMIN,
)
def update_identity(actor: Actor, data: UpdateIdentity) -> Effected[IdentityAnswer]:
    """Change what recipients see of a sender; waiting messages return for review."""
    identity = Identity.objects.visible_to(actor).active().one(data.identity_id, "identity")
    values = {
        name: value for name, value in _values(data).items() if getattr(identity, name) != value
    }
    previous = {name: getattr(identity, name) for name in values}
    if values:
        Identity.objects.visible_to(actor).filter(pk=identity.pk).update(
            version=F("version") + 1, **values
        )
    return Effected[IdentityAnswer](resource=_shown(actor, str(identity.pk)), previous=previous)


@operation(
    "identities.identity.delete",
    schema=DeleteIdentity,
    scope=Scope.IDENTITIES_WRITE,
    effect=Effect.DELETE,
    idempotent=True,
    propose_role=Role.ADMIN,
    run_role=Role.ADMIN,
)
def delete_identity(actor: Actor, data: DeleteIdentity) -> Effected:
    """Remove a sender: nothing is sent in its name; its channels and history stay."""
    identity = Identity.objects.visible_to(actor).active().one(data.identity_id, "identity")
    _switch(actor, identity, is_active=False)
    return Effected(resource={"identity": {"identity_id": str(identity.pk), "deleted": True}})


@operation(
    "identities.identity.restore",
    schema=RestoreIdentity,
    scope=Scope.IDENTITIES_WRITE,
    effect=Effect.CHANGE,
    idempotent=True,
    propose_role=Role.ADMIN,
    run_role=Role.ADMIN,
)
def restore_identity(actor: Actor, data: RestoreIdentity) -> Effected[IdentityAnswer]:
    """Let a removed sender send again; the other admins are notified, as of external access."""
    identity = Identity.objects.visible_to(actor).one(data.identity_id, "identity")
    if not identity.is_active:
        _switch(actor, identity, is_active=True)
        access_grants.announce(actor, "Sender", str(identity))
    return Effected[IdentityAnswer](resource=_shown(actor, str(identity.pk)))


def _switch(actor: Actor, identity: Identity, *, is_active: bool) -> None:
    Identity.objects.visible_to(actor).filter(pk=identity.pk).update(
        version=F("version") + 1, is_active=is_active
    )


def _values(data: Arguments) -> dict[str, Any]:
    """The given columns; `role` is an alias of jobTitle."""
    given = data.model_dump(exclude_unset=True, exclude={"identity_id"})
    values = {name: value or "" for name, value in given.items()}
    if values.get("first_name") == "":
        raise ValidationFailed("A sender needs a first name.", field="firstName")
    role = values.pop("role", None)
    if role is not None and values.setdefault("job_title", role) != role:
        raise ValidationFailed("role and jobTitle differ.", hint="Omit one of them.", field="role")
    return values


def _shown(actor: Actor, identity_id: str) -> IdentityAnswer:
    row = senders(actor).select_related("workspace").one(identity_id, "identity")
    return IdentityAnswer(identity=identity_detail(row, resend_of(actor)))
