from crm.models.company import Company
from crm.models.contact import Contact
from crm.models.conversation import Message, Thread
from crm.models.event import Event
from crm.models.identifier import ExternalId, Visitor
from crm.models.lifecycle import StageChange
from crm.models.note import Note, NoteVersion
from crm.models.rollup import DirtyBucket, EventKey, Rollup
from crm.models.segment import DirtyContact, Segment, SegmentLock, SegmentMember
from crm.models.task import Task

__all__ = [
    "Company",
    "Contact",
    "DirtyBucket",
    "DirtyContact",
    "Event",
    "EventKey",
    "ExternalId",
    "Message",
    "Note",
    "NoteVersion",
    "Rollup",
    "Segment",
    "SegmentLock",
    "SegmentMember",
    "StageChange",
    "Task",
    "Thread",
    "Visitor",
]
