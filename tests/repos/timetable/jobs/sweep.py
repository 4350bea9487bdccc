"""Runs once and ends: sweep."""

import requests


def main() -> None:
    print(requests.get("http://shop.example/sweep", timeout=5).status_code)


if __name__ == "__main__":
    main()
