from identities.models.identity import Identity
from identities.models.mailbox import Mailbox

__all__ = ["Identity", "Mailbox"]
