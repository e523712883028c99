"""Traces of erased people: keyed digests that tell whether a text is a name or address of one, and nothing else."""

from __future__ import annotations

from django.db import models


class ErasedTrace(models.Model):
    """A name or address of somebody whose personal data were erased, as a keyed digest of it.

    Nobody can read it back, nor whose it was; whoever holds the same text once more can be told.
    """

    digest = models.CharField(max_length=64, primary_key=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.digest[:8]}…"
