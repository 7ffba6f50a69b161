import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from approvals.sending.loop import run_forever


class Command(BaseCommand):
    """Sends approved actions until it is stopped."""

    help = "Run the dispatch loop. It needs only the database."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT."""
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        run_forever(stop)
