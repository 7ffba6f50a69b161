"""The demo's people, texts and e-mails as files in `demo/data`."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

DATA = Path(__file__).parent / "data"

Kind = TypeVar("Kind")


def load(name: str, kind: type[Kind]) -> Kind:
    """`data/<name>.json` as `kind`; a pydantic ValidationError names what does not fit."""
    return TypeAdapter(kind).validate_json((DATA / f"{name}.json").read_bytes())


def emails(folder: str) -> list[EmailMessage]:
    """The `.eml` files of `data/emails/<folder>`, in the order of their names."""
    paths = sorted((DATA / "emails" / folder).glob("*.eml"))
    return [message_from_bytes(path.read_bytes(), policy=default) for path in paths]
