"""Last day's orders as a file, once a night."""

import csv
import sqlite3
import sys


def main() -> None:
    rows = sqlite3.connect("orders.db").execute("select number, total from orders where day = date('now', '-1 day')")
    csv.writer(sys.stdout).writerows(rows)


if __name__ == "__main__":
    main()
