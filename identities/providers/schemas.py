"""Types that several providers' arguments share."""

from typing import Annotated

from pydantic import Field

from core.schemas import Line, Text

Id = Annotated[Line, Field(max_length=64)]


Body = Annotated[Text, Field(min_length=1, max_length=20_000, description="Text or Markdown")]
