"""LinkedIn: a profile's own address, an invitation or a message, once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from approvals.models import Action, Recipient
from approvals.sending.loop import run_once
from core import operations
from core.errors import ValidationFailed
from crm.models import Contact
from fakes.unipile import GONE_ACCOUNT, LOGGED_IN
from identities.models import Channel, Identity
from identities.providers.linkedin.login import steps
from identities.providers.linkedin.login.schemas import Credentials
from tests import factories
from tests.approvals.conftest import Team
from tests.approvals.fake_providers import (
    INVITATION,
    MESSAGE,
    PROFILE,
    again,
    approved,
    draft,
    provider,
)
from tests.fakes import Provider


@pytest.fixture
def unipile(team: Team, settings: Any, tmp_path: Path) -> Iterator[Provider]:
    with provider(INVITATION, team, settings, tmp_path) as started:
        yield started


def test_a_contacts_profile_is_used_and_its_owner_named(team: Team, unipile: Provider) -> None:
    Contact.objects.filter(pk=team.ana.pk).update(linkedin_url=f"{PROFILE}/")
    action = approved(MESSAGE, team, profile_url=None, contact_id="ANA")
    run_once("w")

    assert again(action).status == "completed"
    assert again(action).contact_id == team.ana.pk
    (recipient,) = Recipient.objects.all()
    assert (recipient.address, recipient.contact_id) == (PROFILE, team.ana.pk)
    assert [line["method"] for line in unipile.lines()] == ["GET", "POST"]


def test_a_first_message_is_red_and_the_next_one_is_not(team: Team, unipile: Provider) -> None:
    first = approved(MESSAGE, team)
    assert first.red_reasons == [f"first message to {PROFILE}"]
    run_once("w")

    second = draft(MESSAGE, team, message="Again")

    assert Action.objects.get(pk=second["action_id"]).red_reasons == []


@pytest.mark.parametrize(
    "url",
    [
        "http://www.linkedin.com/in/ana-ng",
        "https://linkedin.com.evil.example/in/ana-ng",
        "https://www.linkedin.com/company/umbrella",
        "https://www.linkedin.com/in/ana-ng/../../admin",
        "https://user@www.linkedin.com/in/ana-ng",
        "https://www.linkedin.com:8443/in/ana-ng",
        "https://www.linkedin.com/in/ana-ng?x=1",
        "https://www.linkedin.com/in/ana ng",
        "ana-ng",
    ],
)
def test_what_is_no_profile_is_refused(team: Team, unipile: Provider, url: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        draft(MESSAGE, team, profile_url=url)
    assert refusal.value.field == "profile_url"


def test_two_spellings_of_a_profile_are_one(team: Team, unipile: Provider) -> None:
    draft(INVITATION, team)
    twin = draft(INVITATION, team, profile_url="https://linkedin.com/in/ana-ng/")

    stored = Action.objects.get(pk=twin["action_id"])
    assert (stored.rendered or {})["profile_url"] == PROFILE


def test_a_contact_without_a_profile_is_said(team: Team, unipile: Provider) -> None:
    with pytest.raises(ValidationFailed, match="no LinkedIn profile"):
        draft(MESSAGE, team, profile_url=None, contact_id="ANA")


def test_a_note_of_301_characters_is_refused(team: Team, unipile: Provider) -> None:
    draft(INVITATION, team, message="x" * 300)
    with pytest.raises(ValidationFailed):
        draft(INVITATION, team, message="x" * 301)


def test_an_invitation_needs_no_note(team: Team, unipile: Provider) -> None:
    action = approved(INVITATION, team, message="")
    run_once("w")

    assert again(action).status == "completed"
    assert "message" not in unipile.lines(INVITATION.path)[0]["body"]


def test_linkedins_no_is_a_failure_with_its_code(team: Team, unipile: Provider) -> None:
    approved(INVITATION, team)
    run_once("w")
    second = approved(INVITATION, team, message="Once more")
    nobody = approved(INVITATION, team, profile_url="https://www.linkedin.com/in/nobody-here")

    run_once("w")

    assert (again(second).receipt or {})["code"] == "errors/already_invited_recently"
    assert (again(nobody).receipt or {})["code"] == "errors/invalid_recipient"
    assert len(unipile.effects()) == 1


def test_an_account_that_was_disconnected_pauses_its_channel(team: Team, unipile: Provider) -> None:
    Channel.objects.update(settings={"account_id": GONE_ACCOUNT})
    action = approved(MESSAGE, team)

    run_once("w")

    assert again(action).status_detail == "waiting_channel"
    assert Channel.objects.get().state == "paused"


def test_another_senders_account_is_not_used(team: Team, unipile: Provider) -> None:
    team.mailer = factories.sender(factories.workspace("Globex"))
    with pytest.raises(Exception, match="identity"):
        draft(MESSAGE, team)


def test_an_account_that_is_not_set_up_is_said(team: Team, unipile: Provider) -> None:
    Channel.objects.update(settings={})
    with pytest.raises(ValidationFailed, match="not connected yet"):
        draft(MESSAGE, team)


def test_a_message_leaves_through_the_account_that_was_just_connected(
    team: Team, unipile: Provider
) -> None:
    Channel.objects.all().delete()
    with pytest.raises(ValidationFailed, match="No LinkedIn is connected"):
        draft(MESSAGE, team)
    alice = factories.person(team.alice).with_fresh_login()
    start = operations.get("identities.linkedin.start")
    job_id = operations.submit(alice, start, {"identity_id": str(team.mailer.pk)})["job_id"]
    typed = {"username": "plain@mail.example", "password": "a password"}
    steps.log_in(alice, job_id, Credentials.model_validate(typed))

    action = approved(MESSAGE, team)
    run_once("w")

    assert again(action).status == "completed"
    account = Channel.objects.get().settings["account_id"]
    (sent,) = unipile.lines(MESSAGE.path)
    assert account.startswith(LOGGED_IN)
    assert account in sent["body"]
    assert sent["status"] == 201


def test_of_two_invitations_above_the_day_s_limit_one_waits(team: Team, unipile: Provider) -> None:
    Identity.objects.update(linkedin_daily_limit=1)
    first = approved(INVITATION, team)
    other = f"{PROFILE}-2"
    second = approved(INVITATION, team, profile_url=other)

    run_once("w")

    states = {again(first).status_detail, again(second).status_detail}
    assert states == {"", "waiting_daily_limit"}
    assert len(unipile.lines(INVITATION.path)) == 1
