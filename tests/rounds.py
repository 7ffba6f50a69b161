"""How often a race is run: PostgreSQL lets writers meet, SQLite queues them anyway."""

from django.db import connection


def rounds(most: int) -> int:
    """`most` where writers meet; a tenth of it, 3 at least, on SQLite."""
    return most if connection.vendor == "postgresql" else max(3, most // 10)
