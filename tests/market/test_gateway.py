# SPDX-License-Identifier: GPL-3.0-or-later
"""The read-only gateway of a node: content by its CID, as files, blocks and archives, from here and from a peer."""
import base64
import contextlib
import hashlib
import http.client
import json
import pathlib
import re
import shutil
import tempfile
import time

import tap
from market import Node

CHUNK = 256 * 1024


def varint(number):
    out = bytearray()
    while True:
        out.append(number & 0x7F | (0x80 if number > 0x7F else 0))
        number >>= 7
        if not number:
            return bytes(out)


def cid_text(codec, multihash):
    return "b" + base64.b32encode(bytes([1]) + varint(codec) + multihash).decode().lower().rstrip("=")


def cid_bytes(text):
    return base64.b32decode(text[1:].upper() + "=" * (-len(text[1:]) % 8))


def identity_cid(codec, block):
    """A CID that holds its block itself: so a test can ask for blocks that no API adds."""
    assert len(block) <= 64
    return cid_text(codec, b"\0" + varint(len(block)) + block)


def raw_cid(block):
    return cid_text(0x55, b"\x12\x20" + hashlib.sha256(block).digest())


def pb_node(links, data):
    out = b""
    for name, cid, size in links:
        link = b"\x0a" + varint(len(cid)) + cid + b"\x12" + varint(len(name)) + name + b"\x18" + varint(size)
        out += b"\x12" + varint(len(link)) + link
    return out + b"\x0a" + varint(len(data)) + data


def read_varint(data, at):
    number = shift = 0
    while True:
        number |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return number, at


def read_car(data):
    """The archive's header, and its blocks, each checked against its CID."""
    size, at = read_varint(data, 0)
    header, at = data[at:at + size], at + size
    blocks = []
    while at < len(data):
        size, at = read_varint(data, at)
        section, at = data[at:at + size], at + size
        assert len(section) == size and section[0] == 1 and section[2:4] == b"\x12\x20", "a CID of version 1 and SHA-256"
        assert hashlib.sha256(section[36:]).digest() == section[4:36]
        blocks.append((section[:36], section[36:]))
    return header, blocks


