"""Repeatable measurements; their results are in docs/performance.md."""
