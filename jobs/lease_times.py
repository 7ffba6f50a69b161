"""Timing of leases, and of notifications to workers."""

from datetime import timedelta

LEASE = timedelta(seconds=15)
BEAT_SECONDS = 5.0
# An unclaimed message is sent again, but a slow one is not sent twice a second.
WAKE_AGAIN = timedelta(seconds=10)
POLL_SECONDS = 1.0
# A job that crashes its worker this many times fails.
LAST_CRASH = 3
TRY_AGAIN = timedelta(seconds=5)
KEPT = timedelta(days=30)
