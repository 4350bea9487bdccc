from shoplib.settings import Upstreams, load


def test_addresses_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("CATALOG_URL", "http://localhost:1")
    assert Upstreams().catalog == "http://localhost:1"


def test_timeout_has_a_default():
    assert load().timeout == 2.5
