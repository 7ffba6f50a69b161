"""Slack: an allowed channel, text as text, nothing unfurls."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from approvals.cards.build import card
from approvals.models import Action
from approvals.sending.loop import run_once
from core.errors import ValidationFailed
from identities.models import Channel
from tests.approvals.conftest import Team
from tests.approvals.fake_providers import SLACK, again, approved, draft, provider
from tests.fakes import Provider


@pytest.fixture
def slack(team: Team, settings: Any, tmp_path: Path) -> Iterator[Provider]:
    with provider(SLACK, team, settings, tmp_path) as started:
        yield started


def test_text_that_looks_like_markup_arrives_as_text(team: Team, slack: Provider) -> None:
    text = "<!channel> <@U123> <https://evil.example|our page> & *bold*"
    approved(SLACK, team, text=text)

    run_once("w")

    (line,) = slack.lines()
    posted = line["answer"]["message"]["text"]
    assert posted == (
        "&lt;!channel&gt; &lt;@U123&gt; &lt;https://evil.example|our page&gt; &amp; *bold*"
    )
    body = line["body"]
    for off in ('"unfurl_links":false', '"unfurl_media":false', '"link_names":false'):
        assert off in body
    assert '"parse":"none"' in body


def test_blocks_are_text_only_and_read_on_the_card(team: Team, slack: Provider) -> None:
    blocks = [
        {"type": "header", "text": "A <new> lead"},
        {"type": "divider"},
        {"type": "section", "text": "Ana asked <!here>"},
    ]
    action = approved(SLACK, team, blocks=blocks)
    run_once("w")

    (line,) = slack.lines()
    header, divider, section = line["answer"]["message"]["blocks"]
    assert header["text"] == {"type": "plain_text", "text": "A <new> lead"}
    assert divider == {"type": "divider"}
    assert section["text"]["text"] == "Ana asked &lt;!here&gt;"
    shown = card(team.reviewer, str(action.pk))
    assert shown.headline == "Slack message to #sales"
    for words in ("A <new> lead", "Ana asked <!here>", "Ana <asked>"):
        assert words in shown.body


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "image", "image_url": "https://evil.example/x.png", "alt_text": "x"}],
        [{"type": "actions", "elements": []}],
        [{"type": "section", "text": "x", "accessory": {}}],
        [{"type": "section", "text": {"type": "mrkdwn", "text": "x"}}],
        [{"type": "section"}],
        [{"type": "divider", "text": "x"}],
        [{"type": "header", "text": "two\nlines"}],
        [{"type": "section", "text": "x"}] * 21,
    ],
)
def test_other_blocks_are_refused(
    team: Team, slack: Provider, blocks: list[dict[str, Any]]
) -> None:
    with pytest.raises(ValidationFailed):
        draft(SLACK, team, blocks=blocks)


@pytest.mark.parametrize("channel", ["C0GENERAL1", "C0UNKNOWN1", "#sales", "sales", "U0SOMEONE1"])
def test_a_channel_no_admin_allowed_is_refused_with_those_that_are(
    team: Team, slack: Provider, channel: str
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        draft(SLACK, team, channel=channel)

    assert refusal.value.field == "channel"
    assert refusal.value.valid_values == ["C0SALES001", "C0PARTNER1", "C0ABSENT01"]


def test_a_shared_channel_is_red_and_an_inner_one_is_not(team: Team, slack: Provider) -> None:
    inner, shared = draft(SLACK, team), draft(SLACK, team, channel="C0PARTNER1")

    assert Action.objects.get(pk=inner["action_id"]).red_reasons == []
    assert Action.objects.get(pk=shared["action_id"]).red_reasons == [
        "a Slack channel shared with other organizations"
    ]


def test_a_link_elsewhere_is_red_and_one_to_us_is_not(
    team: Team, slack: Provider, settings: Any
) -> None:
    ours = draft(SLACK, team, text=f"See {settings.PUBLIC_BASE_URL}/approvals/")
    theirs = draft(SLACK, team, text="See https://evil.example/login")

    assert Action.objects.get(pk=ours["action_id"]).red_reasons == []
    assert Action.objects.get(pk=theirs["action_id"]).red_reasons == ["new link to evil.example"]


def test_a_channel_taken_off_the_list_after_approval_stops_it(team: Team, slack: Provider) -> None:
    action = approved(SLACK, team)
    Channel.objects.update(settings={"channels": []})

    run_once("w")

    assert again(action).status_detail == "drifted"
    assert slack.lines() == []


def test_slacks_no_is_a_failure_with_its_code(team: Team, slack: Provider) -> None:
    action = approved(SLACK, team, channel="C0ABSENT01")

    run_once("w")

    failed = again(action)
    assert (failed.status, failed.status_detail) == ("failed", "")
    assert failed.receipt is not None
    assert failed.receipt["code"] == "not_in_channel"
    assert Channel.objects.get().state != "paused"
