"""Resend: whether the key works, and how many people a segment holds.

https://resend.com/docs/api-reference/errors and .../segments/list-segment-contacts: pages of at
most 100, the next one `after` the id of the last row.
"""

from urllib.parse import quote

from django.conf import settings

from core.errors import NotFound, Unavailable
from identities.providers.http import Denied, request_json

MAX_PAGES = 100


def check(key: str) -> None:
    """Ask for the domains; raises Denied and Unavailable. A key that may only send is fine."""
    status, found = request_json(f"{settings.RESEND_API_URL}/domains", key)
    if status == 200 or found.get("name") == "restricted_api_key":
        return
    if status in {400, 401, 403}:
        raise Denied("Resend rejected the key.")
    raise Unavailable("Resend sent an unexpected response.", hint="Try again in a few minutes.")


def people_of(key: str, segment_id: str) -> int:
    """How many of the segment have not unsubscribed; raises Denied, NotFound and Unavailable."""
    url = f"{settings.RESEND_API_URL}/segments/{quote(segment_id, safe='')}/contacts"
    people, after = 0, ""
    for _ in range(MAX_PAGES):
        status, page = request_json(
            url, key, params={"limit": "100", **({"after": after} if after else {})}
        )
        rows = page.get("data")
        if status != 200 or not isinstance(rows, list):
            raise _refusal(status)
        people += sum(row.get("unsubscribed") is not True for row in rows)
        after = str(rows[-1].get("id", "")) if rows else ""
        if not page.get("has_more") or not after:
            return people
    raise Unavailable(f"The segment has more than {MAX_PAGES * 100} contacts.")


def _refusal(status: int) -> Exception:
    if status == 404:
        return NotFound("segment")
    if status in {400, 401, 403}:
        return Denied("Resend rejected the key.")
    return Unavailable("Resend sent an unexpected response.", hint="Try again in a few minutes.")
