#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// Stands in for a native `solc`, which no package registry has, by npm's WebAssembly build. Speaks
// the two calls that forge makes: `--version`, and `--standard-json` with all sources on stdin.
import fs from "node:fs";
import { createRequire } from "node:module";

const solc = createRequire(import.meta.url)("solc");
const args = process.argv.slice(2);

// stdout may be a non-blocking pipe, and process.exit() would cut an asynchronous write short.
function writeAll(text) {
  const data = Buffer.from(text);
  for (let at = 0; at < data.length; ) {
    try {
      at += fs.writeSync(1, data, at);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

if (args.includes("--version")) {
  const version = solc.version().replace(".Emscripten.clang", ".Linux.g++");
  writeAll(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`);
} else if (args.includes("--standard-json")) {
  writeAll(solc.compile(fs.readFileSync(0, "utf8")));
} else {
  process.stderr.write("solc-shim: only --version and --standard-json\n");
  process.exitCode = 1;
}
