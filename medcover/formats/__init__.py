"""How dates and times are typed and written, for Django's `FORMAT_MODULE_PATH`: day first, 24 hours, always."""
