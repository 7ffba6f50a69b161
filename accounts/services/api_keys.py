"""Keys for REST: made by an admin, shown once, stored as a hash, revocable at any time (access-10).

A key is `sk_`, 36 base62 characters (214 bits) and 6 of a CRC32: a mistyped one is refused without
a query, and a leaked one is found by scanners.
"""

import secrets
import string
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts import actors
from accounts.models import ApiKey, Membership
from accounts.services import access_grants
from accounts.services.members import require_admin
from accounts.services.verification import require_verified
from core import audit, clock
from core.access import SCOPE_RULES, Role, Scope, parse_scopes, scopes_for
from core.actor import Actor, ActorKind, Client, Surface
from core.db import unit
from core.errors import Conflict, Forbidden, NotFound, ValidationFailed
from core.limits import Rate
from core.page_operations import Done, page_operation
from core.schemas import plain_name
from core.tokens import checksum

PREFIX = "sk_"
LAST_USED_GRAIN = timedelta(minutes=1)
LIVE_OF_A_FAMILY = 2
DECIDING = frozenset({Scope.ACTIONS_APPROVE, Scope.AGENTS_APPROVE})
ACTING = frozenset({Scope.ACTIONS_WRITE, Scope.ACTIONS_EXECUTE})

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM_LENGTH, _CHECK_LENGTH, _ID_LENGTH = 36, 6, 8


@dataclass(frozen=True, slots=True)
class NewKey:
    """A new key's properties; with `lifetime` None it does not expire."""

    name: str
    scopes: frozenset[Scope]
    role: Role = Role.MEMBER
    lifetime: timedelta | None = None
    rate_limit: str = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of a key: the actor, the key's public parts, its own rate limit or None."""

    actor: Actor
    key_id: str
    key_name: str
    workspace: str
    expires_at: datetime | None
    rate_limit: str


@page_operation("accounts.api_key.create", fresh_login=True)
def create(actor: Actor, new_key: NewKey) -> Done[str]:
    """A new key for the actor's own account; the text is returned this once.

    Raises Forbidden without a verified e-mail address, and ValidationFailed for scopes that do not
    go together or exceed the role.
    """
    require_verified(actor)
    membership = actors.membership_of(actor.user_id, actor.workspace_id)
    if membership is None:
        raise NotFound("member")
    return _made_for(actor, membership, new_key)


def issue(actor: Actor, membership: Membership, new_key: NewKey) -> str:
    """A new key that acts for this member; the caller has checked the permission."""
    with unit():
        made = _made_for(actor, membership, new_key)
        audit.record(
            actor, "accounts.api_key.create", object_ids=made.object_ids, fields=made.fields or ()
        )
    return made.answer


def _made_for(actor: Actor, membership: Membership, new_key: NewKey) -> Done[str]:
    check(new_key, Role(membership.role))
    moment = clock.now()
    key = ApiKey(
        workspace_id=membership.workspace_id,
        user_id=membership.user_id,
        name=plain_name(new_key.name, 120),
        scope=_scope_text(new_key.scopes),
        role=new_key.role,
        rate_limit=new_key.rate_limit,
        created_at=moment,
        expires_at=moment + new_key.lifetime if new_key.lifetime else None,
    )
    key.family = key.pk
    return _store(actor, key)


@page_operation("accounts.api_key.rotate", fresh_login=True)
def rotate(actor: Actor, key_id: str) -> Done[str]:
    """A second key with the same rights; the old one works until it is revoked.

    Raises NotFound, Forbidden for another member's key, Conflict when two are already active.
    """
    require_verified(actor)
    old = _live(actor).filter(pk=key_id).first()
    if old is None:
        raise NotFound("key")
    if old.user_id != actor.user_id:
        raise Forbidden("Only the creator of a key can renew it.")
    if _live(actor).filter(family=old.family).count() >= LIVE_OF_A_FAMILY:
        raise Conflict(
            "This key was already renewed; both keys still work.",
            hint="Revoke the older one first.",
        )
    moment = clock.now()
    key = ApiKey(
        workspace_id=old.workspace_id,
        user_id=old.user_id,
        name=old.name,
        family=old.family,
        scope=old.scope,
        role=old.role,
        rate_limit=old.rate_limit,
        created_at=moment,
        expires_at=moment + (old.expires_at - old.created_at) if old.expires_at else None,
    )
    return _store(actor, key)


@page_operation("accounts.api_key.revoke")
def revoke(actor: Actor, key_id: str) -> Done:
    """End a key: its next request is refused. Raises NotFound for an ended one."""
    if not _live(actor).filter(pk=key_id).update(revoked_at=clock.now()):
        raise NotFound("key")
    return Done()


