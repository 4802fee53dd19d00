# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the fuzz targets and runs each for some seconds: run.py [SECONDS] [TARGET…]

Prints TAP: one line for each target. What a target finds new is kept under
_build-fuzz/corpus/TARGET and is where the next run begins; an input that breaks a target is
written to _build-fuzz/crashes, and its path is printed.
"""
import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / "_build-fuzz"
SETUP = ["-Dfuzz=true", "-Dgui=disabled", "-Dworker=disabled", "-Db_lundef=false",
         "-Db_sanitize=address,undefined"]


def build():
    if not (BUILD / "build.ninja").exists():
        subprocess.run(["meson", "setup", str(BUILD), str(TOP), *SETUP], check=True,
                       stdout=subprocess.DEVNULL, env={**os.environ, "CC": "clang"})
    subprocess.run(["ninja", "-C", str(BUILD), "fuzz"], check=True, stdout=sys.stderr)


def run(name, seconds):
    """Runs one target. Returns whether it held, and what it said."""
    corpus = BUILD / "corpus" / name
    crashes = BUILD / "crashes"
    corpus.mkdir(parents=True, exist_ok=True)
    crashes.mkdir(exist_ok=True)
    ended = subprocess.run(
        [str(BUILD / "tests/fuzz" / f"fuzz-{name}"), f"-max_total_time={seconds}", "-timeout=10",
         "-rss_limit_mb=2048", "-print_final_stats=1", f"-artifact_prefix={crashes}/{name}-",
         str(corpus)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        timeout=seconds + 120, check=False)
    return ended.returncode == 0, ended.stdout


def main():
    words = sys.argv[1:]
    seconds = int(words.pop(0)) if words and words[0].isdigit() else 10
    build()
    names = sorted(path.stem.removeprefix("fuzz-") for path in (TOP / "tests/fuzz").glob("fuzz-*.c"))
    chosen = [name for name in names if not words or name in words]
    unknown = [word for word in words if word not in names]
    if unknown:
        sys.exit(f"no such target: {' '.join(unknown)}; there are: {' '.join(names)}")

    failed = 0
    print(f"1..{len(chosen)}", flush=True)
    for number, name in enumerate(chosen, 1):
        held, said = run(name, seconds)
        count = re.search(r"number_of_executed_units: *(\d+)", said)
        print(f"{'ok' if held else 'not ok'} {number} - {name} holds", flush=True)
        print(f"# {name}: {count.group(1) if count else 'unknown'} inputs in {seconds} s", flush=True)
        if not held:
            failed += 1
            for line in said.splitlines()[-60:]:
                print(f"# {line}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
