"""Make .venv and install the locked packages; started by bin/bootstrap with nothing installed yet.

Debian splits ensurepip off Python: where it is missing, the pinned pip is fetched and checked here.
"""

import configparser
import fcntl
import hashlib
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import venv
from collections import deque
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".installed"
# The last one is installed; it includes the ones before it.
FILES = {
    "run": ["requirements.txt"],
    "demo": ["requirements.txt", "requirements-demo.txt"],
    "dev": ["requirements.txt", "requirements-demo.txt", "requirements-dev.txt"],
}

PYPI = "https://pypi.org/simple"
PIP_WHEEL = "pip-26.2-py3-none-any.whl"
PIP_SHA256 = "931c303696af6fa3417112103b1cad26890e5a07eccb5b99783700e33f2b8aad"


def main(kind: str) -> None:
    """Make the environment for `run`, `demo` or `dev`; ends with a sentence if something fails."""
    with (ROOT / "requirements.txt").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two starts at once: the second finds the work done
        if not _works("-c", "import sys; sys.exit(sys.version_info < (3, 11))"):
            _say(f"Making .venv with Python {sys.version.split()[0]}.")
            shutil.rmtree(VENV, ignore_errors=True)
            venv.EnvBuilder(with_pip=False, symlinks=True).create(VENV)
        if not _works("-m", "pip", "--version"):
            _install_pip()
        STAMP.unlink(missing_ok=True)
        _install(FILES[kind][-1])
        STAMP.write_text("".join(f"{name} {_cksum(ROOT / name)}\n" for name in FILES[kind]))


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def _works(*arguments: str) -> bool:
    if not PYTHON.exists():
        return False
    done = subprocess.run([PYTHON, *arguments], capture_output=True, check=False)
    return done.returncode == 0


def _install(requirements: str) -> None:
    total = len(re.findall(r"^[\w.\[\],-]+==", (ROOT / requirements).read_text(), re.MULTILINE))
    _say(f"Installing up to {total} packages from {requirements}; the first time takes a minute.")
    # The lock is whole: nothing is resolved again, which pip 23 can't do for coverage[toml].
    command: list[str | Path] = [PYTHON, "-m", "pip", "install", "--require-hashes", "--no-deps"]
    command += ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    command += ["-r", requirements]
    last: deque[str] = deque(maxlen=15)
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        assert pip.stdout is not None
        done = 0
        for line in pip.stdout:
            last.append(line)
            if line.startswith(("Collecting ", "Requirement already satisfied")):
                done += 1
                _progress(done)
            if line.startswith("Installing collected"):
                _say("Unpacking.")
    if pip.returncode:
        sys.exit(f"{''.join(last)}The packages could not be installed; pip's last lines are above.")


def _progress(done: int) -> None:
    if done % 20 == 0:
        _say(f"  {done} looked up")


def _cksum(path: Path) -> str:
    """What POSIX `cksum` prints for a file on its standard input: CRC and length."""
    data = path.read_bytes()
    done = subprocess.run(["cksum"], input=data, capture_output=True, check=True)
    return done.stdout.decode().strip()


def _install_pip() -> None:
    if _works("-m", "ensurepip", "--default-pip") and _works("-m", "pip", "--version"):
        return
    _say(f"This Python comes without pip; fetching {PIP_WHEEL}.")
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(folder) / PIP_WHEEL
        wheel.write_bytes(_fetched_pip())
        # A wheel is a zip file, and pip runs from inside its own.
        done = subprocess.run(
            [PYTHON, f"{wheel}/pip", "install", "--quiet", "--no-index", "--no-deps", wheel],
            check=False,
        )
    if done.returncode:
        sys.exit("pip could not be installed; `apt install python3-venv` is another way.")


def _fetched_pip() -> bytes:
    index = (
        os.environ.get("PIP_INDEX_URL") or _pip_setting("index-url") or "https://pypi.org/simple"
    )
    page = f"{index.rstrip('/')}/pip/"
    try:
        listing = _get(page).decode("utf-8", "replace")
        link = re.search(rf'href="([^"]*{re.escape(PIP_WHEEL)}[^"]*)"', listing)
        if link is None:
            sys.exit(
                f"{page} does not offer {PIP_WHEEL}; `apt install python3-venv` is another way."
            )
        wheel = _get(urllib.parse.urljoin(page, link.group(1).replace("&amp;", "&")))
    except (urllib.error.URLError, OSError) as error:
        sys.exit(f"{page} cannot be reached ({error}); `apt install python3-venv` is another way.")
    if hashlib.sha256(wheel).hexdigest() != PIP_SHA256:
        sys.exit(f"{PIP_WHEEL} from {page} is not the file it should be; nothing was installed.")
    return wheel


def _get(url: str) -> bytes:
    authorities = os.environ.get("PIP_CERT") or _pip_setting("cert") or None
    context = ssl.create_default_context(cafile=authorities)
    request = urllib.request.Request(url, headers={"Accept": "text/html"})
    with urllib.request.urlopen(request, timeout=60, context=context) as answer:
        data: bytes = answer.read()
        return data


def _pip_setting(name: str) -> str:
    """A value of pip's own configuration on this machine; its later files win."""
    home = Path.home()
    files: list[str | Path] = [
        "/etc/pip.conf",
        home / ".pip/pip.conf",
        home / ".config/pip/pip.conf",
    ]
    found = configparser.RawConfigParser()
    found.read([*files, os.environ.get("PIP_CONFIG_FILE", os.devnull)])
    return found.get("global", name, fallback="")


if __name__ == "__main__":
    main(sys.argv[1])
