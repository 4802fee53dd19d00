# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds what a formatter and a grep can hold: layout, licence lines, no leftovers."""
import re
import shutil
import subprocess

from sources import TOP, Report, sources

LEFTOVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def format_findings():
    paths = [str(TOP / path) for path in sources(".c", ".h")]
    run = subprocess.run(["clang-format", "--dry-run", *paths], capture_output=True, text=True, cwd=TOP)
    seen = set()
    for line in run.stderr.splitlines():
        match = re.match(r"(.+?):(\d+):\d+: warning: code should be clang-formatted", line)
        if match and match.group(1) not in seen:
            seen.add(match.group(1))
            yield f"{match.group(1)}:{match.group(2)}: ./dev format would change this file"


def licence_findings():
    for path in sources(".c", ".h", ".py", ".mjs", ".blp", ".proto"):
        if "SPDX-License-Identifier:" not in (TOP / path).read_text()[:300]:
            yield f"{path}: no SPDX-License-Identifier in its first lines"


def leftover_findings():
    for path in sources(".c", ".h", ".py", ".mjs", ".blp"):
        if path.name == "style.py":
            continue
        for number, line in enumerate((TOP / path).read_text().splitlines(), 1):
            if LEFTOVER.search(line):
                yield f"{path}:{number}: {line.strip()}"


report = Report()
assert shutil.which("clang-format"), "clang-format is needed; ./dev installs it"
report.check("the C sources are formatted", format_findings())
report.check("every source names its licence", licence_findings())
report.check("nothing is left undone", leftover_findings())
report.end()
