"""What several services of the shop share: settings, tables, clients. Keep it small; every import here is a coupling."""

__version__ = "3.4.0"
