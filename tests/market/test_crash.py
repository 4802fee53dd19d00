# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills the buyer's node before each of its database writes during a purchase; each time a restart
ends in the same final state: the text is there, paid once, to the wei.

The node is killed from outside, by a library that counts its writes (tests/crash/write-gate.c): the
program has no code for this. SOUK_CRASH_STRIDE=N tries every Nth write only.
"""
import os
import shutil
import time

import tap
from market import BUILD, Node, market, start_node
from samples import SAMPLES

GATE = BUILD / "tests/crash/libwrite-gate.so"
STRIDE = int(os.environ.get("SOUK_CRASH_STRIDE", "1"))


def say(text):
    print(f"# {text}", flush=True)


class Lane:
    """A chain, a seller, and a buyer's folder from before the purchase, to start from each time."""

    def __init__(self, chain, nodes, folder):
        self.chain, self.seller, self.folder = chain, nodes["seller"], folder
        sample = max(SAMPLES, key=lambda sample: float(sample["price"]))
        self.text = sample["content"]
        self.seller.post("/prompts/upload", sample)
        buyer = start_node(folder, chain, "buyer", 2, [self.seller], ["--no-mdns"])
        self.listing = buyer.until(lambda n: next(iter(n.get("/prompts")["items"]), None), "the listing", 20)
        self.address = buyer.get("/wallet")["address"]
        buyer.stop()
        self.options = buyer.options
        self.template = folder / "template"
        shutil.copytree(folder / "buyer", self.template)
        self.runs = 0

    def purchase(self, crash_at=None):
        """One whole purchase with at most one kill. Returns what it came to, as plain values."""
        self.runs += 1
        folder = self.folder / f"buyer-{self.runs}"
        shutil.copytree(self.template, folder)
        # Another peer each time: a seller limits how often one of them may ask.
        (folder / "identity.key").unlink()
        count_file = folder / "writes"
        env = {"LD_PRELOAD": str(GATE), "SOUK_CRASH_COUNT_FILE": str(count_file)}
        if crash_at is not None:
            env["SOUK_CRASH_AT"] = str(crash_at)
        before = self.chain.balance(self.address)
        credit = self.chain.credit("PromptMarketplace", self.chain.owner)
        node = Node(self.folder, folder.name, self.options, env=env, wait=False)
        try:
            self.begin(node)
            order = self.end(node)
            writes = int(count_file.read_text()) if crash_at is None else None
            assert order["phase"] == "complete", f"it ended as {order['phase']}: {order['sentence']}"
            text = node.get(f"/prompts/{self.listing['id']}/content")["text"]
            orders = node.get("/orders")["items"]
        finally:
            node.stop()
        spent = before - self.chain.balance(self.address) - int(order["gas_wei"])
        state = {
            "phase": order["phase"], "text": text == self.text, "paid": spent,
            "fee": self.chain.credit("PromptMarketplace", self.chain.owner) - credit,
            "orders": len([order for order in orders if order["phase"] == "complete"]),
        }
        shutil.rmtree(folder)
        return state, writes

    def alive(self, node):
        return node.process.poll() is None

    def begin(self, node):
        """Starts the node and the purchase; the gate may kill it at any moment."""
        try:
            node.wait_ready()
            node.post(f"/prompts/{self.listing['id']}/purchase")
        except Exception:
            node.process.wait(10)

    def restart(self, node):
        node.process.wait(10)
        node.env.pop("SOUK_CRASH_AT", None)
        node.start()

    def end(self, node):
        """Watches until the order is final, restarting the node once when it was killed."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if not self.alive(node):
                self.restart(node)
                # Killed before the order was written: the person presses the button again.
                node.until(lambda n: n.get("/prompts")["total"] >= 1, "the catalogue", 20)
                if not node.get("/orders")["items"]:
                    node.post(f"/prompts/{self.listing['id']}/purchase")
            try:
                orders = node.get("/orders")["items"]
                if orders and orders[0]["is_final"]:
                    return orders[0]
            except Exception:
                pass
            time.sleep(0.03)
        raise AssertionError(f"no end within 60 s: {node.get('/orders')}\n{node.stderr()[-2000:]}")


def test_every_crash_ends_in_the_same_state(lane):
    """A kill before each database write of a purchase ends in the same final state"""
    if not GATE.exists():
        raise tap.Skip(f"{GATE} is not built")
    calm, writes = lane.purchase()
    price = int(lane.listing["price_wei"])
    assert calm == {"phase": "complete", "text": True, "paid": price, "fee": price * 300 // 10000, "orders": 1}, calm
    say(f"an undisturbed purchase makes {writes} writes")
    assert writes > 10, "the gate saw nothing"
    bad, tried, start = [], 0, time.monotonic()
    for at in range(1, writes + 1, STRIDE):
        tried += 1
        try:
            state, _ = lane.purchase(at)
        except Exception as error:
            state = repr(error)
        if state != calm:
            bad.append((at, state))
            say(f"killed before write {at}: {state}")
    say(f"killed before {tried} of {writes} writes, {len(bad)} ended otherwise; {time.monotonic() - start:.0f} s")
    assert not bad, bad


if __name__ == "__main__":
    with market("seller", options={"seller": ["--no-mdns"]}) as parts:
        tap.run(globals(), Lane(*parts))
