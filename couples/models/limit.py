from django.db import models


class Limit(models.Model):
    """How often something was done, until when that counts: the table of Django's DatabaseCache,
    which deletes what has run out. See couples/web/limits.py."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "couples_limit"

    def __str__(self) -> str:
        return f"limit until {self.expires:%c}"
