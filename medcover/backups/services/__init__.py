"""Services of backups: asking for a run, what each run does, archives, settings."""
