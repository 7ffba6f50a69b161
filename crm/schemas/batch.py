from typing import Annotated, Literal

from pydantic import Field

from core.schemas import Answer, Arguments, Line
from crm.schemas.companies import CompanyOut
from crm.schemas.contacts import ContactOut


class BatchGetDetails(Arguments):
    entity_type: Literal["contacts", "companies"] = Field(description="Kind of the ids")
    ids: Annotated[
        list[Annotated[Line, Field(max_length=64)]],
        Field(min_length=1, max_length=25, description="1 to 25 ids, ct_... or co_..."),
    ]


class Details(Answer):
    """The records in the requested order; unknown ids are left out."""

    entity_type: Literal["contacts", "companies"]
    count: int
    contacts: list[ContactOut] | None = None
    companies: list[CompanyOut] | None = None
    truncated: bool | None = None
    omitted: int | None = None
    hint: str | None = None
