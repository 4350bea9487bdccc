"""Charges, refunds, offers and the ledger."""
