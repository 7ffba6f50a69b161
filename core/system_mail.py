"""Mail of the system itself: Django's SMTP backend, going out through core.net alone."""

import smtplib
import socket
from typing import Any

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from core import net


class PinnedBackend(EmailBackend):
    """Connects to the address core.net resolved; the operator named it in the environment."""

    @property
    def connection_class(self) -> Any:
        """The client Django talks through."""
        return _PinnedTLS if self.use_ssl else _Pinned


def is_configured() -> bool:
    """Whether the operator named a server for system mail (SYSTEM_MAIL_URL; the demo's sink)."""
    return bool(settings.EMAIL_HOST)


class _Pinned(smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return net.connect(host, port, trust=net.Trust.OPERATOR, timeout=timeout)


class _PinnedTLS(smtplib.SMTP_SSL):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = net.connect(host, port, trust=net.Trust.OPERATOR, timeout=timeout)
        return self.context.wrap_socket(plain, server_hostname=host)
