"""Signal of backups, for the apps above; sent inside the transaction that puts the restored data in place."""

from __future__ import annotations

from django.dispatch import Signal

#: Other data are in the place of those that were there. No arguments; who listens may ask for what follows from it,
#: and everything that it refuses undoes the restore.
data_restored = Signal()
