# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole market on this machine: a test chain with the contracts, and nodes on loopback.

Used by `./dev run` and by the tests. Everything lies in one temporary folder and ends with it.
"""
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("SOUK_BUILD", TOP / "_build"))
SOUK = BUILD / "app" / "souk"
ANVIL = TOP / "contracts/node_modules/.bin/anvil"
CHAIN_ID = 31337

# The chain's well-known test accounts: anvil derives them from the mnemonic "test test … junk"
# and gives each 10,000 coins. They have no worth anywhere else.
KEYS = [
    "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
    "7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
]


class Failure(Exception):
    """Something that a person must read: printed without a stack."""


class Chain:
    """An anvil process with both contracts deployed by its account 9, which owns them."""

    def __init__(self, folder, *options):
        if not ANVIL.exists():
            raise Failure(f"{ANVIL} is missing: ./dev installs it (npm ci in contracts/)")
        self.log = open(folder / "anvil.log", "w+")
        self.process = subprocess.Popen(
            [str(ANVIL), "--port", "0", "--chain-id", str(CHAIN_ID), "--hardfork", "prague", *options],
            stdout=self.log, stderr=subprocess.STDOUT)
        try:
            self._begin(folder)
        except BaseException:
            self.stop()
            raise

    def _begin(self, folder):
        self.url = f"http://127.0.0.1:{self._port(folder)}"
        accounts = self.rpc("eth_accounts")
        self.owner = accounts[9]
        self.accounts = accounts
        self.contracts = {name: self._deploy(name) for name in ("PromptMarketplace", "ComputeRental")}
        self.network = folder / "local.json"
        self.network.write_text(json.dumps({
            "name": "local", "coin": "ETH", "chain_id": CHAIN_ID, "rpc_urls": [self.url],
            "marketplace": self.contracts["PromptMarketplace"], "rental": self.contracts["ComputeRental"],
            "confirmations": 1, "poll_ms": 200, "bootstrap": []}))

    def _port(self, folder):
        for _ in range(200):
            for line in (folder / "anvil.log").read_text().splitlines():
                if line.startswith("Listening on "):
                    return int(line.rsplit(":", 1)[1])
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise Failure("the test chain did not start:\n" + (folder / "anvil.log").read_text()[-2000:])

    def rpc(self, method, *params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}).encode()
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            reply = json.load(answer)
        if "error" in reply:
            raise Failure(f"{method}: {reply['error']}")
        return reply["result"]

    def _receipt(self, transaction):
        for _ in range(200):
            receipt = self.rpc("eth_getTransactionReceipt", transaction)
            if receipt is not None:
                return receipt
            time.sleep(0.02)
        raise Failure(f"no receipt of {transaction}")

    def _deploy(self, name):
        artefact = json.loads((TOP / "contracts/abi" / f"{name}.json").read_text())
        code = artefact["bytecode"] if artefact["bytecode"].startswith("0x") else "0x" + artefact["bytecode"]
        data = code + self.owner[2:].rjust(64, "0")
        receipt = self._receipt(self.rpc("eth_sendTransaction", {"from": self.owner, "data": data, "gas": hex(6_000_000)}))
        if receipt["status"] != "0x1":
            raise Failure(f"{name} was not deployed")
        return receipt["contractAddress"]

    def balance(self, address):
        return int(self.rpc("eth_getBalance", address, "latest"), 16)

    def credit(self, name, who):
        """credit(address token, address who): what waits for `who` in the coin."""
        artefact = json.loads((TOP / "contracts/abi" / f"{name}.json").read_text())
        selector = artefact["methodIdentifiers"]["credit(address,address)"].removeprefix("0x")
        data = "0x" + selector + "0" * 64 + who[2:].rjust(64, "0")
        return int(self.rpc("eth_call", {"to": self.contracts[name], "data": data}, "latest"), 16)

    @contextlib.contextmanager
    def holding(self):
        """No block is made inside of this, but for one at its end, which has what was sent."""
        self.rpc("evm_setAutomine", False)
        try:
            yield
            self.rpc("evm_mine")
        finally:
            self.rpc("evm_setAutomine", True)

    def wait_sent(self, count=1):
        """Waits, while blocks are held, until so many transactions wait for one."""
        for _ in range(600):
            waiting = int(self.rpc("txpool_status")["pending"], 16)
            if waiting >= count:
                return
            time.sleep(0.05)
        raise Failure(f"{waiting} and not {count} transactions wait for a block")

    def stop(self):
        stop_process(self.process)
        self.log.close()


def stop_process(process, seconds=10):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class ApiError(Exception):
    def __init__(self, status, problem):
        super().__init__(f"{status} {problem}")
        self.status = status
        self.problem = problem


class Node:
    """A running `souk node`; commands go over its Unix socket."""

    def __init__(self, folder, name, options=(), env=None, wait=True):
        self.name = name
        self.folder = folder / name
        self.folder.mkdir(exist_ok=True)
        self.options = list(options)
        self.env = {**os.environ, **(env or {})}
        self.ready = None
        self.process = None
        self.start(wait)

    def start(self, wait=True, extra_env=None):
        self.errors = open(self.folder / "stderr.log", "a")
        self.process = subprocess.Popen(
            [str(SOUK), "node", "--data-dir", str(self.folder), "--listen", "/ip4/127.0.0.1/tcp/0",
             "--api", "127.0.0.1:0", *self.options],
            stdout=subprocess.PIPE, stderr=self.errors, text=True, env={**self.env, **(extra_env or {})})
        if wait:
            try:
                self.wait_ready()
            except BaseException:
                stop_process(self.process)
                raise

    def wait_ready(self):
        start = time.monotonic()
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            raise Failure(f"the node {self.name} ended with status {self.process.returncode}:\n{self.stderr()[-3000:]}")
        self.ready = json.loads(line)
        assert self.ready["event"] == "ready", self.ready
        self.ready_seconds = time.monotonic() - start
        return self.ready

    def stderr(self):
        return (self.folder / "stderr.log").read_text(errors="replace")

    @property
    def address(self):
        return self.ready["listen"][0]

    def call(self, method, path, body=None, timeout=30, raw=None):
        connection = UnixConnection(self.ready["socket"], timeout)
        headers = {"Content-Type": "application/octet-stream" if raw is not None else "application/json"}
        payload = raw if raw is not None else (json.dumps(body) if body is not None else None)
        connection.request(method, path, payload, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if "json" in (answer.headers.get("Content-Type") or ""):
            content = json.loads(content)
        if answer.status >= 400:
            raise ApiError(answer.status, content)
        return content

    def get(self, path, **kwargs):
        return self.call("GET", path, **kwargs)

    def post(self, path, body=None, **kwargs):
        return self.call("POST", path, body if body is not None else {}, **kwargs)

    def until(self, probe, what, seconds=30, every=0.05):
        """Asks again and again until `probe(self)` gives something true."""
        end = time.monotonic() + seconds
        while True:
            value = probe(self)
            if value:
                return value
            if self.process.poll() is not None:
                raise Failure(f"{self.name} ended while waiting for {what}:\n{self.stderr()[-3000:]}")
            if time.monotonic() > end:
                raise Failure(f"{self.name}: {what} did not happen within {seconds} s")
            time.sleep(every)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        stop_process(self.process)
        code = self.process.returncode
        self.errors.close()
        self.process.stdout.close()
        return code


@contextlib.contextmanager
def market(*names, chain_options=(), options=None, keep=False):
    """Starts a chain and a node for each name, in order, each knowing those before it.

    Yields (chain, {name: node}, folder). Node i has the chain's account i.
    """
    folder = pathlib.Path(tempfile.mkdtemp(prefix="souk-market-"))
    nodes, chain = {}, None
    try:
        chain = Chain(folder, *chain_options)
        for index, name in enumerate(names):
            nodes[name] = start_node(folder, chain, name, index, nodes.values(), (options or {}).get(name, ()))
        yield chain, nodes, folder
    finally:
        for node in reversed(nodes.values()):
            with contextlib.suppress(Exception):
                node.stop()
        if chain is not None:
            chain.stop()
        if keep:
            print(f"kept {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def start_node(folder, chain, name, account, neighbours, options=(), **kwargs):
    key = folder / f"{name}.key"
    key.write_text(KEYS[account])
    key.chmod(0o600)
    bootstrap = [word for node in neighbours for word in ("--bootstrap", node.address)]
    return Node(folder, name, ["--network", str(chain.network), "--wallet-key-file", str(key), *bootstrap, *options], **kwargs)