def list_keys(actor: Actor) -> list[ApiKey]:
    """Every key of the workspace, newest first; admins only."""
    require_admin(actor)
    rows = ApiKey.objects.filter(workspace_id=actor.workspace_id).select_related("user")
    return list(rows.order_by("-created_at", "-pk")[:500])


def grants_of(actor: Actor) -> list[access_grants.AccessGrant]:
    """The keys that work now, as the page External access shows them."""
    return [
        access_grants.AccessGrant(
            kind="API key",
            name=key.name,
            opened_by=str(key.user),
            since=key.created_at,
            last_used_at=key.last_used_at,
            route="revoke_api_key",
            pk=str(key.pk),
        )
        for key in _live(actor).select_related("user").order_by("-created_at")[:500]
    ]


def names_of(workspace_id: str) -> list[tuple[str, str]]:
    """(family, label) of the workspace's active keys; a rotated key has the same family."""
    rows = _unended().filter(workspace_id=workspace_id).order_by("created_at")
    return [(str(key.family), f"the key {plain_name(key.name)}") for key in rows]


def identify(text: str) -> Caller | None:
    """The caller of this key, with current rights; None for an invalid key."""
    if not looks_genuine(text):
        return None
    key = _unended().select_related("workspace").filter(digest=checksum(text)).first()
    if key is None:
        return None
    membership = actors.membership_of(str(key.user_id), str(key.workspace_id))
    if membership is None:
        return None
    _note_use(key)
    actor = actors.for_membership(
        membership,
        kind=ActorKind.KEY,
        surface=Surface.REST,
        scopes=parse_scopes(key.scope),
        client=Client(
            name=key.name, host="the REST API", connection_id=str(key.pk), family=str(key.family)
        ),
        role_ceiling=Role(key.role),
    )
    return Caller(
        actor, key.key_id, key.name, str(key.workspace), key.expires_at, str(key.rate_limit)
    )


def looks_genuine(text: str) -> bool:
    """Whether prefix, alphabet and checksum fit; no query."""
    body = text.removeprefix(PREFIX)
    is_shaped = (
        text.startswith(PREFIX)
        and len(body) == _RANDOM_LENGTH + _CHECK_LENGTH
        and set(body) <= set(_ALPHABET)
    )
    return is_shaped and _check(body[:_RANDOM_LENGTH]) == body[_RANDOM_LENGTH:]


def check(new_key: NewKey, role: Role) -> None:
    """Raise ValidationFailed, naming the field, for a key its maker may not have."""
    if not new_key.name.strip():
        raise ValidationFailed("A key needs a name.", field="name")
    if not new_key.scopes:
        raise ValidationFailed("A key needs at least one scope.", field="scopes")
    if new_key.role.at_most(role) is not new_key.role:
        raise ValidationFailed(f"Your keys can have at most the role {role}.", field="role")
    beyond = sorted(new_key.scopes - scopes_for(new_key.role))
    if beyond:
        raise ValidationFailed(
            f"The role {new_key.role} does not allow {', '.join(beyond)}.", field="scopes"
        )
    if new_key.scopes & DECIDING and new_key.scopes & ACTING:
        raise ValidationFailed(
            "A key that approves actions may not also propose or execute them.",
            field="scopes",
        )
    _check_rate(new_key.rate_limit)


def _check_rate(text: str) -> None:
    try:
        Rate.parse(text or settings.REST_RATE_LIMIT)
    except ValueError as error:
        raise ValidationFailed(f"{error}.", field="rate_limit") from error


def _store(actor: Actor, key: ApiKey) -> Done[str]:
    random = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH))
    text = f"{PREFIX}{random}{_check(random)}"
    key.key_id, key.digest = random[:_ID_LENGTH], checksum(text)
    key.save(force_insert=True)
    access_grants.announce(actor, "API key", key.name)
    return Done(text, object_ids={"key_id": str(key.pk)}, fields=[key.role, *key.scope.split()])


def _check(random: str) -> str:
    number, letters = zlib.crc32(random.encode()), ""
    for _ in range(_CHECK_LENGTH):
        number, rest = divmod(number, len(_ALPHABET))
        letters = _ALPHABET[rest] + letters
    return letters


def _unended() -> QuerySet[ApiKey]:
    not_over = Q(expires_at=None) | Q(expires_at__gt=clock.now())
    return ApiKey.objects.filter(not_over, revoked_at=None)


def _live(actor: Actor) -> QuerySet[ApiKey]:
    return _unended().filter(workspace_id=actor.workspace_id)


def _note_use(key: ApiKey) -> None:
    """Move `last_used_at`, at most once a minute."""
    now = clock.now()
    if key.last_used_at is not None and now - key.last_used_at < LAST_USED_GRAIN:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USED_GRAIN)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


def _scope_text(scopes: Iterable[Scope]) -> str:
    wanted = set(scopes)
    return " ".join(scope.value for scope in SCOPE_RULES if scope in wanted)
