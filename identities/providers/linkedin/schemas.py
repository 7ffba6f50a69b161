"""Params of LinkedIn's action types, and the settings of a connected account."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from core.schemas import Arguments, Line, Text
from identities.providers.schemas import Id


def _profile(url: str) -> str:
    """A LinkedIn profile's address in one form; raises ValueError for anything else."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    steps = [step for step in parts.path.split("/") if step]
    is_plain = not (parts.username or parts.port or parts.query or parts.fragment)
    if parts.scheme != "https" or host != "linkedin.com" or len(steps) != 2 or steps[0] != "in":
        raise ValueError("must be like https://www.linkedin.com/in/ana-ng")
    if not is_plain or not all(letter.isalnum() or letter in "-_%" for letter in steps[1]):
        raise ValueError("must be like https://www.linkedin.com/in/ana-ng")
    return f"https://www.linkedin.com/in/{steps[1]}"


ProfileUrl = Annotated[Line, Field(max_length=200), AfterValidator(_profile)]


class _LinkedIn(Arguments):
    contact_id: Id | None = Field(None, description="A contact with a LinkedIn address")
    profile_url: ProfileUrl | None = Field(None, description="Or https://www.linkedin.com/in/...")

    @model_validator(mode="after")
    def _one_person(self) -> "_LinkedIn":
        if (self.contact_id is None) == (self.profile_url is None):
            raise ValueError("set either contact_id or profile_url")
        return self


class LinkedinConnection(_LinkedIn):
    """An invitation to connect on LinkedIn, with a note."""

    message: Annotated[Text, Field(max_length=300)] = Field("", description="The note")


class LinkedinMessage(_LinkedIn):
    message: Annotated[Text, Field(min_length=1, max_length=4000, description="Plain text")]


class LinkedinSettings(Arguments):
    account_id: str = ""
    profile_name: str = ""
