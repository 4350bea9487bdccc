"""Blocking clients of the outside world. Do not call them from a coroutine."""
