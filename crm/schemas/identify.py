from typing import Annotated

from pydantic import Field, model_validator

from core.schemas import Arguments, Line
from crm.schemas.contacts import NewProperties, VisitorId

OutsideId = Annotated[Line, Field(min_length=1, max_length=255)]


class Identify(Arguments):
    """A person's identity, as known to the customer's server."""

    external_id: OutsideId | None = Field(None, description="Your system's id of the person")
    anonymous_id: VisitorId | None = Field(None, description="Visitor id of the person's browser")
    traits: NewProperties = Field(
        {}, description="Values by key, e.g. firstname; email finds or creates the contact"
    )

    @model_validator(mode="after")
    def _somebody(self) -> "Identify":
        if not (self.external_id or self.anonymous_id or self.traits.get("email")):
            raise ValueError("set external_id, anonymous_id or traits.email")
        return self
