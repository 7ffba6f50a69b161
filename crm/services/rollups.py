"""Working out the rollup: how many events of each name fell into each quarter of an hour."""

from datetime import datetime

from django.db import connection
from django.db.models import Count, Q

from core.actor import Actor
from core.db import unit
from crm.models import DirtyBucket, Event, Rollup
from crm.queries.event_counts import merge_spans
from crm.queries.periods import Bucket

# A day's buckets at once: few enough that an ingest waiting for one of them waits briefly.
BATCH = 96


def refresh(actor: Actor) -> int:
    """Recount the buckets that are dirty now, one transaction per batch; returns their number.

    Buckets that become dirty meanwhile, and those another run holds, are left to the next run.
    """
    newest = DirtyBucket.objects.visible_to(actor).order_by("-pk").values_list("pk", flat=True)
    last, done = newest.first(), 0
    while last is not None and (worked_out := _refresh_batch(actor, last)):
        done += worked_out
    return done


def workspaces_to_refresh() -> list[str]:
    """The workspaces that have a dirty bucket."""
    rows = DirtyBucket.objects.order_by("workspace").distinct()
    return [str(workspace) for workspace in rows.values_list("workspace", flat=True)]


def _refresh_batch(actor: Actor, last: int) -> int:
    with unit():
        # A writer adding an event to one of these waits here, then marks the bucket dirty again.
        locked = DirtyBucket.objects.visible_to(actor).select_for_update(
            skip_locked=connection.features.has_select_for_update_skip_locked
        )
        dirty = list(locked.filter(pk__lte=last).order_by("bucket")[:BATCH])
        buckets = [row.bucket for row in dirty]
        rollups = Rollup.objects.visible_to(actor)
        rollups.filter(bucket__in=buckets).delete()
        Rollup.objects.bulk_create(_counted(actor, buckets))
        DirtyBucket.objects.filter(pk__in=[row.pk for row in dirty]).delete()
    return len(dirty)


def _counted(actor: Actor, buckets: list[datetime]) -> list[Rollup]:
    inside = Q(pk__in=[])
    for since, until in merge_spans(buckets):
        inside |= Q(timestamp__gte=since, timestamp__lt=until)
    rows = Event.objects.visible_to(actor).filter(inside).annotate(bucket=Bucket("timestamp"))
    groups = rows.order_by().values("bucket", "event", "is_bot").annotate(number=Count("*"))
    return [
        Rollup(
            workspace_id=actor.workspace_id,
            bucket=group["bucket"],
            event=group["event"],
            is_bot=group["is_bot"],
            count=group["number"],
        )
        for group in groups
    ]
