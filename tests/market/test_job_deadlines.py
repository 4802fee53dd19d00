# SPDX-License-Identifier: GPL-3.0-or-later
"""Paid jobs in which one side falls silent, gives up, or the chain changes its mind: each ends by
itself, with exact books.
"""
import tap
from hours import Hours, phases
from market import BUILD

SANDBOX = BUILD / "tests/sandbox"
PRICE = 10**16


def program(name):
    path = SANDBOX / f"{name}.wasm"
    if not path.exists():
        raise tap.Skip(f"{path} is not built")
    return path.read_bytes()


class Context(Hours):
    def begin(self):
        self.provider = self.other
        self.modules = {}
        self.provider.call("PUT", "/provider", {"enabled": True, "price": "0.01", "jobs_max": 2})

    def request(self, name, **arguments):
        if name not in self.modules:
            self.modules[name] = self.you.call("POST", "/content", raw=program(name))["cid"]
        self.meet()
        return self.you.post("/compute/request", {"module": self.modules[name], "bid_window_ms": 1500, "max_price": "0.05",
                                                  "wall_ms": 20000, "title": name, **arguments})

    def job(self, job):
        return self.you.get(f"/compute/jobs/{job['id']}")

    def work(self):
        return self.provider.get("/compute/jobs?role=provider")["items"][0]

    def reached(self, job, phase, seconds=30):
        return self.you.until(lambda n: phase in phases(self.job(job)) and self.job(job), f"the job being {phase}", seconds)

    def end(self, job, seconds=90):
        return self.you.until(lambda n: (lambda j: j if j["is_final"] else None)(self.job(job)), "the end of the job", seconds)

    def end_of_work(self, seconds=60):
        return self.provider.until(lambda n: (lambda w: w if w["is_final"] else None)(self.work()), "the end of the work", seconds)

    def check(self, before, job, work, paid):
        after = self.balances()
        price, net = (PRICE, PRICE - PRICE * 3 // 100) if paid else (0, 0)
        assert before["you"] - after["you"] == price + int(job["gas_wei"]), (before, after, job)
        assert after["provider"] - before["provider"] == net - int(work["gas_wei"]), (before, after, work)


def test_a_job_that_breaks_its_limit_is_paid(context):
    """A job that its own limit ends is paid, and says which limit"""
    before = context.balances()
    job = context.end(context.request("loop-forever", wall_ms=1000))
    work = context.end_of_work()
    assert (job["phase"], job["failure"]) == ("settled", "killed-wall"), job
    context.check(before, job, work, True)


def test_a_provider_that_stops_gives_the_money_back(context):
    """A provider that stops a job gives the money back at once"""
    before = context.balances()
    job = context.request("loop-forever")
    context.reached(job, "running")
    context.provider.call("DELETE", f"/compute/jobs/{context.work()['id']}")
    work, job = context.end_of_work(), context.end(job)
    assert work["phase"] == "refunded" and work["failure"] == "stopped", work
    assert job["phase"] in ("no-bids", "refunded") and not job.get("failure"), job
    assert any("stopped the job" in bid["reason"] for bid in job["bids"]), job["bids"]
    context.check(before, job, work, False)


def test_a_cancelled_job_is_refunded(context):
    """A job that is cancelled while it runs is refunded by its provider"""
    before = context.balances()
    job = context.request("loop-forever")
    context.reached(job, "running")
    context.you.call("DELETE", f"/compute/jobs/{job['id']}")
    job, work = context.end(job), context.end_of_work()
    assert (job["phase"], work["phase"]) == ("refunded", "refunded"), (job, work)
    context.check(before, job, work, False)


def test_the_chain_takes_back_a_whole_job(context):
    """A whole job that a reorganisation drops is paid again, once"""
    before = context.balances()
    block = int(context.chain.rpc("eth_blockNumber"), 16)
    job = context.end(context.request("hello"))
    context.end_of_work()
    depth = int(context.chain.rpc("eth_blockNumber"), 16) - block
    context.chain.rpc("anvil_reorg", depth, [])
    context.chain.rpc("evm_mine")
    context.you.until(lambda n: phases(context.job(job)).count("settling") == 2, "the settlement being taken back", 20)
    job, work = context.end(job), context.end_of_work()
    assert job["phase"] == "settled" and work["phase"] == "settled", (job, work)
    context.check(before, job, work, True)


def test_the_end_waits_for_the_last_receipt(context):
    """A job has not ended before the cost of its last transaction is known"""
    with context.endpoint() as endpoint:
        before = context.balances()
        endpoint.has_receipts = False
        job = context.request("hello")
        job = context.you.until(lambda n: (lambda j: j if j["phase"] == "settled" else None)(context.job(job)), "the settlement", 60)
        work = context.provider.until(lambda n: (lambda w: w if w["phase"] == "settled" else None)(context.work()), "the pay", 30)
        assert not job["is_final"] and not work["is_final"], (job, work)
        endpoint.has_receipts = True
        context.check(before, context.end(job), context.end_of_work(), True)


def leave_before_the_result(context):
    """The requester pays and is gone; the provider waits, then commits its result on the chain."""
    context.need_shift()
    # Nobody is there to ask for the program once the requester is gone: the provider has it already.
    context.provider.call("POST", "/content", raw=program("hello"))
    with context.chain.holding():
        job = context.request("hello")
        context.reached(job, "funding")
        # The phase is told before the payment leaves: it is in the next block only when the chain has it.
        context.chain.wait_sent()
        context.you.kill()
    work = context.provider.until(lambda n: (lambda w: w if w["phase"] == "uploading" else None)(context.work()), "the result", 30)
    assert work["deadline"] and work["then"], work
    context.provider.stop()
    context.pass_time(700)
    context.start(context.provider)
    context.provider.until(lambda n: context.work()["phase"] == "submitted", "the submission", 30)
    return job


def test_a_requester_that_comes_back_gets_its_result(context):
    """A requester that was away finds its result, and its receipt settles what was submitted"""
    before = context.balances()
    job = leave_before_the_result(context)
    context.start(context.you)
    job, work = context.end(job), context.end_of_work()
    assert job["phase"] == "settled" and work["phase"] == "settled", (job, work)
    assert "submitted" in phases(work) and "settle-due" in phases(work), work
    assert context.you.get(f"/compute/jobs/{job['id']}/result")["stdout"], job
    context.check(before, job, work, True)


def test_a_requester_that_stays_away_pays_all_the_same(context):
    """The provider of a requester that stays away claims the money after the window to object"""
    before = context.balances()
    job = leave_before_the_result(context)
    context.provider.stop()
    context.pass_time(3700)
    context.start(context.provider)
    work = context.end_of_work()
    assert work["phase"] == "settled" and "claim-due" in phases(work), work
    context.start(context.you)
    job = context.end(job)
    assert job["phase"] == "failed" and "was paid by the contract" in job["sentence"], job
    context.check(before, job, work, True)


def test_a_silent_provider_gets_nothing(context):
    """The requester of a provider that falls silent gets its money back, less the gas"""
    context.need_shift()
    before = context.balances()
    job = context.request("loop-forever")
    context.reached(job, "running")
    context.provider.kill()
    context.reached(job, "provider-lost", 90)
    context.you.stop()
    context.pass_time(2400)
    context.start(context.you)
    job = context.end(job)
    assert "provider-lost" in phases(job) and job["phase"] in ("refunded", "no-bids", "timed-out"), job
    context.start(context.provider)
    work = context.end_of_work()
    assert work["phase"] == "refunded", work
    context.check(before, job, work, False)


if __name__ == "__main__":
    with Context("provider") as context:
        tap.run(globals(), context)
