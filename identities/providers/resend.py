"""Resend: whether the key works (https://resend.com/docs/api-reference/errors)."""

from django.conf import settings

from core.errors import Unavailable
from identities.providers.http import Denied, ask


def check(key: str) -> None:
    """Ask for the domains; raises Denied and Unavailable. A key that may only send is fine."""
    status, found = ask(f"{settings.RESEND_API_URL}/domains", key)
    if status == 200 or found.get("name") == "restricted_api_key":
        return
    if status in {400, 401, 403}:
        raise Denied("Resend refused the key.")
    raise Unavailable("Resend did not answer as documented.", hint="Try again in a few minutes.")
