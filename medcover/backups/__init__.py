"""Backups of the installation, their rehearsal, and the way back."""
