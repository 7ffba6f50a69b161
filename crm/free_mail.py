"""Domains of free mailboxes: who writes from one says nothing about an employer."""

from pathlib import Path

FREE_MAIL = frozenset(Path(__file__).with_suffix(".txt").read_text("utf-8").split())
