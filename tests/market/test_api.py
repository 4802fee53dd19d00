# SPDX-License-Identifier: GPL-3.0-or-later
"""The API of one node as strangers and friends of this computer see it: REST, tokens, events, CLI."""
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import stat
import subprocess
import tempfile
import time

import tap
from market import SOUK, ApiError, Node
from websocket import Refused, WebSocket


class Api:
    """One node and a token for it."""

    def __init__(self, folder):
        self.node = Node(folder, "node", ["--no-mdns"])
        self.host, self.port = re.match(r"http://(.*):(\d+)$", self.node.ready["api"]).groups()
        self.port = int(self.port)
        self.tokens = {scope: self.node.post("/tokens", {"name": scope, "scopes": [scope]})["token"]
                       for scope in ("read", "operate", "spend")}

    def request(self, method, path, body=None, token=None, **headers):
        """One request over TCP. Returns (status, headers, body)."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.headers, content


def test_health_needs_no_token_and_all_else_does(api):
    """Health needs no token, and everything else does"""
    assert api.request("GET", "/health")[0] == 200
    for path in ("/prompts", "/node/status", "/openapi.json", "/metrics", "/nothing"):
        status, headers, body = api.request("GET", path)
        assert status == 401, (path, status)
        assert headers["Content-Type"] == "application/problem+json"
        assert json.loads(body)["title"] == "no-token"
    assert api.request("GET", "/prompts", token="guess")[0] == 401


def test_a_token_opens_what_its_scope_says(api):
    """A token opens what its scope says"""
    assert api.request("GET", "/prompts", token=api.tokens["read"])[0] == 200
    upload = json.dumps({"title": "t", "content": "c"})
    status, _, body = api.request("POST", "/prompts/upload", upload, api.tokens["read"], Content_Type="application/json")
    assert status == 403 and json.loads(body)["title"] == "scope", body
    status, _, body = api.request("POST", "/tokens", '{"name": "x", "scopes": ["spend"]}', api.tokens["operate"],
                                  Content_Type="application/json")
    assert status == 403, "a token must not make tokens"


def test_other_hosts_and_origins_stay_out(api):
    """Requests for another host or from another origin stay out, even with a token"""
    token = api.tokens["read"]
    assert api.request("GET", "/prompts", token=token, Host=f"evil.example:{api.port}")[0] == 403
    assert api.request("GET", "/prompts", token=token, Host=f"localhost:{api.port}")[0] == 200
    assert api.request("GET", "/prompts", token=token, Origin="http://evil.example")[0] == 403
    assert api.request("GET", "/prompts", token=token, Origin="null")[0] == 403
    assert api.request("GET", "/prompts", token=token, Origin=f"http://127.0.0.1:{api.port}")[0] == 200


def test_a_form_cannot_change_anything(api):
    """What an HTML form can send changes nothing"""
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data"):
        status, _, body = api.request("POST", "/prompts/upload", '{"title": "t", "content": "c"}', api.tokens["operate"],
                                      Content_Type=kind)
        assert status == 415, (kind, status, body)
    assert api.node.get("/prompts")["total"] == 0


def test_bad_requests_are_named(api):
    """A bad request is answered with a problem that says what to do"""
    cases = [
        ("GET", "/prompts?limit=many", None, 400, "wrong-type"),
        ("GET", "/prompts?colour=red", None, 400, "unknown-argument"),
        ("GET", "/nothing", None, 404, "no-such-path"),
        ("PATCH", "/prompts", None, 415, "content-type"),
        ("DELETE", "/prompts", None, 405, "method"),
        ("GET", "/prompts/nonsense", None, 404, "no-such-listing"),
        ("POST", "/prompts/upload", "{", 400, "bad-json"),
        ("POST", "/prompts/upload", "[]", 400, "bad-json"),
        ("POST", "/prompts/upload", '{"title": "t"}', 400, "missing-argument"),
        ("POST", "/prompts/upload", '{"title": 7, "content": "c"}', 400, "wrong-type"),
        ("POST", "/prompts/upload", '{"title": "", "content": "c"}', 422, None),
        ("POST", "/prompts/upload", '{"title": "t", "content": ""}', 422, "bad-content"),
        ("POST", "/prompts/upload", '{"title": "t", "content": "c", "price": "-1"}', 400, "bad-amount"),
        ("POST", "/prompts/upload", '{"title": "t", "content": "c", "price": "1e3"}', 400, "bad-amount"),
        ("POST", "/prompts/upload", '{"title": "t", "content": "c", "price": "1"}', 409, "no-chain"),
    ]
    for method, path, body, status, title in cases:
        headers = {"Content_Type": "application/json"} if body is not None else {}
        got, _, answer = api.request(method, path, body, api.tokens["operate" if body else "read"], **headers)
        problem = json.loads(answer)
        assert got == status and problem["status"] == status, (path, body, got, problem)
        assert title is None or problem["title"] == title, (path, problem)
        assert len(problem["detail"]) > 10, problem


def test_large_and_slow_requests_are_bounded(api):
    """A body beyond the limit is refused, said or unsaid"""
    status, _, _ = api.request("POST", "/prompts/upload", None, api.tokens["operate"], Content_Type="application/json",
                               Content_Length=str(1 << 40))
    assert status == 413, status
    # A chunked body says no length: it is cut off when it is too much, and the node goes on.
    with socket.create_connection((api.host, api.port), 10) as stream:
        stream.sendall(f"POST /prompts/upload HTTP/1.1\r\nHost: 127.0.0.1:{api.port}\r\nContent-Type: application/json\r\n"
                       f"Authorization: Bearer {api.tokens['operate']}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        try:
            for _ in range(32):
                stream.sendall(chunk)
            cut = stream.recv(1) == b""
        except OSError:
            cut = True
        assert cut, "32 MiB were taken"
    assert api.request("GET", "/health")[0] == 200


def test_openapi_describes_every_command(api):
    """The OpenAPI document names every path that answers"""
    status, _, body = api.request("GET", "/openapi.json", token=api.tokens["read"])
    document = json.loads(body)
    assert status == 200 and document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "get" or "{" in path:
                continue
            status, _, body = api.request("GET", path, token=api.tokens["read"])
            assert status == 200, (path, status, body)
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            if "$ref" in schema:
                shape = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
                unknown = set(json.loads(body)) - set(shape["properties"])
                assert not unknown, (path, unknown)


def test_events_come_as_they_happen(api):
    """The event stream tells what happens, to those with a token and of our own origin"""
    for headers in ([], ["Authorization: Bearer guess"],
                    [f"Authorization: Bearer {api.tokens['read']}", "Origin: http://evil.example"]):
        try:
            WebSocket(api.host, api.port, "/events", headers)
            raise AssertionError(f"came in with {headers}")
        except Refused as refused:
            assert refused.status in (401, 403), refused
    stream = WebSocket(api.host, api.port, "/events", [f"Authorization: Bearer {api.tokens['read']}"])
    # A browser cannot set headers: its token comes as a sub-protocol.
    browser = WebSocket(api.host, api.port, "/events",
                        [f"Sec-WebSocket-Protocol: souk.events, bearer.{api.tokens['read']}"])
    listing = api.node.post("/prompts/upload", {"title": "An event", "content": "text"})
    for one in (stream, browser):
        event = one.until("listing.added")
        assert event["listing"]["id"] == listing["id"] and event["listing"]["title"] == "An event", event
        one.close()
    api.node.call("DELETE", f"/prompts/{listing['id']}")


def test_quiet_streams_stay_and_stuck_requests_go(api):
    """A quiet event stream stays open; a connection that sends half a request is closed after 30 s"""
    stream = WebSocket(api.host, api.port, "/events", [f"Authorization: Bearer {api.tokens['read']}"], timeout=60)
    with socket.create_connection((api.host, api.port), 45) as half:
        start = time.monotonic()
        half.sendall(b"GET /prompts HTTP/1.1\r\nHost: ")
        assert half.recv(1) == b"", "half a request was answered"
        assert 25 < time.monotonic() - start < 40
    time.sleep(3)
    listing = api.node.post("/prompts/upload", {"title": "After a while", "content": "text"})
    assert stream.until("listing.added")["listing"]["id"] == listing["id"]
    stream.close()
    api.node.call("DELETE", f"/prompts/{listing['id']}")


def test_content_round_trips_by_its_cid(api):
    """Content gets the CID that ipfs gives it, and comes back whole"""
    stored = api.node.call("POST", "/content", raw=b"hello world\n")
    assert stored == {"cid": "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4", "size_bytes": 12}, stored
    assert api.node.get(f"/content/{stored['cid']}") == b"hello world\n"
    try:
        api.node.get("/content/nonsense")
        raise AssertionError("nonsense was taken for a CID")
    except ApiError as error:
        assert error.status == 400


def test_the_command_line_speaks_to_the_node(api):
    """The command line lists, publishes, reads, and says what is wrong"""
    def souk(*words, code=0):
        done = subprocess.run([str(SOUK), *words, "--data-dir", str(api.node.folder)], capture_output=True, text=True, timeout=20)
        assert done.returncode == code, (words, done)
        return done.stdout if code == 0 else done.stderr

    prompt = api.node.folder / "prompt.txt"
    prompt.write_text("Write a haiku about {topic}.")
    published = json.loads(souk("prompt", "publish", "--title", "Haiku", "--content", f"@{prompt}", "--category", "writing",
                                "--tags", "poetry", "--json"))
    assert published["price"] == "0"
    assert "Haiku" in souk("prompt", "list", "haiku")
    assert "Write a haiku" in souk("prompt", "content", published["id"])
    assert api.node.ready["peer_id"] in souk("node", "status")
    assert "no-such" not in souk("prompt", "show", "nonsense", code=1)
    assert "one word too many" in souk("prompt", "show", "a", "b", code=2)
    assert "there is no command" in souk("prompt", "paint", code=2)
    missing = subprocess.run([str(SOUK), "prompt", "list", "--data-dir", "/nonexistent"], capture_output=True, text=True)
    assert missing.returncode == 3 and "no node answers" in missing.stderr
    souk("prompt", "withdraw", published["id"])


def test_logs_and_metrics_can_be_read(api):
    """Logs can be read by level, since a number, and as metrics"""
    records = api.node.get("/logs?limit=5")["items"]
    assert records and all(record["event"] for record in records)
    since = records[-1]["sequence"]
    api.request("GET", "/prompts", token="guess")
    warnings = api.node.get(f"/logs?since={since}&level=warning")["items"]
    assert [record["event"] for record in warnings] == ["api.bad-token"], warnings
    status, headers, body = api.request("GET", "/metrics", token=api.tokens["read"])
    assert status == 200 and "openmetrics" in headers["Content-Type"] and body.rstrip().endswith(b"# EOF"), body[-200:]


def test_files_of_the_node_are_private(api):
    """The socket, keys and tokens of a node are its user's alone"""
    for name in ("api.sock", "identity.key", "tokens.json"):
        mode = stat.S_IMODE(os.stat(api.node.folder / name).st_mode)
        assert mode == 0o600, (name, oct(mode))


