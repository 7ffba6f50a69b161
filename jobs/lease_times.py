"""How long a worker that says nothing is believed, and how often workers are told."""

from datetime import timedelta

LEASE = timedelta(seconds=15)
BEAT_SECONDS = 5.0
# A message that nobody took is sent again; one that is only slow is not sent twice a second.
WAKE_AGAIN = timedelta(seconds=10)
POLL_SECONDS = 1.0
# What stops its worker every time ends as failed with this crash.
LAST_CRASH = 3
TRY_AGAIN = timedelta(seconds=5)
KEPT = timedelta(days=30)
