"""The operators' admin: all records visible, almost all read-only, operators only."""

import html
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import Membership, User, Workspace
from core.access import Role
from core.models import AuditEntry, ChangeCounter
from crm.models import Note
from identities.models import Channel, Mailbox
from tests import factories
from tests.cells import each
from tests.core import rows

pytestmark = pytest.mark.django_db

OURS = [
    model
    for config in apps.get_app_configs()
    if config.name in rows.OUR_APPS
    for model in config.get_models()
    if not model._meta.auto_created
]
CHANGEABLE: set[type[Model]] = {User, Workspace}
SECRET = "do-not-show-this"
SECRETS = {
    "password",
    "smtp_password",
    "secret",
    "digest",
    "callback_digest",
    "client_secret",
    "token",
    "code",
    "sealed",
    "token_checksum",
    "code_challenge",
}


def url(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def made(model: type[Model]) -> Any:
    """A row to look at, its secrets recognisable."""
    if model is Workspace:
        return factories.workspace()
    if model is User:
        return User.objects.create_user("mia@acme.example", factories.PASSWORD, name="Mia")
    if model is ChangeCounter:
        return ChangeCounter.objects.create(workspace_id=factories.workspace().pk)
    if model is Mailbox:
        return rows.make(model, factories.workspace(), smtp_password=SECRET)
    if model is Channel:
        return rows.make(model, factories.workspace(), secret=SECRET)
    return rows.make(model, factories.workspace())


def test_every_model_of_ours_can_be_looked_at() -> None:
    assert {model.__name__ for model in OURS if model not in admin.site._registry} == set()
    assert len(OURS) >= 20


@each("model", OURS, ids=lambda model: model.__name__)
def test_a_table_is_listed_searched_and_opened(operator: Client, model: type[Model]) -> None:
    row = made(model)

    for query in ("", "?q=nothing", "?q=ct_nonsense", "?q=a%27b", "?q=\ud7ff%00"):
        assert operator.get(url(model, "changelist") + query).status_code == 200
    assert operator.get(url(model, "change", row.pk)).status_code == 200


def test_lists_join_what_their_columns_point_at_and_filter_by_workspace(rf: RequestFactory) -> None:
    notes = admin.site.get_model_admin(Note)

    assert notes.get_list_select_related(rf.get("/")) == ["contact", "company", "workspace"]
    assert notes.get_list_filter(rf.get("/")) == ["source", "workspace"]


@each("model", OURS, ids=lambda model: model.__name__)
def test_nothing_is_added_or_deleted_and_hardly_anything_changed(
    operator: Client, model: type[Model]
) -> None:
    row = made(model)
    before = model._default_manager.filter(pk=row.pk).values().get()

    assert operator.post(url(model, "add"), {}).status_code == 403
    assert operator.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    if model not in CHANGEABLE:
        assert operator.post(url(model, "change", row.pk), {"name": "x"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    operator.post(url(model, "changelist"), chosen)

    assert model._default_manager.filter(pk=row.pk).values().get() == before


@each("model", OURS, ids=lambda model: model.__name__)
def test_no_secret_is_shown(operator: Client, model: type[Model]) -> None:
    row = made(model)
    names = {field.name for field in model._meta.fields} & SECRETS

    page = html.unescape(operator.get(url(model, "change", row.pk)).content.decode())

    assert SECRET not in page
    assert "form-row field-" in page
    for name in names:
        assert f'field-{name}"' not in page


def test_a_workspaces_admin_is_not_an_operator(operator: Client) -> None:
    alice = factories.member(factories.workspace(), "Alice", Role.ADMIN)
    client = Client()
    client.force_login(alice.user)

    for path in ("/admin/", url(Workspace, "changelist"), "/admin/login/"):
        assert client.get(path, follow=True).status_code == 403
    assert operator.get("/admin/").status_code == 200


def test_whoever_is_not_logged_in_gets_our_own_login_page() -> None:
    answer = Client().get("/admin/", follow=True)

    assert answer.redirect_chain[-1][0].startswith("/login/?next=/admin/")
    guess = {"username": "ops@pathbound.example", "password": "x"}
    assert Client().post("/admin/login/", guess).status_code == 302


def test_a_deactivated_operator_is_out(operator: Client) -> None:
    User.objects.filter(is_staff=True).update(is_active=False)

    assert operator.get("/admin/").status_code == 302


def test_renaming_a_workspace_writes_its_audit_row(operator: Client) -> None:
    place = factories.workspace()

    data = {"name": "Acme Ltd", "time_zone": "Europe/Berlin", "slug": "taken-over"}
    assert operator.post(url(Workspace, "change", place.pk), data).status_code == 302

    place.refresh_from_db()
    assert (place.name, place.time_zone, place.slug) == ("Acme Ltd", "Europe/Berlin", "acme")
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.fields) == ("admin.workspace.change", ["name", "time_zone"])
    assert entry.workspace_id == place.pk
    assert entry.actor_name == "ops@pathbound.example (operator)"


def test_a_time_zone_nobody_knows_is_refused(operator: Client) -> None:
    place = factories.workspace()

    answer = operator.post(
        url(Workspace, "change", place.pk), {"name": "Acme", "time_zone": "Mars/Base"}
    )

    assert "Europe/Berlin" in answer.content.decode()
    assert not AuditEntry.objects.exists()


def test_deactivating_a_person_is_in_the_log_of_each_workspace(operator: Client) -> None:
    mia = factories.member(factories.workspace(), "Mia", Role.MEMBER)
    Membership.objects.create(workspace=factories.workspace("Globex"), user=mia.user, role="viewer")

    data = {"name": "Mia", "is_staff": "on", "is_superuser": "on", "email": "x@x.example"}
    operator.post(url(User, "change", mia.user_id), data)

    person = User.objects.get(pk=mia.user_id)
    assert (person.is_active, person.is_staff, person.is_superuser) == (False, False, False)
    assert person.email == "mia@acme.example"
    assert [entry.fields for entry in AuditEntry.objects.all()] == [["is_active"]] * 2


def test_a_change_of_a_person_of_no_workspace_is_recorded_too(operator: Client) -> None:
    bo = User.objects.create_user("bo@pathbound.example")

    operator.post(url(User, "change", bo.pk), {"name": "Bo", "is_active": "on"})

    assert AuditEntry.objects.get().workspace_id is None
