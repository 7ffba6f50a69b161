"""Resend's webhook reports: only if signed with the workspace's secret, each one once."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pydantic import SecretStr

from approvals.models import Action, Attempt, Attention, Step, Suppression
from approvals.sending.inbound import UNDER_WAY
from approvals.sending.loop import run_once
from core import clock
from core.access import Role
from core.errors import Forbidden, NotFound, ValidationFailed
from identities.models import Channel
from identities.services import connections
from tests import factories
from tests.approvals.conftest import Team
from tests.approvals.fake_providers import BROADCAST, EMAIL, again, approved, due_now, provider
from tests.fakes import Provider

pytestmark = pytest.mark.django_db
SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two letters..").decode()
ANA = "ana@umbrella.example"


@pytest.fixture
def resend(team: Team, settings: Any, tmp_path: Path) -> Iterator[Provider]:
    with provider(EMAIL, team, settings, tmp_path) as started:
        admin = factories.person(team.alice).with_fresh_login()
        connections.save_webhook_secret(admin, channel_id(), SecretStr(SECRET))
        yield started


def channel_id() -> str:
    return str(Channel.objects.get().pk)


def sent(team: Team, case: Any = EMAIL, **changes: Any) -> Action:
    action = approved(case, team, **changes)
    run_once("w")
    return again(action)


def event(action: Action, kind: str = "email.bounced", **data: Any) -> bytes:
    about = {"email_id": (action.receipt or {}).get("provider_id")}
    told = {"to": [ANA], "subject": "Zürich ☕", **about, **data}
    return json.dumps({"type": kind, "created_at": "2026-11-25T10:00:00Z", "data": told}).encode()


def post(body: bytes, *, secret: str = SECRET, to: str = "", **changes: str) -> int:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    stamp = changes.pop("timestamp", str(int(clock.now().timestamp())))
    signed = f"msg_1.{stamp}.".encode() + body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    headers = {
        "svix-id": "msg_1",
        "svix-timestamp": stamp,
        "svix-signature": f"v1,bm90aGluZw== v1,{signature}",
        **changes,
    }
    answer = Client(enforce_csrf_checks=True).post(
        f"/webhooks/resend/{to or channel_id()}/", body, "application/json", headers=headers
    )
    return answer.status_code


def suppressed() -> dict[str, str]:
    return dict(Suppression.objects.values_list("address", "reason"))


def test_a_bounce_marks_the_message_and_suppresses_the_address(
    team: Team, resend: Provider
) -> None:
    action = sent(team)

    assert post(event(action, bounce={"type": "Permanent"})) == 204

    back = again(action)
    assert (back.status, back.status_detail) == ("failed", "bounced")
    assert suppressed() == {ANA: "bounced"}
    assert Attention.objects.filter(kind="bounced", closed_at=None).exists()


def test_a_complaint_suppresses_and_calls_for_attention(team: Team, resend: Provider) -> None:
    action = sent(team)

    assert post(event(action, "email.complained")) == 204

    assert again(action).status == "completed"
    assert suppressed() == {ANA: "complained"}
    assert Attention.objects.filter(kind="complaint", closed_at=None).exists()


@pytest.mark.parametrize("kind", ["email.bounced", "email.complained"])
def test_the_same_report_again_is_nothing(team: Team, resend: Provider, kind: str) -> None:
    action = sent(team)

    assert [post(event(action, kind)) for _ in range(3)] == [204, 204, 204]

    what = {"email.bounced": "bounced", "email.complained": "complaint"}[kind]
    assert Step.objects.filter(action=action, what=what).count() == 1
    assert set(Attention.objects.values_list("count", flat=True)) == {1}


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "whsec_" + base64.b64encode(b"somebody else's signing secret..").decode()},
        {"svix-signature": ""},
        {"svix-signature": "v1,"},
        {"svix-signature": "v1,\u00e4"},
        {"svix-signature": "v1,A"},
        {"svix-signature": "v1"},
        {"svix-id": "msg_2"},
        {"svix-id": ""},
        {"svix-timestamp": "1"},
        {"svix-timestamp": "soon"},
        {"svix-timestamp": "nan"},
        {"timestamp": "1732500000"},
    ],
)
def test_what_is_not_signed_now_by_resend_changes_nothing(
    team: Team, resend: Provider, wrong: dict[str, str]
) -> None:
    action = sent(team)

    assert post(event(action), **wrong) == 403

    assert again(action).status == "completed"
    assert suppressed() == {}
    assert post(event(action)) == 204


def test_a_signature_of_another_body_changes_nothing(team: Team, resend: Provider) -> None:
    action = sent(team)
    stamp = str(int(clock.now().timestamp()))
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = hmac.new(key, f"msg_1.{stamp}.{{}}".encode(), hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(signed).decode()}"

    given = {"svix-signature": signature, "timestamp": stamp}
    assert post(event(action), **given) == 403
    assert suppressed() == {}


def test_an_old_report_is_refused(team: Team, resend: Provider) -> None:
    action = sent(team)
    old = str(int((clock.now() - timedelta(minutes=6)).timestamp()))

    assert post(event(action), timestamp=old) == 403
    assert suppressed() == {}


def test_nothing_is_taken_before_there_is_a_secret_or_for_another_channel(
    team: Team, resend: Provider
) -> None:
    action = sent(team)
    assert post(event(action), to="chn_nobody") == 404
    Channel.objects.update(webhook_secret="")

    assert post(event(action)) == 404
    assert suppressed() == {}


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b"{}", b'{"data": 1}', b'{"data": {}}'])
def test_a_signed_body_that_is_no_event_changes_nothing(
    team: Team, resend: Provider, body: bytes
) -> None:
    assert post(body) in {204, 400}
    assert suppressed() == {}


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "email.delivered"},
        {"bounce": {"type": "Transient"}},
        {"email_id": "somebody-else-s"},
        {"email_id": None},
        {"to": "no list"},
    ],
)
def test_what_is_none_of_ours_or_may_pass_suppresses_nobody(
    team: Team, resend: Provider, other: dict[str, Any]
) -> None:
    assert post(event(sent(team), **other)) == 204
    assert suppressed() == {}


def test_of_several_recipients_nobody_is_suppressed_and_a_person_looks(
    team: Team, resend: Provider
) -> None:
    action = sent(team, cc=["cc@acme.example"])

    post(event(action, to=[ANA, "cc@acme.example"]))

    assert again(action).status_detail == "bounced"
    assert suppressed() == {}


def test_of_a_broadcast_only_the_address_counts(team: Team, resend: Provider) -> None:
    action = sent(team, BROADCAST)
    about = {"broadcast_id": (action.receipt or {})["provider_id"], "email_id": "one-of-many"}

    post(event(action, to=["person3@list.example"], **about))

    assert again(action).status == "completed"
    assert suppressed() == {"person3@list.example": "bounced"}


@pytest.mark.parametrize("kind", ["email.bounced", "email.complained"])
def test_a_report_before_its_sending_was_kept_is_asked_for_again(
    team: Team, resend: Provider, kind: str
) -> None:
    resend.fault("/emails", "fault_after")  # it is sent, but the response is lost
    action = approved(EMAIL, team)
    run_once("w")
    report = event(action, kind, email_id=resend.effects()[0]["sent"])

    assert post(report) == 503
    assert suppressed() == {}

    due_now(action)
    run_once("w")
    assert again(action).status == "completed"
    assert post(report) == 204
    assert suppressed() == {ANA: kind.removeprefix("email.")}


def test_what_was_tried_long_ago_holds_no_report_up(team: Team, resend: Provider) -> None:
    resend.fault("/emails", "fault_after")
    action = approved(EMAIL, team)
    run_once("w")
    Attempt.objects.update(begun_at=clock.now() - UNDER_WAY)

    assert post(event(action, email_id="somebody-else-s")) == 204
    assert suppressed() == {}


def test_only_an_admin_with_a_fresh_login_sets_the_secret(team: Team, resend: Provider) -> None:
    fresh = factories.person(team.alice).with_fresh_login()
    for actor in (factories.person(team.alice), team.reviewer.with_fresh_login()):
        with pytest.raises(Forbidden):
            connections.save_webhook_secret(actor, channel_id(), SecretStr(SECRET))
    for wrong in ("", "whsec_", "whsec_!!", "re_123456789012345678901234"):
        with pytest.raises(ValidationFailed):
            connections.save_webhook_secret(fresh, channel_id(), SecretStr(wrong))
    elsewhere = factories.member(factories.workspace("Elsewhere"), "Gil", Role.ADMIN)
    with pytest.raises(NotFound):
        connections.save_webhook_secret(
            factories.person(elsewhere).with_fresh_login(), channel_id(), SecretStr(SECRET)
        )


def test_the_page_names_the_address_and_never_shows_the_secret(
    team: Team, resend: Provider, client: Client
) -> None:
    client.force_login(team.alice.user)

    page = client.get("/settings/senders/connections/resend/").content.decode()

    assert f"/webhooks/resend/{channel_id()}/" in page
    assert "A signing secret is stored" in page
    assert SECRET not in page
