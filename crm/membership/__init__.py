"""Segment members, stored as rows (data-8), and what invalidates them."""
