"""Consumables: rules, reads, and what they give to dashboard and digest; models and services lie in their rooms."""
