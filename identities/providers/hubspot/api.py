"""HubSpot: whose token it is.

https://developers.hubspot.com/docs/api-reference/account-account-info-v3: 401 for a refused token.
"""

from django.conf import settings

from core.errors import Unavailable
from identities.providers.http import Denied, request_json


def portal_of(token: str) -> int:
    """The id of the HubSpot account; raises Denied and Unavailable."""
    status, found = request_json(f"{settings.HUBSPOT_API_URL}/account-info/v3/details", token)
    if status == 200 and isinstance(found.get("portalId"), int):
        return int(found["portalId"])
    if status in {401, 403}:
        raise Denied("HubSpot rejected the token.")
    raise Unavailable("HubSpot sent an unexpected response.", hint="Try again in a few minutes.")
