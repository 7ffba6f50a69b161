"""A sync with HubSpot as it is proposed, and the settings of its connection."""

from typing import Annotated, Literal

from pydantic import Field

from core.schemas import Arguments
from identities.providers.schemas import Id


class SyncToCrm(Arguments):
    """A contact or company to push to HubSpot, or to pull from it."""

    entity_type: Literal["contact", "company"]
    entity_id: Annotated[Id, Field(description="ct_... or co_...")]
    direction: Literal["push", "pull"] = Field(
        "push", description="pull proposes the differences as a change here"
    )


class HubspotSettings(Arguments):
    """The HubSpot account a private app's token belongs to."""

    portal_id: int | None = None
