"""Runs once and ends: mirror."""

import requests


def main() -> None:
    print(requests.get("http://shop.example/mirror", timeout=5).status_code)


if __name__ == "__main__":
    main()
