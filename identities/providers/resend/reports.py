"""Resend's reports about mail sent through it: bounces and complaints (inbound-4).

https://resend.com/docs/webhooks/event-types: `data.email_id` is the id returned on sending,
`data.broadcast_id` that of a broadcast, `data.to` the recipients.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal

from core import addresses, clock
from core.db import unit
from core.errors import AppError, NotFound, ValidationFailed
from identities import inbound
from identities.inbound import InboundMail
from identities.models import Channel, Kind
from identities.providers.resend import signatures

MOST_BYTES = 262_144
_KINDS: dict[str, Literal["bounced", "complaint"]] = {
    "email.bounced": "bounced",
    "email.complained": "complaint",
}


def ingest(channel_id: str, headers: Mapping[str, str], body: bytes) -> int:
    """Pass a signed report to the ledger; returns its number of recipients.

    Other events and temporary bounces are ignored. Raises NotFound for an unknown channel,
    Forbidden for an invalid signature, ValidationFailed for an invalid body, and the error of a
    consumer that wants it again later.
    """
    channel = Channel.objects.filter(pk=channel_id, kind=Kind.RESEND).first()
    if channel is None or not channel.webhook_secret:
        raise NotFound("webhook")
    signatures.verify(channel.opened_webhook(), headers, body)
    found = _arrivals(str(channel.workspace_id), _report_of(body))
    with unit():
        for arrival in found:
            inbound.announce(arrival)
    return len(found)


def _report_of(body: bytes) -> dict[str, Any]:
    try:
        report = json.loads(body)
    except ValueError as error:
        raise ValidationFailed("Invalid JSON.") from error
    if not isinstance(report, dict) or not isinstance(report.get("data"), dict):
        raise ValidationFailed("Invalid event.")
    return report


def _arrivals(workspace_id: str, report: dict[str, Any]) -> list[InboundMail]:
    kind, data = _KINDS.get(str(report.get("type"))), report["data"]
    bounce = data.get("bounce")
    passes = isinstance(bounce, dict) and bounce.get("type") == "Transient"
    if kind is None or passes:
        return []
    about = str(data.get("broadcast_id") or data.get("email_id") or "")
    people = data.get("to")
    named = [_address(one) for one in people] if isinstance(people, list) else []
    whom = [address for address in named if address]
    # With several recipients it is unknown whose server refused: mark the message, no address.
    addressed = whom if len(whom) == 1 else [""]
    return [
        InboundMail(kind, workspace_id, address, about, clock.now(), verified=True)
        for address in addressed
        if about
    ]


def _address(value: Any) -> str:
    try:
        return addresses.normalize(str(value), field="to")
    except AppError:
        return ""
