"""Runs once and ends: prices."""

import requests


def main() -> None:
    print(requests.get("http://shop.example/prices", timeout=5).status_code)


if __name__ == "__main__":
    main()
