# SPDX-License-Identifier: GPL-3.0-or-later
"""A market of two nodes in which hours pass, and in which either node may be away.

Hours pass by moving the chain's time and the nodes' wall clocks (tests/crash/clock-shift.c). A test
that fails may leave nodes down and trades open, so the next one gets a market of its own.
"""
import contextlib
import json
import socket

import tap
from endpoint import Endpoint
from market import BUILD, market

SHIFT = BUILD / "tests/crash/libclock-shift.so"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def phases(trade):
    return [entry["phase"] for entry in trade["timeline"]]


class Hours:
    """`lasting` names the node that keeps its address, so that "you", who were away, find it again."""

    def __init__(self, lasting):
        self.lasting = lasting
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        port = free_port()
        options = {self.lasting: ["--no-mdns", "--listen", f"/ip4/127.0.0.1/tcp/{port}"], "you": ["--no-mdns"]}
        self.chain, self.nodes, _ = self.stack.enter_context(market(self.lasting, "you", options=options))
        self.you, self.other = self.nodes["you"], self.nodes[self.lasting]
        self.now_ahead = 0
        try:
            address = next(address for address in self.other.ready["listen"] if f"/tcp/{port}/" in address)
            self.you.options += ["--bootstrap", address]
            self.begin()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *_):
        self.stack.close()

    def begin(self):
        """What a test finds in a new market."""

    def renew(self):
        self.stack.close()
        self.__enter__()

    def need_shift(self):
        if not SHIFT.exists():
            raise tap.Skip(f"{SHIFT} is not built")

    def pass_time(self, seconds):
        """The chain's time goes on; nodes that are started from now on see it too."""
        self.now_ahead += seconds
        self.chain.rpc("evm_increaseTime", seconds)
        self.chain.rpc("evm_mine")

    def start(self, node):
        node.start(extra_env={"LD_PRELOAD": str(SHIFT), "SOUK_CLOCK_SHIFT_S": str(self.now_ahead)} if self.now_ahead else None)

    def meet(self):
        """Waits until both nodes are connected and know what the other speaks."""
        for node in self.nodes.values():
            node.until(lambda n: any(peer["protocols"] for peer in n.get("/peers")["items"]), "meeting the other", 60)

    def balances(self):
        return {name: self.chain.balance(node.get("/wallet")["address"]) for name, node in self.nodes.items()}

    def _restart(self):
        for node in self.nodes.values():
            node.stop()
        for node in self.nodes.values():
            self.start(node)

    @contextlib.contextmanager
    def endpoint(self):
        """Both nodes ask an endpoint of the chain that can be made to lag."""
        direct = self.chain.network.read_text()
        endpoint = Endpoint(self.chain.url)
        try:
            self.chain.network.write_text(json.dumps({**json.loads(direct), "rpc_urls": [endpoint.url]}))
            self._restart()
            yield endpoint
            self.chain.network.write_text(direct)
            self._restart()
        finally:
            endpoint.stop()
