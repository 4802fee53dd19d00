# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds sizes: a file has at most 800 lines, a header 200, a function 70."""
from sources import TOP, Report, sources

FILE_LINES_MAX = 800
HEADER_LINES_MAX = 200
FUNCTION_LINES_MAX = 70


def lines_of(path):
    return (TOP / path).read_text().splitlines()


def file_findings():
    for path in sources(".c", ".h", ".py", ".mjs"):
        limit = HEADER_LINES_MAX if path.suffix == ".h" else FILE_LINES_MAX
        count = len(lines_of(path))
        if count > limit:
            yield f"{path}: {count} lines, at most {limit}"


def function_findings():
    # The formatter puts a function's braces, and nothing else's, alone in the first column.
    for path in sources(".c"):
        start = None
        for number, line in enumerate(lines_of(path), 1):
            if line == "{":
                start = number
            elif line == "}" and start is not None:
                if number - start - 1 > FUNCTION_LINES_MAX:
                    yield f"{path}:{start}: a function of {number - start - 1} lines, at most {FUNCTION_LINES_MAX}"
                start = None


report = Report()
report.check("no file is too long", file_findings())
report.check("no function is too long", function_findings())
report.end()
