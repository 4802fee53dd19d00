# SPDX-License-Identifier: GPL-3.0-or-later
"""What ./dev says and does around its commands, on copies of it in folders of their own.

The copies have a `souk` that is a script, so that nothing is built; the programs by which ./dev asks
the system are replaced through PATH where a test wants another system. `tests/dev/bare` is the test
of all the rest, on a minimal Debian.
"""
import contextlib
import fcntl
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/market"))
import tap  # noqa: E402


@contextlib.contextmanager
def checkout(name="souk"):
    with tempfile.TemporaryDirectory(prefix="souk-dev-") as folder:
        place = pathlib.Path(folder) / name
        (place / "_build/app").mkdir(parents=True)
        (place / "_build/build.ninja").touch()
        shutil.copy2(TOP / "dev", place / "dev")
        souk = place / "_build/app/souk"
        souk.write_text("#!/bin/sh\necho a souk\n")
        souk.chmod(0o755)
        yield place


def call(place, *words, programs=None, cwd=None, inside=True):
    """Calls the copy. `programs` are scripts that stand before all others on PATH."""
    env = {**os.environ, "SOUK_CACHE_DIR": str(place.parent / "cache"), "SOUK_DEV_INSIDE": "1" if inside else ""}
    if programs:
        folder = place.parent / "programs"
        folder.mkdir()
        for name, script in programs.items():
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o755)
        env["PATH"] = f"{folder}:{env['PATH']}"
    return subprocess.run([str(place / "dev"), *words], env=env, cwd=cwd or place, capture_output=True, text=True, timeout=60)


def test_usage():
    """without words ./dev tells its commands; an unknown one ends with status 2"""
    with checkout() as place:
        done = call(place)
        assert done.returncode == 0 and "usage: ./dev" in done.stdout, done
        done = call(place, "nonsense")
        assert done.returncode == 2 and "usage: ./dev" in done.stderr and not done.stdout, done


def test_shell():
    """./dev shell runs a command with the built souk, in the caller's folder, and ends with its status"""
    with checkout() as place:
        assert call(place, "shell", "souk").stdout == "a souk\n"
        assert call(place, "shell", "sh", "-c", "exit 7").returncode == 7
        (place / "sub").mkdir()
        assert call(place, "shell", "pwd", cwd=place / "sub").stdout.strip() == str(place / "sub")


def test_names():
    """a checkout may have blanks and quotes in its path"""
    with checkout("it's a \"souk\" $HOME") as place:
        assert call(place, "shell", "souk").stdout == "a souk\n"
        assert call(place, "shell", "echo", "a  b", "$HOME").stdout == "a  b $HOME\n"


def test_plain():
    """there are no colours where there is no terminal"""
    with checkout() as place:
        (place / "_build/app/souk").unlink()
        done = call(place, "shell", "true")
        assert "==> building" in done.stderr and "\033" not in done.stderr, done


def test_missing_rights():
    """who is not root and cannot use sudo is told what is needed and what to do"""
    with checkout() as place:
        done = call(place, "build", inside=False, programs={
            "dpkg-query": "exit 1", "sudo": "exit 1", "id": 'case $1 in -u) echo 1000 ;; *) echo somebody ;; esac'})
        assert done.returncode == 1 and "root rights" in done.stderr and "sudo" in done.stderr, done


def test_missing_network():
    """a failed download ends with the last words of what failed"""
    with checkout() as place:
        done = call(place, "build", inside=False, programs={
            "dpkg-query": "exit 1", "id": "echo 0", "apt-get": "echo Could not resolve deb.example; exit 100"})
        assert done.returncode == 1, done
        assert "Could not resolve deb.example" in done.stderr and "network" in done.stderr, done


def test_other_system():
    """a build folder of another place is removed"""
    with checkout() as place:
        installed = {"dpkg-query": 'shift 3; for name in "$@"; do echo "installed $name"; done'}
        call(place, "shell", "true", inside=False, programs=installed)
        assert (place / "_build/.made").exists()
        moved = place.parent / "moved"
        place.rename(moved)
        shutil.rmtree(place.parent / "programs")
        done = call(moved, "shell", "true", inside=False, programs=installed)
        assert "removing" in done.stderr and not (moved / "_build/app/souk").exists(), done


def test_turns():
    """a second ./dev waits for the first one's build"""
    with checkout() as place:
        lock = os.open(place, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = subprocess.Popen([str(place / "dev"), "build"], env={**os.environ, "SOUK_DEV_INSIDE": "1"}, stderr=subprocess.PIPE, text=True)
        assert "waiting for another ./dev" in process.stderr.readline()
        assert process.poll() is None
        os.close(lock)
        assert "building" in process.stderr.readline()
        process.communicate(timeout=30)


def test_signal():
    """SIGTERM for ./dev reaches the command, and so does Ctrl-C"""
    for number in (signal.SIGTERM, signal.SIGINT):
        with checkout() as place:
            script = f"trap 'echo ended >{place}/ended; exit 3' {number.name[3:]}; echo ready; while :; do sleep 0.1; done"
            process = subprocess.Popen([str(place / "dev"), "shell", "bash", "-c", script], stdout=subprocess.PIPE,
                                       env={**os.environ, "SOUK_DEV_INSIDE": "1"}, text=True, start_new_session=True)
            assert process.stdout.readline() == "ready\n"
            os.killpg(process.pid, number)
            process.wait(10)
            end = time.monotonic() + 5
            while not (place / "ended").exists() and time.monotonic() < end:
                time.sleep(0.05)
            assert (place / "ended").exists(), number


if __name__ == "__main__":
    tap.run(globals())