def test_a_second_node_on_the_same_folder_is_refused(api):
    """A second node on the same folder is refused with a sentence"""
    done = subprocess.run([str(SOUK), "node", "--data-dir", str(api.node.folder)], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and str(api.node.process.pid) in done.stderr, done


def test_the_api_is_never_public(api):
    """An API address that is not loopback is refused"""
    done = subprocess.run([str(SOUK), "node", "--data-dir", str(api.node.folder.parent / "other"), "--api", "0.0.0.0:0"],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and "this computer only" in done.stderr, done


def test_guessers_are_locked_out(api):
    """Whoever guesses tokens is locked out"""
    statuses = [api.request("GET", "/prompts", token=f"guess{i}")[0] for i in range(40)]
    assert statuses[0] == 401 and statuses[-1] == 429, statuses
    assert api.node.get("/prompts")["total"] >= 0, "the Unix socket is not affected"


def test_sigterm_ends_the_node_cleanly(api):
    """SIGTERM ends the node with status 0, and what it stored is there again"""
    listing = api.node.post("/prompts/upload", {"title": "Kept", "content": "text"})
    start = time.monotonic()
    assert api.node.stop() == 0, api.node.stderr()
    assert time.monotonic() - start < 5
    api.node.start()
    assert api.node.get(f"/prompts/{listing['id']}")["title"] == "Kept"
    assert api.node.get(f"/prompts/{listing['id']}/content")["text"] == "text"


if __name__ == "__main__":
    top = pathlib.Path(tempfile.mkdtemp(prefix="souk-api-"))
    api = Api(top)
    try:
        tap.run(globals(), api)
    finally:
        api.node.stop()
        shutil.rmtree(top, ignore_errors=True)
