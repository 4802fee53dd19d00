# SPDX-License-Identifier: GPL-3.0-or-later
"""Sales in which one side falls silent, or the chain changes its mind: each ends by itself, with
exact books.
"""
import tap
from hours import Hours, phases

HOUR = 3600


class Context(Hours):
    def begin(self):
        self.seller = self.other
        self.count = 0

    def listing(self):
        """A new prompt for sale, as the buyer's node lists it."""
        self.count += 1
        title = f"Prompt number {self.count}"
        self.seller.post("/prompts/upload", {"title": title, "content": f"text {self.count}", "price": "1"})
        return self.you.until(lambda n: next((item for item in n.get("/prompts")["items"] if item["title"] == title), None),
                              "the listing", 20)

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
    context.need_shift()
    before = context.balances()
    listing = context.listing()
    with context.chain.holding():
        order = context.buy_until(listing, "buying")
        # The phase is told before the payment leaves: it is in the next block only when the chain has it.
        context.chain.wait_sent()
        context.you.kill()
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
    context.need_shift()
    before = context.balances()
    with context.chain.holding():
        order = context.buy_until(context.listing(), "buying")
        context.chain.wait_sent()
        context.seller.kill()
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


if __name__ == "__main__":
    with Context("seller") as context:
        tap.run(globals(), context)
