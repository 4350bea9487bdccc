"""Supplier feeds: fetch, decode, store."""
