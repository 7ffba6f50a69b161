"""A filled demo, kept for each state of the code: the VAR_DIR of an earlier `make run`.

Filling it takes several seconds of a core. It goes through the real gate, decisions and agents, so
any of our modules may change it: all of them are in the digest. It is small; a run on a later day
adds the days since, as a real one does.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pathbound_mcp.env import ROOT
from tests import empty_database

DATABASE = "pathbound.sqlite3"
_FOLDER = ROOT / ".pytest_cache" / "filled-demos"
_APPS = ("accounts", "agents", "approvals", "core", "crm", "identities", "jobs", "pathbound_mcp")
_SIZE = ("--contacts=60", "--events=1500")


def put(var_dir: Path) -> None:
    """Copy the kept one to `var_dir`, which must not exist; make it first if there is none."""
    kept = _FOLDER / _state_of_code()
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with _alone():
        if not kept.exists():
            _drop_others()
            _make(kept)
        shutil.copytree(kept, var_dir)


def _make(kept: Path) -> None:
    with tempfile.TemporaryDirectory(dir=_FOLDER) as folder:
        made = Path(folder) / "var"
        empty_database.put(made / DATABASE)
        environ = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull}
        environ |= {"VAR_DIR": str(made), "DEMO": "1"}
        for arguments in (("migrate", "--verbosity=0"), ("demo", *_SIZE)):
            done = subprocess.run(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT,
                env=environ,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr
        made.replace(kept)


def _drop_others() -> None:
    """Delete those of earlier states: every change of the code makes another one."""
    for old in _FOLDER.iterdir():
        if old.is_dir():
            shutil.rmtree(old)


@contextmanager
def _alone() -> Iterator[None]:
    """Of several processes that want it, one makes it."""
    with (_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _state_of_code() -> str:
    """A digest of the text of all our modules a filled demo may depend on."""
    digest = hashlib.sha256(repr((sys.version_info, _SIZE)).encode())
    lock = ROOT / "requirements.txt"
    for path in [lock, *sorted(p for app in _APPS for p in (ROOT / app).rglob("*.py"))]:
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:32]
