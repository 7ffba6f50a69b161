"""Arguments of the note operations that contacts and companies share, and those of companies."""

from typing import Annotated

from pydantic import Field, model_validator

from core.pages import PageArguments
from core.schemas import Arguments, Line, Text
from crm.schemas.companies import CompanyId
from crm.schemas.contacts import ContactId

NoteId = Annotated[Line, Field(max_length=64, description="Id of the note, note_...")]
Content = Annotated[
    Text, Field(min_length=1, max_length=20_000, description="The note, plain or Markdown")
]
NewContent = Annotated[
    Text, Field(min_length=1, max_length=20_000, description="The whole new text")
]


class UpdateContactNote(Arguments):
    """Which note, and what it should say."""

    contact_id: ContactId
    note_id: NoteId
    content: NewContent


class DeleteContactNote(Arguments):
    """Which note goes."""

    contact_id: ContactId
    note_id: NoteId


class RestoreContactNote(Arguments):
    """Which deleted note comes back."""

    contact_id: ContactId
    note_id: NoteId


class ListCompanyNotes(PageArguments):
    """Whose notes."""

    company_id: CompanyId


class CreateCompanyNote(Arguments):
    """A note to add."""

    company_id: CompanyId
    content: Content


class UpdateCompanyNote(Arguments):
    """Which note, and what it should say."""

    company_id: CompanyId
    note_id: NoteId
    content: NewContent


class DeleteCompanyNote(Arguments):
    """Which note goes."""

    company_id: CompanyId
    note_id: NoteId


class RestoreCompanyNote(Arguments):
    """Which deleted note comes back."""

    company_id: CompanyId
    note_id: NoteId


class DraftNote(Arguments):
    """A note that waits for approval, on a contact or on a company."""

    contact_id: ContactId | None = Field(None, description="The contact, ct_...")
    company_id: CompanyId | None = Field(None, description="The company, co_...")
    content: Content

    @model_validator(mode="after")
    def _one_holder(self) -> "DraftNote":
        if (self.contact_id is None) == (self.company_id is None):
            raise ValueError("give either contact_id or company_id")
        return self
