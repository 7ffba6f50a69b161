from django.db import models

from oauth.models.connection import Connection


class RefreshReplay(models.Model):
    """The answer to a refresh, for clients that lost it and ask again within a minute.

    `sealed` is readable only with the refresh token that was presented, which is not stored.
    """

    checksum = models.CharField(max_length=64, primary_key=True)
    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="refresh_replays"
    )
    sealed = models.BinaryField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "refresh replays"

    def __str__(self) -> str:
        return f"replay for {self.connection_id}"
