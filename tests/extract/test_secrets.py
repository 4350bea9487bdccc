"""Literals that look like secrets never reach the facts."""

from __future__ import annotations

import pytest

from readiness.extract import extract


@pytest.mark.parametrize(
    "text", ["ghp_" + "a1B2c3D4" * 4, "AKIA" + "ABCD1234EFGH5678", "-----BEGIN RSA PRIVATE KEY-----\\nabc", "aB3" * 14]
)
def test_secret_is_masked_in_arguments_and_bindings(text: str) -> None:
    facts = extract(f'connect("{text}")\nkey = "{text}"\n'.encode())

    assert facts.calls[0].args == ("str:***",)
    assert [b.value for b in facts.bindings] == ["str:***"]


def test_ordinary_text_is_kept() -> None:
    facts = extract(b'get("https://example.com/orders/{id}/lines", "Content-Type")\n')

    assert facts.calls[0].args == ("str:https://example.com/orders/{id}/lines", "str:Content-Type")
