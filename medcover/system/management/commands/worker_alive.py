"""Command that says whether the worker is alive; the health check of its container."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from medcover.system.health import Pulse, pulse
from medcover.system.models import Heartbeat


class Command(BaseCommand):
    """`manage.py worker_alive`: ends with 1 unless the worker has beaten within the last minutes."""

    help = "Ends with 1 unless the worker has given a sign of life lately."
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Look at the last beat."""
        last = Heartbeat.objects.order_by("-beat_at").values_list("beat_at", flat=True).first()
        if pulse(last, at=timezone.now()) is not Pulse.ALIVE:
            raise CommandError(f"The worker is silent; last sign of life: {last.isoformat() if last else 'none'}.")
        self.stdout.write("The worker is alive.")
