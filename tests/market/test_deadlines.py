# SPDX-License-Identifier: GPL-3.0-or-later
"""Sales in which one side falls silent, or the chain changes its mind: each ends by itself, with
exact books.

Days pass by moving the chain's time and the nodes' wall clocks (tests/crash/clock-shift.c).
"""
import contextlib
import socket

import tap
from market import BUILD, market

SHIFT = BUILD / "tests/crash/libclock-shift.so"
HOUR = 3600


class Context:
    def __init__(self, chain, nodes, folder):
        self.chain, self.you, self.seller = chain, nodes["you"], nodes["seller"]
        self.now_ahead = 0
        self.count = 0

    def listing(self):
        """A new prompt for sale, as the buyer's node lists it."""
        self.count += 1
        title = f"Prompt number {self.count}"
        self.seller.post("/prompts/upload", {"title": title, "content": f"text {self.count}", "price": "1"})
        return self.you.until(lambda n: next((item for item in n.get("/prompts")["items"] if item["title"] == title), None),
                              "the listing", 20)

    def pass_time(self, seconds):
        """The chain's time goes on; nodes that are started from now on see it too."""
        self.now_ahead += seconds
        self.chain.rpc("evm_increaseTime", seconds)
        self.chain.rpc("evm_mine")

    def start(self, node):
        node.start(extra_env={"LD_PRELOAD": str(SHIFT), "SOUK_CLOCK_SHIFT_S": str(self.now_ahead)})

    @contextlib.contextmanager
    def mining_by_hand(self):
        self.chain.rpc("evm_setAutomine", False)
        try:
            yield
        finally:
            self.chain.rpc("evm_setAutomine", True)

    def buy_until(self, listing, phase):
        order = self.you.post(f"/prompts/{listing['id']}/purchase")
        return self.wait(self.you, order, phase)

    def wait(self, node, order, *phases):
        return node.until(lambda n: (lambda o: o if o["phase"] in phases else None)(n.get(f"/orders/{order['id']}")),
                          f"the order being {' or '.join(phases)}", 30)

    def final(self, node, order, phase):
        order = node.until(lambda n: (lambda o: o if o["is_final"] and o["phase"] == phase else None)(n.get(f"/orders/{order['id']}")),
                           f"the order ending as {phase}", 30)
        return order

    def sale_of(self, order):
        return next(sale for sale in self.seller.get("/orders?role=seller")["items"] if sale.get("deal") == order["deal"])

    def balances(self):
        return {node.name: self.chain.balance(node.get("/wallet")["address"]) for node in (self.you, self.seller)}


def phases(order):
    return [entry["phase"] for entry in order["timeline"]]


def check_sale(context, before, order, sale):
    """The buyer paid the price, the seller got it less 3 %, both but for the gas that they show."""
    after = context.balances()
    price = int(order["price_wei"])
    assert before["you"] - after["you"] == price + int(order["gas_wei"]), (before, after, order)
    assert after["seller"] - before["seller"] == price - price * 3 // 100 - int(sale["gas_wei"]), (before, after, sale)


def test_the_chain_takes_back_the_release(context):
    """A release that a reorganisation drops is sent again"""
    before = context.balances()
    order = context.final(context.you, context.buy_until(context.listing(), "complete"), "complete")
    context.chain.rpc("anvil_reorg", 1, [])
    context.chain.rpc("evm_mine")
    context.you.until(lambda n: phases(n.get(f"/orders/{order['id']}")).count("releasing") == 2, "the release being taken back", 20)
    order = context.final(context.you, order, "complete")
    sale = context.final(context.seller, context.sale_of(order), "paid")
    check_sale(context, before, order, sale)


def test_the_chain_takes_back_the_whole_sale(context):
    """A whole sale that a reorganisation drops is made again, once"""
    before = context.balances()
    block = int(context.chain.rpc("eth_blockNumber"), 16)
    order = context.final(context.you, context.buy_until(context.listing(), "complete"), "complete")
    depth = int(context.chain.rpc("eth_blockNumber"), 16) - block
    context.chain.rpc("anvil_reorg", depth, [])
    context.chain.rpc("evm_mine")
    context.you.until(lambda n: phases(n.get(f"/orders/{order['id']}")).count("buying") == 2, "the purchase being taken back", 20)
    order = context.final(context.you, order, "complete")
    sale = context.final(context.seller, context.sale_of(order), "paid")
    check_sale(context, before, order, sale)


def test_a_silent_buyer_pays_all_the_same(context):
    """The seller claims the money of a buyer that falls silent; the buyer finds its text when it is back"""
    if not SHIFT.exists():
        raise tap.Skip(f"{SHIFT} is not built")
    before = context.balances()
    listing = context.listing()
    with context.mining_by_hand():
        order = context.buy_until(listing, "buying")
        context.you.kill()
        context.chain.rpc("evm_mine")
    sale = context.wait(context.seller, context.sale_of(order), "handed-over")
    assert sale["then"] and sale["deadline"], sale
    context.seller.stop()
    context.pass_time(73 * HOUR)
    context.start(context.seller)
    sale = context.final(context.seller, sale, "paid")
    assert "claim-due" in phases(sale), sale
    context.start(context.you)
    order = context.final(context.you, order, "complete")
    assert context.you.get(f"/prompts/{listing['id']}/content")["text"] == f"text {context.count}"
    check_sale(context, before, order, sale)


def test_a_silent_seller_gets_nothing(context):
    """The buyer of a seller that falls silent gets its money back, less the gas"""
    if not SHIFT.exists():
        raise tap.Skip(f"{SHIFT} is not built")
    before = context.balances()
    with context.mining_by_hand():
        order = context.buy_until(context.listing(), "buying")
        context.seller.kill()
        context.chain.rpc("evm_mine")
    order = context.wait(context.you, order, "bought")
    context.you.stop()
    context.pass_time(25 * HOUR)
    context.start(context.you)
    order = context.final(context.you, order, "refunded")
    assert "did not come in time" in order["sentence"], order
    context.start(context.seller)
    sale = context.final(context.seller, context.sale_of(order), "refunded")
    after = context.balances()
    assert before["you"] - after["you"] == int(order["gas_wei"]), (before, after, order)
    assert before["seller"] - after["seller"] == int(sale["gas_wei"]), (before, after, sale)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    # A seller that keeps its address is found again by a buyer that was away.
    port = free_port()
    options = {"seller": ["--no-mdns", "--listen", f"/ip4/127.0.0.1/tcp/{port}"], "you": ["--no-mdns"]}
    with market("seller", "you", options=options) as (chain, nodes, folder):
        lasting = next(address for address in nodes["seller"].ready["listen"] if f"/tcp/{port}/" in address)
        nodes["you"].options += ["--bootstrap", lasting]
        tap.run(globals(), Context(chain, nodes, folder))
