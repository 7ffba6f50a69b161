"""A real IMAP server (Dovecot of Debian) on a port of its own."""

import getpass
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port

BINARY = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
USER, PASSWORD = "mia", "hush %"
START_SECONDS = 30


@contextmanager
def running(certificate: Path | None = None, tokeninfo: str = "") -> Iterator[int]:
    """Start it and wait until it listens; returns its port. With a certificate it offers TLS, with
    a tokeninfo URL it takes tokens by XOAUTH2 and nothing else.
    """
    assert BINARY is not None
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="dovecot-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # its login process is another user and passes through
        (folder / "mail").mkdir(mode=0o777)
        (folder / "mail").chmod(0o777)
        (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        config = folder / "dovecot.conf"
        config.write_text(_config(folder, port, certificate, by_token=bool(tokeninfo)))
        (folder / "oauth2").write_text(
            f"tokeninfo_url = {tokeninfo}?access_token=\n"
            "introspection_mode = auth\nusername_attribute = email\n"
        )
        with (folder / "out").open("w") as out:
            process = subprocess.Popen([BINARY, "-F", "-c", str(config)], stdout=out, stderr=out)
        try:
            _wait(folder, process)
            yield port
        finally:
            process.terminate()
            process.wait(timeout=20)


def _config(folder: Path, port: int, certificate: Path | None, *, by_token: bool) -> str:
    tls = "ssl = no"
    if certificate:
        tls = f"ssl = yes\nssl_cert = <{certificate}/cert\nssl_key = <{certificate}/key"
    checks = f"passwd-file\n  args = {folder}/users"
    if by_token:
        checks = f"oauth2\n  mechanisms = xoauth2\n  args = {folder}/oauth2"
    return f"""
auth_mechanisms = {"xoauth2" if by_token else "plain login"}
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
{_users()}
{tls}
passdb {{
  driver = {checks}
}}
userdb {{
  driver = static
  args = uid={_mail_user()} gid={_mail_user()} home={folder}/mail
}}
service imap-login {{
  {_unchained()}
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  {_unchained()}
}}
service stats {{
  {_unchained()}
}}
"""


def _is_root() -> bool:
    return os.getuid() == 0


def _mail_user() -> str:
    """Whose mail it is: root's mail process refuses to run, so the package's user where we are."""
    return "dovecot" if _is_root() else getpass.getuser()


def _users() -> str:
    if _is_root():
        return ""  # the package's own: dovecot and dovenull
    me = getpass.getuser()
    return f"default_internal_user = {me}\ndefault_login_user = {me}\ndefault_internal_group = {me}"


def _unchained() -> str:
    return "" if _is_root() else "chroot ="


def _wait(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + START_SECONDS
    log = folder / "log"
    while not (log.exists() and "starting up" in log.read_text()):
        said = (folder / "out").read_text()
        assert process.poll() is None, said
        assert time.monotonic() < ends, f"Dovecot did not start: {said}"
        time.sleep(0.05)  # there is no signal when it listens
