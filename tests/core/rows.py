"""A minimal valid row of any of our models, with the rows it references."""

import secrets
from typing import Any

from django.db.models import (
    AutoField,
    BinaryField,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    Field,
    FloatField,
    ForeignKey,
    IntegerField,
    JSONField,
    Model,
    TextField,
    UUIDField,
)

from accounts.models import Workspace
from agents.models import Target
from approvals.models import Action, Recipient
from core import clock
from core.ids import PublicIdField, new_id
from crm.models import Contact, Message, Note, Thread
from identities.models import Channel, Identity, LinkedinLogin, Mailbox, MailFolder
from jobs.models import Job
from oauth.models import Connection

OUR_APPS = {"accounts", "agents", "approvals", "core", "crm", "identities", "jobs", "oauth"}
# Values that constraints require, beyond "not null".
_NEEDED: dict[type[Model], dict[str, Any]] = {
    Note: {"source": "person", "contact": Contact},
    Action: {"status": "pending_approval"},
    Recipient: {"kind": "to"},
    Mailbox: {"uses_relay": True},
    Channel: {"kind": "linkedin", "identity": Identity},
    Connection: {"role_ceiling": "member"},
    Thread: {"source": "imap"},
    Message: {"direction": "in"},
    MailFolder: {"role": "inbox"},
    Job: {"claim": ""},
    LinkedinLogin: {"code": "", "callback_digest": "", "country": "DE"},
    Target: {"state": "waiting"},
}


def make(model: type[Model], place: Workspace, **given: Any) -> Any:
    """A saved row of the workspace; missing values are generated."""
    needed = dict(_NEEDED.get(model, {}))
    if model is Note and "company" in given and "contact" not in given:
        needed["contact"] = None
    facts = needed | given
    for field in model._meta.concrete_fields:
        if field.name in facts or field.attname in facts:
            continue
        if isinstance(field, ForeignKey) and (not field.null or field.related_model is Workspace):
            facts[field.name] = _around(field, place)
        elif not (field.null or field.has_default() or isinstance(field, AutoField)):
            facts[field.name] = _made_up(field, place)
    facts = {name: _row(value, place) for name, value in facts.items()}
    return model._default_manager.create(**facts)


def _around(field: "ForeignKey[Any, Any]", place: Workspace) -> Any:
    return place if field.related_model is Workspace else field.related_model


def _row(value: Any, place: Workspace) -> Any:
    is_model = isinstance(value, type) and issubclass(value, Model)
    return make(value, place) if is_model else value


def _made_up(field: "Field[Any, Any]", place: Workspace) -> Any:
    if field.name == "workspace_id":
        return place.pk
    if field.choices:
        return next(value for value, _ in field.flatchoices)
    if isinstance(field, PublicIdField):
        return new_id(field.prefix)
    word = secrets.token_hex(4)
    kinds: list[tuple[type[Field[Any, Any]], Any]] = [
        (BinaryField, word.encode()),
        (BooleanField, False),
        (JSONField, {}),
        (DateTimeField, clock.now()),
        (DateField, clock.now().date()),
        (IntegerField, 1),
        (FloatField, 1.0),
        (
            CharField,
            f"{word}@x.example" if "mail" in field.name or field.name == "address" else word,
        ),
        (TextField, word),
        (UUIDField, None),
    ]
    return next(value for kind, value in kinds if isinstance(field, kind))
