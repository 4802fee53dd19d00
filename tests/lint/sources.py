# SPDX-License-Identifier: GPL-3.0-or-later
"""The sources that the lint tests look at, and TAP output for their findings."""
import pathlib
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
ROOMS = ("node", "app", "ui", "tests")


def sources(*suffixes, rooms=ROOMS):
    """Every source of the rooms with one of the suffixes, sorted, as paths relative to the top."""
    found = []
    for room in rooms:
        for path in sorted((TOP / room).rglob("*")):
            parts = path.relative_to(TOP).parts
            if "node_modules" in parts or not path.is_file():
                continue
            if path.suffix in suffixes:
                found.append(path.relative_to(TOP))
    return found


class Report:
    """Collects findings per check and prints TAP; the exit status tells as well."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, name, findings):
        self.count += 1
        findings = list(findings)
        if findings:
            self.failed += 1
            for finding in findings:
                print(f"# {finding}")
        print(f"{'not ok' if findings else 'ok'} {self.count} {name}")

    def end(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.failed else 0)
