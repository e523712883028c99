"""A new version: `script/release` and `script/release-notes`. Standard library alone; the site never imports it."""
