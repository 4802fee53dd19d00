# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue between nodes: what is published while they meet, while one is away, and across a third."""
import pathlib
import shutil
import tempfile
import time

import tap
from market import Node

QUIET = ["--no-mdns"]


def publish(node, count, title="Listing"):
    for number in range(count):
        node.post("/prompts/upload", {"title": f"{title} {number}", "content": "text"})


def wait_total(node, count, seconds=15):
    node.until(lambda n: n.get("/prompts?limit=1")["total"] == count, f"{count} listings", seconds)


def pair(folder, name):
    first = Node(folder, f"{name}-a", QUIET)
    return first, Node(folder, f"{name}-b", [*QUIET, "--bootstrap", first.address])


def test_what_is_published_while_nodes_meet_arrives(folder):
    """What is published at the moment of meeting arrives, whichever of gossip and sync is too early or late"""
    for attempt in range(6):
        first, second = pair(folder, f"meet-{attempt}")
        publish(first, 6)
        start = time.monotonic()
        wait_total(second, 6)
        print(f"# {time.monotonic() - start:.2f} s")
        second.stop()
        first.stop()


def test_a_node_that_was_away_catches_up(folder):
    """A node that was away gets what it lacks, and what was withdrawn leaves it"""
    first, second = pair(folder, "away")
    publish(first, 3, "Early")
    wait_total(second, 3)
    address = first.address
    second.stop()
    early = first.get("/prompts")["items"][0]["id"]
    first.call("DELETE", f"/prompts/{early}")
    publish(first, 20, "Late")
    second.start()
    assert address == first.address
    wait_total(second, 22)
    assert early not in str(second.get("/prompts"))
    second.stop()
    first.stop()


def test_listings_cross_a_third_node(folder):
    """Listings reach a node through a third one, both ways"""
    middle = Node(folder, "middle", QUIET)
    left = Node(folder, "left", [*QUIET, "--bootstrap", middle.address])
    right = Node(folder, "right", [*QUIET, "--bootstrap", middle.address])
    publish(left, 2, "Left")
    publish(right, 3, "Right")
    for node in (left, middle, right):
        wait_total(node, 5)
        node.until(lambda n: n.get("/peers")["total"] >= 1, "a peer")
    for node in (left, right, middle):
        node.stop()


if __name__ == "__main__":
    top = pathlib.Path(tempfile.mkdtemp(prefix="souk-catalogue-"))
    try:
        tap.run(globals(), top)
    finally:
        shutil.rmtree(top, ignore_errors=True)
