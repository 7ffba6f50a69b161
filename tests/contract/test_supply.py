"""Third-party files in the product: pinned by hash, with compatible licences, unchanged."""

import hashlib
import re
from importlib import metadata
from pathlib import Path

import pytest

from pathbound_mcp.env import ROOT

PERMISSIVE = {
    *("MIT", "MIT License", "MIT-0", "MIT OR Apache-2.0", "ISC", "PSF-2.0"),
    *("BSD License", "BSD-3-Clause", "Apache Software License", "Apache-2.0", "OSI Approved"),
    *("Apache-2.0 OR BSD-3-Clause", "Apache-2.0 OR BSD-2-Clause", "The Unlicense (Unlicense)"),
    "Apache-2.0 AND BSD-2-Clause",
}
# Copyleft that ends at the library itself: used unchanged, installed from its own package.
LIBRARIES = {
    **dict.fromkeys(("psycopg", "psycopg-binary", "psycopg-pool"), "LGPL-3.0-only"),
    "jwcrypto": "LGPL-3.0-or-later",
    "certifi": "Mozilla Public License 2.0 (MPL 2.0)",
}
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(\[[^\]]*\])?==\S+")
ROW = re.compile(r"^\| `([^`]+)` \|.*\| ([^|]+) \| `([0-9a-f]{64})` \|$", re.MULTILINE)
FOLDERS = [ROOT / "static/vendor", ROOT / "tests/vendor"]


def locked() -> list[str]:
    """The lines of the lock files of an installation and the demo."""
    files = [ROOT / name for name in ("requirements.txt", "requirements-demo.txt")]
    text = "".join(file.read_text() for file in files).replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and line[0] not in " #"]


def requirements() -> dict[str, str]:
    """Each package with its whole entry."""
    return {match[1]: line for line in locked() if (match := PINNED.match(line))}


def licences_of(name: str) -> set[str]:
    """The declared licences of a package; empty if it is not installed here."""
    try:
        facts = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return set()
    classed = [line for line in facts.get_all("Classifier") or [] if line.startswith("License")]
    said = facts.get_all("License-Expression") or (not classed and facts.get_all("License"))
    return set(said or [line.split(" :: ")[-1] for line in classed])


def test_every_package_is_named_with_its_version_and_its_hashes() -> None:
    assert len(requirements()) > 50
    assert [line[:60] for line in locked() if not PINNED.match(line)] == []
    assert [line[:60] for line in locked() if "--hash=sha256:" not in line] == []


def test_every_licence_fits_ours() -> None:
    found = {name: licences_of(name) for name in requirements()}

    unfit = {
        name: sorted(licences)
        for name, licences in found.items()
        if not licences <= PERMISSIVE | {LIBRARIES.get(name, "MIT")}
    }

    assert unfit == {}
    assert sum(bool(licences) for licences in found.values()) > 50  # they were really asked


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_every_vendored_file_is_the_one_its_list_names_beside_its_licence(folder: Path) -> None:
    rows = ROW.findall((folder / "VERSIONS.md").read_text())
    licences = {name for _, text, _ in rows for name in re.findall(r"`([^`]+)`", text)}
    there = {path.name for path in folder.iterdir()} - {"VERSIONS.md"}

    assert rows
    assert there == {name for name, _, _ in rows} | licences
    for name, _, digest in rows:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    for name in licences:
        assert (folder / name).stat().st_size > 100
