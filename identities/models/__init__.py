from identities.models.channel import Channel, Kind
from identities.models.identity import Identity
from identities.models.linkedin_login import LinkedinLogin, Step
from identities.models.mail_folder import MailFolder
from identities.models.mailbox import Mailbox
from identities.models.send_count import SendCount

__all__ = [
    "Channel",
    "Identity",
    "Kind",
    "LinkedinLogin",
    "MailFolder",
    "Mailbox",
    "SendCount",
    "Step",
]
