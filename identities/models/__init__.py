from identities.models.channel import Channel, Kind
from identities.models.identity import Identity
from identities.models.mailbox import Mailbox
from identities.models.send_count import SendCount

__all__ = ["Channel", "Identity", "Kind", "Mailbox", "SendCount"]
