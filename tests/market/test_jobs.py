# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs across two nodes without a chain: honest ones, and modules that do what no job should.

Each bad module ends in its named failure on both sides and in the provider's log, and the next job runs.
"""
import pathlib
import shutil
import tempfile
import time

import tap
from market import BUILD, ApiError, Node
from run import RUBY

CORPUS = BUILD / "tests/sandbox"
RUNNO = RUBY.parent


class Context:
    def __init__(self, nodes):
        self.provider, self.you = nodes["provider"], nodes["you"]
        self.provider.call("PUT", "/provider", {"enabled": True, "price": "0", "jobs_max": 2, "memory_mb": 1024, "wall_ms": 60000})

    def run(self, module, seconds=60, **arguments):
        """Has a module run by the provider. Returns the job at its end."""
        cid = self.you.call("POST", "/content", raw=module, timeout=60)["cid"]
        job = self.you.post("/compute/request", {"module": cid, "bid_window_ms": 500, "wall_ms": 3000, **arguments})
        return self.you.until(lambda n: (lambda j: j if j["is_final"] else None)(n.get(f"/compute/jobs/{job['id']}")),
                              "the end of the job", seconds)

    def result(self, job):
        return self.you.get(f"/compute/jobs/{job['id']}/result")


def corpus(name):
    path = CORPUS / f"{name}.wasm"
    if not path.exists():
        raise tap.Skip(f"{path} is not built")
    return path.read_bytes()


def test_an_honest_job_runs(context):
    """An honest job runs on another node and its output comes back by its CID"""
    start = time.monotonic()
    job = context.run(corpus("echo"), stdin="from one node to another\n")
    assert job["phase"] == "settled" and "failure" not in job, job
    result = context.result(job)
    assert "from one node to another" in result["stdout"], result
    assert result["result_cid"] == job["result_cid"].strip() and result["exit_code"] == job["exit_code"]
    assert job["bids"] and job["bids"][0]["is_winner"] and len(job["bids"][0]["reason"]) > 10, job["bids"]
    print(f"# {time.monotonic() - start:.2f} s with a bid window of 0.5 s")


def test_a_program_of_others_runs(context):
    """A program that was not written here runs: SQLite"""
    path = RUNNO / "sqlite.wasm"
    if not path.exists():
        raise tap.Skip(f"{path} is missing (npm ci in tests/programs)")
    job = context.run(path.read_bytes(), stdin="select 6*7, upper('souk');\n", wall_ms=20000, memory_mb=256)
    assert job["phase"] == "settled", job
    assert "42|SOUK" in context.result(job)["stdout"], context.result(job)


BAD = [
    ("WebAssembly by its first bytes only", b"\0asm\1\0\0\0#!/bin/sh", {}, {"bad-module"}),
    ("a module that is not valid", "invalid", {}, {"bad-module"}),
    ("a module that loops", "loop-forever", {"wall_ms": 1500}, {"killed-wall", "killed-cpu"}),
    ("a module that eats memory", "memory-bomb", {"memory_mb": 64}, {"memory-limit", "killed-memory", "trap", "none"}),
    ("a module that opens a socket", "socket", {}, {"none", "bad-module", "trap"}),
    ("a module that floods its output", "output-flood", {"output_bytes": 4096}, {"output-limit"}),
    ("a module that imports what is not there", "import-unknown", {}, {"bad-module"}),
    ("a module with threads", "threads", {}, {"unsupported-feature"}),
    ("a module that traps", "trap-unreachable", {}, {"trap"}),
    ("a module that recurses without end", "recursion", {}, {"trap"}),
]


def failing(name, module, arguments, failures):
    def test(context):
        since = context.provider.get("/logs?limit=1")["items"][-1]["sequence"]
        job = context.run(corpus(module) if isinstance(module, str) else module, **arguments)
        assert job["is_final"], job
        failure = job.get("failure", "none")
        assert failure in failures, (failure, job["phase"], job["sentence"])
        if failure == "none":
            # It ran to its end inside the sandbox; what it tried was refused there.
            print(f"# it ended with status {job['exit_code']}: {context.result(job)}")
        else:
            assert len(job["sentence"]) > 10, job
            records = context.provider.get(f"/logs?since={since}&limit=2000")["items"]
            assert any(failure in str(record["fields"]) for record in records), [r["event"] for r in records if r["area"] != "api"]
        assert context.provider.get("/provider")["state"] in ("ready", "busy"), context.provider.get("/provider")

    test.__doc__ = f"{name[0].upper()}{name[1:]} ends in a named failure, and the node goes on"
    return test


for number, row in enumerate(BAD):
    globals()[f"test_bad_{number}"] = failing(*row)


def test_no_webassembly_is_refused_at_once(context):
    """What is no WebAssembly at all is refused where it is asked for"""
    try:
        context.run(b"#!/bin/sh\necho no\n")
        raise AssertionError("a shell script was taken for a module")
    except ApiError as error:
        assert error.status == 422 and error.problem["title"] == "not-a-module", error


def test_no_provider_means_no_bids(context):
    """Without a provider the job ends as no-bids, with a sentence that says what to do"""
    context.provider.call("PUT", "/provider", {"enabled": False})
    job = context.run(corpus("hello"))
    assert job["phase"] == "no-bids" and len(job["sentence"]) > 10, job
    context.provider.call("PUT", "/provider", {"enabled": True})


def test_bad_requests_are_named(context):
    """Requests that cannot work are refused at once, with the reason"""
    for arguments, status in (({"module": "nonsense"}, 400), ({"module": "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4", "memory_mb": 0}, None),
                              ({"module": "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4", "max_price": "1"}, 409)):
        try:
            context.you.post("/compute/request", arguments, timeout=60)
            raise AssertionError(f"{arguments} was taken")
        except ApiError as error:
            assert status in (None, error.status) and len(error.problem["detail"]) > 10, error


def test_the_next_job_runs(context):
    """After all of that an honest job still runs"""
    job = context.run(corpus("hello"))
    assert job["phase"] == "settled" and context.result(job)["stdout"], job


if __name__ == "__main__":
    top = pathlib.Path(tempfile.mkdtemp(prefix="souk-jobs-"))
    provider = Node(top, "provider", ["--no-mdns"])
    you = Node(top, "you", ["--no-mdns", "--bootstrap", provider.address])
    try:
        tap.run(globals(), Context({"provider": provider, "you": you}))
    finally:
        you.stop()
        provider.stop()
        shutil.rmtree(top, ignore_errors=True)
