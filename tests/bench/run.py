# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures Souk beside js-libp2p and Helia, in turns on the same machine, then each part's own limits.

Runs inside the build environment: call it as `./dev bench [PART…]`; `--list` names the parts.
Nothing here judges: figures of a machine that others use at the same time vary, which the last line
tells. Every figure is the median of several runs of which ours and theirs alternate.
"""
import contextlib
import json
import os
import pathlib
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("SOUK_BUILD", TOP / "_build"))
INTEROP = TOP / "tests/interop"
SOUK_PEER = BUILD / "tests/interop/peer/souk-peer"
MIB = 1024 * 1024

sys.path.insert(0, str(TOP / "tests/market"))
import market  # noqa: E402  (it lies beside this folder)

QUIET_JS = ["--quiet", "--no-bitswap", "--without", "dhtLan,pubsub,fetch"]


class Peer:
    """A program that speaks the line protocol of tests/interop/peer.mjs."""

    def __init__(self, command):
        self.started = time.monotonic()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        self.events = []
        self.count = 0
        threading.Thread(target=self._read, daemon=True).start()
        ready = self.wait("ready", seconds=60)
        self.ready_ms = (time.monotonic() - self.started) * 1e3
        self.id, self.address = ready["peer"], (ready["addrs"] or [None])[0]

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))
        self.lines.put(None)

    def _next(self, seconds):
        line = self.lines.get(timeout=seconds)
        if line is None:
            raise market.Failure("a peer ended by itself")
        return line

    def send(self, *words):
        self.count += 1
        text = json.dumps({"id": self.count, "cmd": words[0], "args": [str(word) for word in words[1:]]})
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        return self.count

    def answer(self, number, seconds=120):
        while True:
            line = self._next(seconds)
            if line.get("event"):
                self.events.append(line)
            elif line["id"] == number:
                if not line["ok"]:
                    raise market.Failure(f"{line['cmd']}: {line['error']}")
                return line

    def cmd(self, *words):
        return self.answer(self.send(*words))

    def wait(self, event, seconds=30):
        """The next event of that name; those that came before are looked at first."""
        while True:
            for index, line in enumerate(self.events):
                if line["event"] == event:
                    return self.events.pop(index)
            line = self._next(seconds)
            if line.get("event"):
                self.events.append(line)

    def until(self, what, *words):
        for _ in range(400):
            if what(self.cmd(*words)):
                return
            time.sleep(0.025)
        raise market.Failure(f"{words} did not come true")

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def js(*options):
    return Peer([str(INTEROP / "node_modules/.bin/node"), str(INTEROP / "peer.mjs"), *options])


def souk_peer(*options):
    return Peer([str(SOUK_PEER), *options])


def rss_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise market.Failure("a process ended by itself")


class Nodes:
    """Makes things and stops them, the last first, at the end of the block."""

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="souk-bench-")))
        self.count = 0
        return self

    def __exit__(self, *what):
        return self.stack.__exit__(*what)

    def add(self, made):
        self.stack.callback(made.stop)
        return made

    def node(self):
        self.count += 1
        return self.add(market.Node(self.folder, f"node-{self.count}", ["--no-mdns"]))


# ---- the table -----------------------------------------------------------------------------------

WIDTH = 58


def head():
    print(f"{'':{WIDTH}} {'ours':>10} {'theirs':>10}  unit      ours is")


def row(what, ours, theirs, unit, smaller_is_better=True, digits=1):
    """`ours` and `theirs` are lists of figures; theirs may be empty: then it stands alone."""
    mine = statistics.median(ours)
    text = f"{what:{WIDTH}} {mine:10.{digits}f} "
    if not theirs:
        print(f"{text}{'-':>10}  {unit}", flush=True)
        return
    other = statistics.median(theirs)
    ratio = other / mine if smaller_is_better else mine / other
    verdict = f"{ratio:.1f} x better" if ratio > 1.05 else f"{1 / ratio:.1f} x WORSE" if ratio < 0.95 else "the same"
    print(f"{text}{other:10.{digits}f}  {unit:9} {verdict}", flush=True)


# ---- the parts -----------------------------------------------------------------------------------


def part_start():
    """From the start of the program to its first ready line."""
    ours, theirs = [], []
    for _ in range(5):
        with Nodes() as nodes:
            start = time.monotonic()
            nodes.node()
            ours.append((time.monotonic() - start) * 1e3)
        with Nodes() as nodes:
            theirs.append(nodes.add(js("--quiet")).ready_ms)
    row("a whole node: start to ready (souk node | peer.mjs)", ours, theirs, "ms", digits=0)


def part_memory():
    """Resident memory of whole nodes, 5 s after the start and with 20 connections."""
    with Nodes() as nodes:
        node, peer = nodes.node(), nodes.add(js("--quiet"))
        time.sleep(5)
        pids = node.process.pid, peer.process.pid
        row("a whole node: memory, idle", [rss_mib(pids[0])], [rss_mib(pids[1])], "MiB")
        for _ in range(20):
            dialler = nodes.add(souk_peer("--quiet", "--listen", "none"))
            dialler.cmd("dial", node.address)
            dialler.cmd("dial", peer.address)
        time.sleep(1)
        row("a whole node: memory, 20 connections", [rss_mib(pids[0])], [rss_mib(pids[1])], "MiB")


def part_dial():
    """From the command to the event that says who is there; both dial the same listener."""
    ours, theirs = [], []
    with Nodes() as nodes:
        listener = nodes.add(souk_peer("--quiet"))
        diallers = [(nodes.add(souk_peer("--listen", "none")), ours), (nodes.add(js("--listen", "none", *QUIET_JS)), theirs)]
        diallers[1][0].cmd("watch", "peer:identify")
        for index in range(25):
            for dialler, figures in diallers:
                start = time.monotonic()
                dialler.cmd("dial", listener.address)
                dialler.wait("peer:identify")
                if index >= 5:  # what comes before is warming up
                    figures.append((time.monotonic() - start) * 1e3)
                dialler.cmd("hangup", listener.id)
                listener.until(lambda answer: not answer["conns"], "conns")
    row("dial, handshake, identify (one listener of ours)", ours, theirs, "ms")


def part_perf():
    """/perf/1.0.0 over one stream, each among its own kind."""
    size = 128 * MIB
    ours, theirs = {"up": [], "down": []}, {"up": [], "down": []}
    with Nodes() as nodes:
        pairs = [(nodes.add(souk_peer("--quiet")), nodes.add(souk_peer("--quiet")), ours),
                 (nodes.add(js(*QUIET_JS)), nodes.add(js(*QUIET_JS)), theirs)]
        for one, other, _ in pairs:
            one.cmd("dial", other.address)
        for _ in range(3):
            for one, other, figures in pairs:
                figures["up"].append(size / MIB / one.cmd("perf", other.address, size, 0)["seconds"])
                figures["down"].append(size / MIB / one.cmd("perf", other.address, 0, size)["seconds"])
    row("one stream, 128 MiB: upload", ours["up"], theirs["up"], "MiB/s", False, 0)
    row("one stream, 128 MiB: download", ours["down"], theirs["down"], "MiB/s", False, 0)


def js_gossip():
    with Nodes() as nodes:
        one, other = (nodes.add(js("--quiet", "--no-bitswap", "--without", "dhtLan")) for _ in range(2))
        for peer in (one, other):
            peer.cmd("subscribe", "bench")
        one.cmd("dial", other.address)
        one.until(lambda answer: answer["peers"], "mesh", "bench")
        other.cmd("collect", "bench")
        one.cmd("publishTimed", "bench", 300, 100, 5)
        other.until(lambda answer: answer["count"] >= 300, "collected")
        latency = statistics.median(other.cmd("collected")["latencies"])
        other.cmd("collect", "bench")
        one.cmd("publishMany", "bench", 5000, 100)
        other.until(lambda answer: answer["count"] >= 5000, "collected")
        return latency, 5000 / other.cmd("collected")["seconds"]


def part_gossip():
    """Two processes, signed messages of 100 bytes; then what a person waits for: a listing."""
    ours, theirs = [], []
    for _ in range(2):
        output = subprocess.run([str(BUILD / "tests/bench/bench-gossip"), "--json"], check=True, stdout=subprocess.PIPE)
        result = json.loads(output.stdout)
        ours.append((result["p50_ms"], result["per_s"]))
        theirs.append(js_gossip())
    row("gossip: published to received", [o[0] for o in ours], [t[0] for t in theirs], "ms", digits=2)
    row("gossip: messages received", [o[1] for o in ours], [t[1] for t in theirs], "/s", False, 0)
    waits = []
    with Nodes() as nodes:
        seller, buyer = nodes.node(), nodes.node()
        buyer.post("/peers", {"address": seller.address})
        time.sleep(1.5)
        for index in range(20):
            title = f"bench{index}"
            start = time.monotonic()
            seller.post("/prompts/upload", {"title": title, "content": "text"})
            buyer.until(lambda node: node.get(f"/prompts?limit=1&query={title}")["items"], "the listing", every=0.001)
            waits.append((time.monotonic() - start) * 1e3)
    row("a prompt: uploaded here to listed there, both durable", waits, [], "ms")


def part_bitswap():
    """64 MiB in blocks of 256 KiB, stores on disk at both ends; ours through its API as well."""
    size = 64 * MIB
    ours, theirs = [], []
    words = ("chunk=262144", "width=174", "rawLeaves=true", "cidVersion=1")
    with Nodes() as nodes:
        seller, buyer = nodes.node(), nodes.node()
        buyer.post("/peers", {"address": seller.address})
        options = ("--quiet", "--without", "dhtLan,pubsub,fetch")
        one, other = (nodes.add(js(*options, "--blockstore", f"fs:{nodes.folder}/blocks-{i}")) for i in range(2))
        other.cmd("dial", one.address)
        for index in range(3):
            file = nodes.folder / "file"
            file.write_bytes(os.urandom(size))
            cid = seller.call("POST", "/content", raw=file.read_bytes(), timeout=120)["cid"]
            start = time.monotonic()
            content = buyer.get(f"/content/{cid}", timeout=120)
            ours.append(size / MIB / (time.monotonic() - start))
            assert len(content) == size
            assert one.cmd("addFile", file, *words)["cid"] == cid
            start = time.monotonic()
            assert other.cmd("cat", cid)["size"] == size
            theirs.append(size / MIB / (time.monotonic() - start))
    row("bitswap, 64 MiB, disk to disk (Souk<-Souk | Helia<-Helia)", ours, theirs, "MiB/s", False, 0)


def part_limits():
    """What each part does at most on one core, without a network."""
    for program in sorted((BUILD / "tests/bench").glob("bench-*")):
        if not program.is_file() or not os.access(program, os.X_OK) or program.name == "bench-gossip":
            continue  # the part `gossip` has that one
        print(f"\n{program.name}", flush=True)
        done = subprocess.run([str(program)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        print("\n".join(f"  {line}" for line in done.stdout.splitlines()), flush=True)
        if done.returncode:
            raise market.Failure(f"{program.name} ended with status {done.returncode}")


PARTS = {name.removeprefix("part_"): function for name, function in list(globals().items()) if name.startswith("part_")}


def busy_s():
    """Seconds that all processors of the machine have worked."""
    user, nice, system, _, _, irq, softirq = map(int, pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:8])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def main():
    names = sys.argv[1:] or list(PARTS)
    if names == ["--list"]:
        for name, function in PARTS.items():
            print(f"{name:10} {function.__doc__.splitlines()[0]}")
        return
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        sys.exit(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    start, busy = time.monotonic(), busy_s()
    if names != ["limits"]:
        head()
    try:
        for name in names:
            PARTS[name]()
    except market.Failure as failure:
        sys.exit(f"bench: {failure}")
    seconds, times = time.monotonic() - start, os.times()
    mine = times.user + times.system + times.children_user + times.children_system
    others = max(0.0, busy_s() - busy - mine) / (seconds * os.cpu_count())
    print(f"\n{seconds:.0f} s on {os.cpu_count()} processors; other programs used {others:.0%} of them meanwhile")


main()