class Gateway:
    """Two nodes: what is added to the first is read from either."""

    def __init__(self, folder):
        self.owner = Node(folder, "owner", ["--no-mdns"])
        self.reader = Node(folder, "reader", ["--no-mdns", "--bootstrap", self.owner.address])
        self.tokens = {node: node.post("/tokens", {"name": "test", "scopes": ["read"]})["token"]
                       for node in (self.owner, self.reader)}
        self.spend = self.owner.post("/tokens", {"name": "spend", "scopes": ["spend"]})["token"]
        self.reader.until(lambda node: node.get("/peers")["items"], "the first peer")
        self.data = b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(5 * CHUNK // 32)) + b"end"
        self.cid = self.owner.call("POST", "/content", raw=self.data)["cid"]
        self.text = b"<script>alert(1)</script>\n"
        self.text_cid = self.owner.call("POST", "/content", raw=self.text)["cid"]

    def open(self, node, method, path, token=None, **headers):
        host, port = re.match(r"http://(.*):(\d+)$", node.ready["api"]).groups()
        connection = http.client.HTTPConnection(host, int(port), timeout=40)
        connection.request(method, path, None, {"Authorization": f"Bearer {token or self.tokens[node]}",
                                                **{name.replace("_", "-"): value for name, value in headers.items()}})
        return connection, connection.getresponse()

    def get(self, path, method="GET", node=None, **headers):
        connection, answer = self.open(node or self.owner, method, path, **headers)
        with contextlib.closing(connection):
            return answer.status, answer.headers, answer.read()


def test_a_file_comes_whole_and_in_a_sandbox(gateway):
    """A file comes whole, for ever the same, and in a sandbox"""
    status, headers, body = gateway.get(f"/ipfs/{gateway.cid}")
    assert status == 200 and body == gateway.data
    assert headers["ETag"] == f'"{gateway.cid}"' and "immutable" in headers["Cache-Control"]
    assert "public" not in headers["Cache-Control"]
    assert headers["X-Ipfs-Path"] == f"/ipfs/{gateway.cid}"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert headers["Content-Type"] == "application/octet-stream" and int(headers["Content-Length"]) == len(body)


def test_nothing_is_a_page(gateway):
    """What a browser would run is plain text, whatever it is called"""
    for path in (gateway.text_cid, f"{gateway.text_cid}?filename=a.html", f"{gateway.text_cid}?filename=a.svg",
                 f"{gateway.text_cid}?filename=a.js"):
        status, headers, body = gateway.get(f"/ipfs/{path}")
        assert (status, headers["Content-Type"], body) == (200, "text/plain; charset=utf-8", gateway.text), headers
    assert gateway.get(f"/ipfs/{gateway.text_cid}?filename=a.png")[1]["Content-Type"] == "image/png"
    assert gateway.get(f"/ipfs/{gateway.text_cid}", Service_Worker="script")[0] == 400
    _, headers, _ = gateway.get(f"/ipfs/{gateway.text_cid}?filename=x%0d%0aSet-Cookie:a&download=true")
    assert "Set-Cookie" not in headers and headers["Content-Disposition"] == "attachment"
    _, headers, _ = gateway.get(f"/ipfs/{gateway.text_cid}?filename=it.txt&download=true")
    assert headers["Content-Disposition"] == 'attachment; filename=it.txt', headers["Content-Disposition"]


def test_ranges(gateway):
    """Ranges of a file come as such, across blocks and from the end"""
    size = len(gateway.data)
    for text, first, last in (("0-0", 0, 0), (f"{CHUNK - 5}-{2 * CHUNK + 5}", CHUNK - 5, 2 * CHUNK + 5), ("-10", size - 10, size - 1),
                              (f"{size - 3}-", size - 3, size - 1), (f"5-{size * 2}", 5, size - 1)):
        status, headers, body = gateway.get(f"/ipfs/{gateway.cid}", Range=f"bytes={text}")
        assert status == 206 and body == gateway.data[first:last + 1], (text, status, len(body))
        assert headers["Content-Range"] == f"bytes {first}-{last}/{size}", headers["Content-Range"]
    status, headers, _ = gateway.get(f"/ipfs/{gateway.cid}", Range=f"bytes={size}-")
    assert status == 416 and headers["Content-Range"] == f"bytes */{size}"
    for text in ("bytes=0-1,3-4", "bytes=5-2", "lines=1-2", "bytes=x-"):
        status, _, body = gateway.get(f"/ipfs/{gateway.cid}", Range=text)
        assert status == 200 and len(body) == size, text
    assert gateway.get(f"/ipfs/{gateway.cid}", Range="bytes=0-4", If_Range='"other"')[0] == 200
    assert gateway.get(f"/ipfs/{gateway.cid}", Range="bytes=0-4", If_Range=f'"{gateway.cid}"')[0] == 206


def test_what_a_client_has_does_not_come_again(gateway):
    """What a client has does not come again"""
    for known in (f'"{gateway.cid}"', f'"x", W/"{gateway.cid}"', "*"):
        status, headers, body = gateway.get(f"/ipfs/{gateway.cid}", If_None_Match=known)
        assert (status, body) == (304, b"") and headers["ETag"] == f'"{gateway.cid}"'
    assert gateway.get(f"/ipfs/{gateway.cid}", If_None_Match='"other"')[0] == 200
    assert gateway.get(f"/ipfs/{gateway.cid}?format=raw", If_None_Match=f'"{gateway.cid}"')[0] == 200


def test_head(gateway):
    """HEAD says what GET would, without the bytes"""
    for path in (gateway.cid, f"{gateway.cid}?filename=a.txt", f"{gateway.cid}?format=raw", f"{gateway.cid}?format=car", gateway.text_cid):
        got = gateway.get(f"/ipfs/{path}")
        status, headers, body = gateway.get(f"/ipfs/{path}", "HEAD")
        assert status == 200 and body == b"", path
        for name in ("Content-Type", "Content-Length", "ETag", "Content-Disposition"):
            assert headers[name] == got[1][name], (path, name, headers[name], got[1][name])
    status, headers, _ = gateway.get(f"/ipfs/{gateway.cid}", "HEAD", Range="bytes=10-19")
    assert status == 206 and headers["Content-Length"] == "10"


def test_raw_blocks(gateway):
    """A block comes as it is, by query and by Accept"""
    for path, extra in ((f"/ipfs/{gateway.cid}?format=raw", {}), (f"/ipfs/{gateway.cid}", {"Accept": "text/html, application/vnd.ipld.raw;q=0.9"})):
        status, headers, body = gateway.get(path, **extra)
        assert status == 200 and hashlib.sha256(body).digest() == cid_bytes(gateway.cid)[-32:]
        assert headers["Content-Type"] == "application/vnd.ipld.raw" and headers["ETag"] == f'"{gateway.cid}.raw"'
        assert headers["Content-Disposition"].startswith("attachment")
    assert gateway.get(f"/ipfs/{gateway.cid}?format=raw", Range="bytes=1-3")[2] == body[1:4]
    # The probe of the specification: the empty block that its CID holds.
    status, _, body = gateway.get("/ipfs/bafkqaaa?format=raw")
    assert (status, body) == (200, b"")
    status, _, body = gateway.get("/ipfs/bafkqaaa?format=car")
    assert status == 200 and read_car(body)[1] == []
    assert gateway.get("/ipfs/bafkqaaa", "HEAD")[0] == 200


def test_archives(gateway):
    """An archive has the blocks of its scope, parents first, each once"""
    status, headers, body = gateway.get(f"/ipfs/{gateway.cid}?format=car")
    header, blocks = read_car(body)
    assert headers["Content-Type"] == "application/vnd.ipld.car; version=1; order=dfs; dups=n"
    assert cid_bytes(gateway.cid) in header and blocks[0][0] == cid_bytes(gateway.cid)
    assert len({cid for cid, _ in blocks}) == len(blocks) == 7
    assert b"".join(block for cid, block in blocks if cid[1] == 0x55) == gateway.data
    assert len(read_car(gateway.get(f"/ipfs/{gateway.cid}?format=car&dag-scope=entity")[2])[1]) == 7
    assert len(read_car(gateway.get(f"/ipfs/{gateway.cid}?format=car&dag-scope=block")[2])[1]) == 1
    etags = {gateway.get(f"/ipfs/{gateway.cid}?format=car&dag-scope={scope}", "HEAD")[1]["ETag"] for scope in ("all", "entity", "block")}
    assert len(etags) == 3
    # Zeros: one leaf, linked many times.
    zeros = gateway.owner.call("POST", "/content", raw=bytes(8 * CHUNK))["cid"]
    assert len(read_car(gateway.get(f"/ipfs/{zeros}?format=car")[2])[1]) == 2


def test_folders_and_paths(gateway):
    """Folders, plain and split, are listed as JSON, and paths lead through them"""
    child = cid_bytes(gateway.text_cid)
    plain = identity_cid(0x70, pb_node([(b"a", child, 26)], b"\x08\x01"))
    status, headers, body = gateway.get(f"/ipfs/{plain}")
    assert status == 200 and headers["Content-Type"] == "application/json" and "immutable" not in headers["Cache-Control"]
    assert json.loads(body)["entries"] == [{"name": "a", "cid": gateway.text_cid, "dag_size": 26}]
    status, headers, body = gateway.get(f"/ipfs/{plain}/a")
    assert (status, body) == (200, gateway.text) and headers["ETag"] == f'"{gateway.text_cid}"'
    assert gateway.get(f"/ipfs/{plain}//a/")[2] == gateway.text
    assert gateway.get(f"/ipfs/{plain}/%61")[2] == gateway.text
    for path in ("b", "...", "a/b"):
        status, _, body = gateway.get(f"/ipfs/{plain}/{path}")
        assert status == 404 and json.loads(body)["title"] in ("no-such-name", "not-a-folder", "unsupported"), (path, status, body)
    assert gateway.get(f"/ipfs/{plain}/a%2fb")[0] in (400, 404)
    # A shard of 256 places, in which the hash of "A" leads to place 3.
    split = identity_cid(0x70, pb_node([(b"03A", child, 26)], b"\x08\x05\x12\x01\x08\x28\x22\x30\x80\x02"))
    assert json.loads(gateway.get(f"/ipfs/{split}")[2])["entries"] == [{"name": "A", "cid": gateway.text_cid, "dag_size": 26}]
    assert gateway.get(f"/ipfs/{split}/A")[2] == gateway.text
    assert gateway.get(f"/ipfs/{split}/B")[0] == 404
    # Only what is followed is in the archive, and blocks that their CIDs hold are not.
    assert [cid for cid, _ in read_car(gateway.get(f"/ipfs/{plain}/a?format=car")[2])[1]] == [child]
    assert [cid for cid, _ in read_car(gateway.get(f"/ipfs/{plain}?format=car")[2])[1]] == [child]
    assert read_car(gateway.get(f"/ipfs/{plain}?format=car&dag-scope=entity")[2])[1] == []


def test_bad_requests(gateway):
    """Bad requests are answered with a problem"""
    for path, status in (("/ipfs/nonsense", 400), ("/ipfs/", 400), (f"/ipfs/{gateway.cid}?format=tar", 400),
                         (f"/ipfs/{gateway.cid}?format=car&dag-scope=none", 400), (f"/ipfs/{gateway.cid}?format=car&car-version=2", 400),
                         (f"/ipfs/{identity_cid(0x71, b'x')}", 406), (f"/ipfs/{identity_cid(0x70, b'x')}", 502)):
        got, headers, body = gateway.get(path)
        assert got == status and headers["Content-Type"] == "application/problem+json", (path, got, body)
        assert json.loads(body)["status"] == status
    assert gateway.get(f"/ipfs/{gateway.cid}", "DELETE")[0] == 405
    connection, answer = gateway.open(gateway.owner, "GET", f"/ipfs/{gateway.cid}", gateway.spend)
    with contextlib.closing(connection):
        assert answer.status == 403, answer.status
    connection, answer = gateway.open(gateway.owner, "GET", f"/ipfs/{gateway.cid}", "guess")
    with contextlib.closing(connection):
        assert answer.status == 401, answer.status


def test_what_is_not_here_comes_from_a_peer(gateway):
    """What is not here comes from a peer, if the client lets it"""
    path = f"/ipfs/{gateway.cid}"
    status, _, body = gateway.get(path, node=gateway.reader, Cache_Control="only-if-cached")
    assert status == 412 and json.loads(body)["title"] == "not-cached"
    status, _, body = gateway.get(path, node=gateway.reader, Range=f"bytes={CHUNK}-{CHUNK + 9}")
    assert status == 206 and body == gateway.data[CHUNK:CHUNK + 10]
    status, _, body = gateway.get(path + "?format=car", node=gateway.reader)
    assert status == 200 and len(read_car(body)[1]) == 7
    # It was kept, once the disk has it.
    gateway.reader.until(lambda node: gateway.get(path, node=node, Cache_Control="only-if-cached")[2] == gateway.data, "all blocks")


def memory_kib(node):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{node.process.pid}/status").read_text()).group(1))


def test_a_slow_client_costs_little(gateway):
    """A client that reads slowly is waited for, without its file in memory"""
    size = 128 * 1024 * 1024
    data = hashlib.shake_128(b"large").digest(size)
    cid = gateway.large = gateway.owner.call("POST", "/content", raw=data, timeout=120)["cid"]
    gateway.owner.get("/node/status")
    time.sleep(1)
    before = memory_kib(gateway.owner)
    connection, answer = gateway.open(gateway.owner, "GET", f"/ipfs/{cid}")
    with contextlib.closing(connection):
        assert answer.read(10) == data[:10]
        time.sleep(1.5)
        grown = memory_kib(gateway.owner) - before
        assert grown < 32 * 1024, f"{grown} KiB more while a client waits"
        start = time.monotonic()
        digest = hashlib.sha256(data[:10])
        while piece := answer.read(1 << 20):
            digest.update(piece)
        seconds = time.monotonic() - start
    assert digest.digest() == hashlib.sha256(data).digest()
    print(f"# {size / 2**20 / seconds:.0f} MiB/s; {grown} KiB more while it waited")


def test_clients_that_leave_are_forgotten(gateway):
    """Clients that leave in the middle are forgotten, and too many at once are told to wait"""
    for _ in range(3):
        clients = [gateway.open(gateway.owner, "GET", f"/ipfs/{gateway.large}") for _ in range(31)]
        assert all(answer.status == 200 and len(answer.read(10)) == 10 for _, answer in clients)
        more = [gateway.open(gateway.owner, "GET", f"/ipfs/{gateway.large}") for _ in range(5)]
        assert [answer.status for _, answer in more] == [200, 429, 429, 429, 429]
        for connection, answer in clients + more:
            answer.close()
            connection.close()
        gateway.owner.until(lambda node: gateway.get(f"/ipfs/{gateway.text_cid}")[0] == 200, "a free place", 5)
        time.sleep(0.5)


if __name__ == "__main__":
    top = pathlib.Path(tempfile.mkdtemp(prefix="souk-gateway-"))
    gateway = Gateway(top)
    try:
        tap.run(globals(), gateway)
    finally:
        for node in (gateway.reader, gateway.owner):
            node.stop()
        shutil.rmtree(top, ignore_errors=True)
