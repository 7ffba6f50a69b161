"""Domains of free mailboxes: an address there does not identify an employer."""

from pathlib import Path

FREE_MAIL = frozenset(Path(__file__).with_suffix(".txt").read_text("utf-8").split())
