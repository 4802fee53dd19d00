# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the direction of dependence: which room may include which.

base <- wire <- {link mesh dag market chain} are pure and the siblings do not know each other; the
drivers know the pure rooms and log/; api, trade and node*.c know the drivers; app/ knows node.h and
the command table, ui/model knows node.h alone.
"""
import re

from sources import TOP, Report, sources

PURE = {"base", "wire", "link", "mesh", "dag", "market", "chain"}
DRIVERS = {"store", "swarm", "exec", "eth", "wallet"}

ALLOWED = {
    "base": {"base"},
    "wire": {"base", "wire"},
    **{room: {"base", "wire", room} for room in ("link", "mesh", "dag", "market", "chain")},
    "log": {"base", "log"},
    **{room: PURE | {"log", room} for room in DRIVERS},
    "worker": {"base", "worker"},
    "api": PURE | DRIVERS | {"log", "api"},
    "trade": PURE | DRIVERS | {"log", "api", "trade"},
    "node": PURE | DRIVERS | {"log", "api", "trade", "node"},
}
# exec/ speaks the worker's frame format, which is one header of the worker.
EXTRA = {("exec", "worker/frames.h")}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def includes(path):
    for number, line in enumerate((TOP / path).read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1)


def node_findings():
    for path in sources(".c", ".h", rooms=("node",)):
        room = path.parts[1] if len(path.parts) > 2 else "node"
        for number, target in includes(path):
            target_room = target.split("/")[0] if "/" in target else "node"
            if target_room == "node" and room != "node":
                yield f"{path}:{number}: node/{room} includes {target}; write it as room/file.h"
            elif target_room not in ALLOWED.get(room, ()) and (room, target) not in EXTRA:
                yield f"{path}:{number}: {room}/ must not include {target}"


def window_findings():
    for path in sources(".c", ".h", rooms=("app", "ui")):
        model = path.parts[:2] == ("ui", "model")
        for number, target in includes(path):
            room = target.split("/")[0] if "/" in target else ""
            if room == "node.h" or target == "node.h":
                if path.parts[0] == "ui" and not model:
                    yield f"{path}:{number}: only ui/model and app/ include node.h"
            elif target == "api/command.h" and path.parts[0] == "app":
                continue
            elif room in ALLOWED:
                yield f"{path}:{number}: the window must not include {target}"
            elif room == "app" and path.parts[0] != "app":
                yield f"{path}:{number}: no file of ui/ knows app/"
            elif model and room == "ui" and not target.startswith("ui/model/"):
                yield f"{path}:{number}: ui/model must not include {target}"


report = Report()
report.check("node/ includes follow the matrix", node_findings())
report.check("app/ and ui/ know the node by its interface alone", window_findings())
report.end()
