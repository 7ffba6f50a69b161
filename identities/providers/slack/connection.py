from core.actor import Actor
from identities.channels import settings_of
from identities.models import Channel
from identities.providers.http import token_of
from identities.providers.slack import api
from identities.providers.slack.schemas import SlackSettings
from identities.services.connections import refresh_listing, set_fact


def test(actor: Actor, channel: Channel) -> None:
    """Store the Slack workspace and its channels; raises Denied and Unavailable."""
    token = token_of(channel)
    team_id, team = api.team_of(token)
    found = api.channels_of(token)
    if settings_of(channel, SlackSettings).team_id != team_id:
        # Another Slack workspace: earlier permissions do not apply.
        refresh_listing(actor, channel, [])
    set_fact(actor, channel, team_id=team_id, team=team)
    refresh_listing(actor, channel, found)
