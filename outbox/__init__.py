"""Outgoing mail: queued in the transaction that causes it, delivered by workers (docs/outbox.md)."""
