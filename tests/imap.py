"""A real IMAP server for a test: Dovecot, started as a process with a mailbox of its own."""

import contextlib
import getpass
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.mail import wait_until
from tests.ports import free_port

DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PASSWORD = "correct-horse"

needs_imap = pytest.mark.skipif(
    not DOVECOT and os.environ.get("REQUIRE_IMAP") != "1",
    reason="no dovecot is installed here (Debian: dovecot-imapd); REQUIRE_IMAP=1 fails instead",
)

_CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
{users}
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = static
  args = password={{PLAIN}}{password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
mail_location = maildir:~/Maildir
namespace inbox {{
  inbox = yes
  mailbox "Sent Items" {{
    auto = create
    special_use = \\Sent
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""


@dataclass
class ImapServer:
    """A running server; any name logs in with PASSWORD."""

    port: int
    folder: Path

    def put(self, user: str, raw: bytes, folder: str = "INBOX") -> None:
        """Have a message arrive."""
        with self._session(user) as client:
            client.append(f'"{folder}"', "", imaplib.Time2Internaldate(time.time()), raw)

    def flags(self, user: str) -> list[str]:
        """The flags of the inbox's messages, as the server keeps them."""
        with self._session(user) as client:
            client.select("INBOX", readonly=True)
            _, rows = client.fetch("1:*", "(FLAGS)")
        return [str(row) for row in rows if row]

    def renumber(self, user: str) -> None:
        """Make the server number the inbox anew: another UIDVALIDITY."""
        words = ["mailbox", "update", "-u", user, "--uid-validity", "2000000000", "INBOX"]
        subprocess.run(["doveadm", "-c", self.folder / "dovecot.conf", *words], check=True)

    @contextlib.contextmanager
    def _session(self, user: str) -> Iterator[imaplib.IMAP4]:
        client = imaplib.IMAP4("127.0.0.1", self.port)
        client.login(user, PASSWORD)
        try:
            yield client
        finally:
            client.logout()


@contextlib.contextmanager
def running() -> Iterator[ImapServer]:
    """Start a server, stop it at the end."""
    if not DOVECOT:
        pytest.fail("REQUIRE_IMAP=1 and there is no dovecot")
    # Not pytest's folder: as root Dovecot's processes run as other users, who can't enter it.
    with tempfile.TemporaryDirectory(prefix="imap-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)
        configuration = folder / "dovecot.conf"
        configuration.write_text(_configured(folder, port))
        process = subprocess.Popen([DOVECOT, "-F", "-c", configuration])
        try:
            wait_until(lambda: _listens(port, process), "dovecot listens")
            yield ImapServer(port, folder)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _configured(folder: Path, port: int) -> str:
    is_root = os.geteuid() == 0
    owner = pwd.getpwnam("nobody") if is_root else pwd.getpwuid(os.geteuid())
    me = getpass.getuser()
    mine = "\n".join(f"default_{name}_user = {me}" for name in ("internal", "login"))
    mail = folder / "mail"
    mail.mkdir()
    os.chown(mail, owner.pw_uid, owner.pw_gid)
    return _CONFIGURATION.format(
        folder=folder,
        users="" if is_root else mine,
        uid=owner.pw_uid,
        gid=owner.pw_gid,
        password=PASSWORD,
        port=port,
    )


def _listens(port: int, process: "subprocess.Popen[bytes]") -> bool:
    if process.poll() is not None:
        pytest.fail("dovecot did not start")
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
