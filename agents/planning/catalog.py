"""The templates an agent can start from, in the order people are offered them."""

from agents.planning.plan import Template
from agents.planning.templates import (
    cold_outreach,
    data_hygiene,
    meeting_prep,
    pricing_visitor_followup,
    trial_rescue,
)

TEMPLATES: dict[str, Template] = {
    module.TEMPLATE.slug: module.TEMPLATE
    for module in (
        cold_outreach,
        pricing_visitor_followup,
        trial_rescue,
        meeting_prep,
        data_hygiene,
    )
}
