"""Mail of the system itself: Django's SMTP backend, connecting only through core.net."""

import smtplib
import socket
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from core import net
from core.errors import AppError

log = structlog.get_logger(__name__)


class PinnedBackend(EmailBackend):
    """Connects to the address core.net resolved, from the operator's environment."""

    @property
    def connection_class(self) -> Any:
        """Django's SMTP client."""
        return _PinnedTLS if self.use_ssl else _Pinned


def is_configured() -> bool:
    """Whether the operator configured a mail server (SYSTEM_MAIL_URL; the demo's sink)."""
    return bool(settings.EMAIL_HOST)


def send(address: str, subject: str, text: str) -> bool:
    """Whether the operator's server took the mail; false without one. Never in a transaction."""
    if not is_configured():
        return False
    message = EmailMessage(
        subject,
        text,
        settings.DEFAULT_FROM_EMAIL,
        [address],
        headers={"Auto-Submitted": "auto-generated"},  # RFC 3834 5: no out-of-office answers
    )
    try:
        message.send()
    except (OSError, smtplib.SMTPException, AppError):
        log.warning("system_mail.not_sent", exc_info=True)
        return False
    return True


class _Pinned(smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return net.connect(host, port, trust=net.Trust.OPERATOR, timeout=timeout)


class _PinnedTLS(smtplib.SMTP_SSL):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = net.connect(host, port, trust=net.Trust.OPERATOR, timeout=timeout)
        return self.context.wrap_socket(plain, server_hostname=host)
