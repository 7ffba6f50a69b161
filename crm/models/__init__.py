from crm.models.company import Company
from crm.models.contact import Contact
from crm.models.event import Event
from crm.models.note import Note

__all__ = ["Company", "Contact", "Event", "Note"]
