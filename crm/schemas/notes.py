"""Arguments of the note operations: shared ones, and those for contacts and companies."""

from typing import Annotated

from pydantic import Field, model_validator

from core.pagination import PageArguments
from core.schemas import Arguments, Line, Text
from crm.schemas.companies import CompanyId
from crm.schemas.contacts import ContactId

NoteId = Annotated[Line, Field(max_length=64, description="Id of the note, note_...")]
Content = Annotated[
    Text, Field(min_length=1, max_length=20_000, description="The note, plain or Markdown")
]


class OfContact(Arguments):
    """Whose notes: a contact's."""

    contact_id: ContactId


class OfCompany(Arguments):
    """Whose notes: a company's."""

    company_id: CompanyId


class NewNote(Arguments):
    content: Content


class ChosenNote(Arguments):
    note_id: NoteId


class NewText(ChosenNote):
    content: Annotated[
        Text, Field(min_length=1, max_length=20_000, description="The whole new text")
    ]


class CreateContactNote(NewNote, OfContact):
    """A note to add to a contact."""


class UpdateContactNote(NewText, OfContact):
    """A note of a contact, and its new text."""


class ChosenContactNote(ChosenNote, OfContact):
    """The note of a contact to delete or restore."""


class CreateCompanyNote(NewNote, OfCompany):
    """A note to add to a company."""


class UpdateCompanyNote(NewText, OfCompany):
    """A note of a company, and its new text."""


class ChosenCompanyNote(ChosenNote, OfCompany):
    """The note of a company to delete or restore."""


class ListCompanyNotes(PageArguments):
    company_id: CompanyId


class DraftNote(Arguments):
    """A note that waits for approval, on a contact or on a company."""

    contact_id: ContactId | None = Field(None, description="The contact, ct_...")
    company_id: CompanyId | None = Field(None, description="The company, co_...")
    content: Content

    @model_validator(mode="after")
    def _one_holder(self) -> "DraftNote":
        if (self.contact_id is None) == (self.company_id is None):
            raise ValueError("set either contact_id or company_id")
        return self
