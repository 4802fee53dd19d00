# SPDX-License-Identifier: GPL-3.0-or-later
"""A test program in Python: functions named test_… run in order, and TAP comes out."""
import inspect
import sys
import time
import traceback


class Skip(Exception):
    """The machine lacks what the test needs; the text is the reason."""


def run(namespace, context=None):
    """Runs every test_… of a module's globals(). `context` is given to those that take an argument; if
    it has `renew`, that is called after a failure, so that the next test begins as if there was none.
    """
    tests = [value for name, value in namespace.items() if name.startswith("test_") and inspect.isfunction(value)]
    print(f"1..{len(tests)}")
    failed = 0
    for number, test in enumerate(tests, 1):
        title = (test.__doc__ or test.__name__).strip().splitlines()[0].rstrip(".")
        start = time.monotonic()
        try:
            test(*([context] if inspect.signature(test).parameters else []))
            print(f"ok {number} - {title} # {time.monotonic() - start:.1f} s", flush=True)
        except Skip as reason:
            print(f"ok {number} - {title} # SKIP {reason}", flush=True)
        except Exception:
            failed += 1
            print("".join("# " + line + "\n" for line in traceback.format_exc().splitlines()), end="")
            print(f"not ok {number} - {title}", flush=True)
            if number < len(tests) and hasattr(context, "renew"):
                context.renew()
    sys.exit(1 if failed else 0)
