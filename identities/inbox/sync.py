"""Reads mailboxes in batches; messages are stored together with the position reached."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from core import clock
from core.actor import Actor
from core.db import unit
from core.errors import AppError, Conflict
from identities import channels
from identities.inbox import imap, store
from identities.inbox.imap import LoginRefused, Session
from identities.models import Mailbox, MailFolder
from identities.models.connected import PAUSED

log = structlog.get_logger(__name__)

FIRST_DAYS = timedelta(days=30)
EVERY = timedelta(minutes=1)
BATCH = 20
BATCHES_AT_MOST = 50  # messages of a folder per run; the next run continues


@dataclass(frozen=True, slots=True)
class Progress:
    """The result of one run over a mailbox."""

    read: int = 0
    kept: int = 0


def sync_due() -> int:
    """Read new mail of every mailbox with an IMAP server; returns the number of messages stored.

    A mailbox that fails is marked and does not keep the others waiting.
    """
    readable = Mailbox.objects.exclude(imap_host="").exclude(state=PAUSED)
    readable = readable.filter(identity__is_active=True)
    kept = 0
    for mailbox in readable.select_related("identity").order_by("id").iterator():
        try:
            kept += sync(mailbox).kept
        except Conflict:
            continue  # another worker is reading it
        except LoginRefused as error:
            channels.note_failure(mailbox, error.message)
        except AppError as error:
            log.warning("inbox.not_read", mailbox=str(mailbox.pk), reason=error.message)
    return kept


def sync(mailbox: Mailbox) -> Progress:
    """Read one mailbox's new mail: its inbox, and the folder of sent mail.

    Raises Unavailable when its server fails, LoginRefused for a wrong password, and Conflict after
    a concurrent run.
    """
    progress = Progress()
    with imap.session(mailbox) as session:
        folders = {"inbox": "INBOX", "sent": session.sent_folder()}
        for role, name in folders.items():
            if name is not None:
                done = _read_on(session, mailbox, role, name)
                progress = Progress(progress.read + done.read, progress.kept + done.kept)
    return progress


def _read_on(session: Session, mailbox: Mailbox, role: str, name: str) -> Progress:
    actor = Actor.for_job("identities.inbox", str(mailbox.workspace_id))
    validity = session.open(name).validity
    folder = _folder(mailbox, role, validity)
    if folder.last_uid:
        uids = session.after(folder.last_uid)
    else:
        uids = session.since((clock.now() - FIRST_DAYS).date())
    house, kept = store.own_addresses(actor), 0
    uids = uids[: BATCH * BATCHES_AT_MOST]
    for start in range(0, len(uids), BATCH):
        batch = uids[start : start + BATCH]
        messages = list(session.fetch(batch))  # the network first, then the transaction
        with unit():
            kept += sum(store.store_message(actor, house, mailbox, raw) for _, raw in messages)
            _moved(folder, batch[-1])
    return Progress(len(uids), kept)


def _folder(mailbox: Mailbox, role: str, validity: int) -> MailFolder:
    with unit():
        folder, _ = MailFolder.objects.get_or_create(
            mailbox=mailbox,
            role=role,
            defaults={"workspace_id": mailbox.workspace_id, "uid_validity": validity},
        )
        if folder.uid_validity != validity:
            MailFolder.objects.filter(pk=folder.pk).update(uid_validity=validity, last_uid=0)
            folder.uid_validity, folder.last_uid = validity, 0
    return folder


def _moved(folder: MailFolder, uid: int) -> None:
    """Store the position; of two concurrent readers one finds it moved, and undoes its batch."""
    place = MailFolder.objects.filter(
        pk=folder.pk, uid_validity=folder.uid_validity, last_uid=folder.last_uid
    )
    if place.update(last_uid=uid, read_at=clock.now()) != 1:
        raise Conflict("Another worker is reading this mailbox.")
    folder.last_uid = uid
