// SPDX-License-Identifier: MIT
// Compiles both contracts with solc alone into the committed abi/*.json, so that building the client
// needs neither Node nor a network. `--check` writes nothing and fails where the committed files
// differ from a fresh build.
//
//   abi/<Contract>.json   abi, bytecode, deployedBytecode, and the 4-byte or 32-byte identifier of
//                         each method, error and event by its signature
//   abi/transitions.json  the table of the state machine, read from the header of IEscrow.sol
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Interface } from "ethers";

const solc = createRequire(import.meta.url)("solc");
const root = path.dirname(fileURLToPath(import.meta.url));
const NAMES = ["PromptMarketplace", "ComputeRental"];

function readImport(name) {
  for (const base of [root, path.join(root, "node_modules")]) {
    const file = path.join(base, name);
    if (fs.existsSync(file)) return { contents: fs.readFileSync(file, "utf8") };
  }
  return { error: `not found: ${name}` };
}

// The settings are those of foundry.toml; a test compares the two bytecodes.
function compile() {
  const sources = {};
  for (const name of NAMES) {
    const file = `src/${name}.sol`;
    sources[file] = { content: fs.readFileSync(path.join(root, file), "utf8") };
  }
  const input = {
    language: "Solidity",
    sources,
    settings: {
      optimizer: { enabled: true, runs: 1000 },
      evmVersion: "cancun",
      metadata: { bytecodeHash: "none", appendCBOR: false },
      outputSelection: {
        "*": {
          "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "evm.methodIdentifiers"],
        },
      },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readImport }));
  for (const problem of output.errors ?? []) {
    const ours = problem.sourceLocation?.file.startsWith("src/") ?? true;
    if (problem.severity !== "error" && !ours) continue;
    process.stderr.write(problem.formattedMessage);
    throw new Error("the contracts must compile without a warning");
  }
  return output.contracts;
}

function sorted(entries) {
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function artefact(contract) {
  const iface = new Interface(contract.abi);
  const errors = [];
  const events = [];
  iface.forEachError((error) => errors.push([error.format("sighash"), error.selector.slice(2)]));
  iface.forEachEvent((event) => events.push([event.format("sighash"), event.topicHash.slice(2)]));
  return {
    abi: contract.abi,
    bytecode: `0x${contract.evm.bytecode.object}`,
    deployedBytecode: `0x${contract.evm.deployedBytecode.object}`,
    methodIdentifiers: contract.evm.methodIdentifiers,
    errorIdentifiers: sorted(errors),
    eventIdentifiers: sorted(events),
  };
}

// One row of the table: state, step, who, time, next, market.
const ROW =
  /^\/\/ {3}([A-Z]\w+) +(\w+) +(payer|payee|arbiter|anyone) +(by|late|any) +([A-Z]\w+) +(both|prompt|compute)\b/;

export function readTransitions() {
  const header = fs.readFileSync(path.join(root, "src/interfaces/IEscrow.sol"), "utf8");
  const states = /enum State \{([^}]*)\}/.exec(header)[1].split(",").map((name) => name.trim());
  const rows = [];
  for (const line of header.split("\n")) {
    const match = ROW.exec(line);
    if (match === null) continue;
    const [, state, step, who, time, next, market] = match;
    rows.push({ state, step, who, time, next, market });
  }
  return { states, rows };
}

export function build() {
  const contracts = compile();
  const files = { "abi/transitions.json": readTransitions() };
  for (const name of NAMES) files[`abi/${name}.json`] = artefact(contracts[`src/${name}.sol`][name]);
  for (const file of Object.keys(files)) files[file] = `${JSON.stringify(files[file], null, 1)}\n`;
  return files;
}

// Names of the committed files that are not what a fresh build gives.
export function staleFiles(files = build()) {
  const stale = (file) => {
    const whole = path.join(root, file);
    return !fs.existsSync(whole) || fs.readFileSync(whole, "utf8") !== files[file];
  };
  return Object.keys(files).filter(stale);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = build();
  if (process.argv.includes("--check")) {
    const stale = staleFiles(files);
    for (const file of stale) process.stderr.write(`${file} is not what the sources give; run npm run build\n`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    fs.mkdirSync(path.join(root, "abi"), { recursive: true });
    for (const file of Object.keys(files)) fs.writeFileSync(path.join(root, file), files[file]);
  }
}
