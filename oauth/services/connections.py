"""Connections: made at consent, listed, and ended by one UPDATE."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from accounts.models import Membership
from accounts.services import notices
from core import audit, clock
from core.access import SCOPE_RULES, Role, Scope, scopes_for
from core.actor import Actor
from core.errors import Conflict, NotFound
from core.page_operations import Done, page_operation
from oauth.models import Application, Connection
from oauth.names import shown_name
from oauth.redirects import Destination

LAST_USED_GRAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's consent: the person, the app, and the ticked scopes."""

    membership: Membership
    application: Application
    destination: Destination
    asked: frozenset[Scope]
    ticked: frozenset[Scope]

    @property
    def granted(self) -> frozenset[Scope]:
        """The scopes requested, ticked, and within the person's role (oauth-1)."""
        return self.asked & self.ticked & scopes_for(Role(self.membership.role))


def open_connection(actor: Actor, consent: Consent) -> Connection:
    """The connection a consent makes; the caller holds the transaction."""
    name = shown_name(consent.application.name, consent.destination, consent.application.client_id)
    connection = Connection.objects.create(
        workspace_id=consent.membership.workspace_id,
        user_id=consent.membership.user_id,
        application=consent.application,
        client_id=consent.application.client_id,
        client_name=name.text,
        redirect_host=consent.destination.shown_host,
        scope=scope_text(consent.granted),
        role_ceiling=consent.membership.role,
    )
    _note(actor, "oauth.connection.open", connection, consent.granted)
    _tell(connection)
    return connection


def _tell(connection: Connection) -> None:
    """Notify the user and the admins (oauth-8)."""
    place = str(connection.workspace_id)
    notices.post(
        place,
        {str(connection.user_id), *notices.admins_of(place)},
        notices.Kind.CONNECTION,
        f"connection:{connection.pk}",
        what="A new app is connected",
        path="/settings/connections/",
        name=connection.redirect_host,
    )


def list_connections(actor: Actor) -> list[Connection]:
    """The active ones this person may see, newest first: an admin sees all of them."""
    return list(
        Connection.objects.visible_to(actor)
        .live()
        .select_related("user")
        .order_by("-created_at")[:500]
    )


def names_of(workspace_id: str) -> list[tuple[str, str]]:
    """(id, words) of the workspace's live connections."""
    rows = Connection.objects.live().filter(workspace_id=workspace_id).select_related("user")
    return [
        (row.pk, f"the app at {row.redirect_host} that {row.user} connected")
        for row in rows.order_by("-created_at")[:500]
    ]


@page_operation("oauth.connection.revoke", role=Role.VIEWER)
def revoke_connection(actor: Actor, connection_id: str) -> Done:
    """End a connection: its codes and tokens are refused from the next request on.

    Raises NotFound, and Conflict when it has ended already.
    """
    connection = Connection.objects.visible_to(actor).filter(pk=connection_id).first()
    if connection is None:
        raise NotFound("connection")
    if not end(actor, connection, "revoked"):
        raise Conflict("This connection has already ended.", hint="There is nothing left to do.")
    return Done(changed=False)  # `end` has written the row


def end(actor: Actor, connection: Connection, because: str) -> bool:
    """Set `revoked_at` and write the audit row; False if it was already set.

    The caller holds the transaction.
    """
    changed = Connection.objects.filter(pk=connection.pk, revoked_at=None).update(
        revoked_at=clock.now(), revoked_because=because
    )
    if changed:
        _note(actor, f"oauth.connection.{because}", connection, ())
    return bool(changed)


def note_use(connection: Connection) -> None:
    """Move `last_used_at`, at most once a minute."""
    now = clock.now()
    last = connection.last_used_at
    if last is not None and now - last < LAST_USED_GRAIN:
        return
    Connection.objects.filter(
        Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USED_GRAIN), pk=connection.pk
    ).update(last_used_at=now)


def scope_text(scopes: frozenset[Scope]) -> str:
    """Scopes as OAuth writes them, in the order of the table."""
    return " ".join(scope.value for scope in SCOPE_RULES if scope in scopes)


def _note(
    actor: Actor, verb: str, connection: Connection, scopes: frozenset[Scope] | tuple[()]
) -> None:
    audit.record(
        actor,
        verb,
        object_ids={"connection_id": connection.pk},
        fields=[scope.value for scope in scopes],
    )
