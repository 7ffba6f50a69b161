"""Celery's messages as files, for an installation without Redis: each appears atomically.

Kombu's own transport shows a message's file before it is written; a worker that looks in between
reads half of it and crashes.
"""

import uuid
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.transport import filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Writes outside the queue, then renames into it."""

    def _put(  # type: ignore[override] # of its two bases, which differ
        self, queue: str, payload: dict[str, Any], **_: Any
    ) -> None:
        folder = Path(self.data_folder_out)
        # The names of a queue's files end in `.<queue>.msg`, and sort by their time.
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        begun = folder / f"{name}.part"
        begun.write_bytes(str_to_bytes(dumps(payload)))
        begun.rename(folder / name)


class Transport(filesystem.Transport):
    """Kombu's transport with that channel."""

    Channel = Channel
