// SPDX-License-Identifier: MIT
// Runs every check of this folder and prints TAP, then one line that counts. Exit status 1 if any
// check failed. `--write-gas` takes the gas measured now as the committed figures instead.
import fs from "node:fs";
import path from "node:path";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = path.dirname(fileURLToPath(import.meta.url));
const writeGas = process.argv.includes("--write-gas");
const GAS_GROUPS = ["prompt", "compute"];
const counts = { passed: 0, failed: 0, skipped: 0 };

function report(name, verdict, details = "") {
  counts[verdict]++;
  const number = counts.passed + counts.failed + counts.skipped;
  const skip = verdict === "skipped" ? " # SKIP" : "";
  console.log(`${verdict === "failed" ? "not ok" : "ok"} ${number} - ${name}${skip}`);
  for (const line of details.split("\n").filter(Boolean)) console.log(`# ${line}`);
}

function run(file, args) {
  const binary = file === "node" ? process.execPath : path.join(root, "node_modules/.bin", file);
  const env = { ...process.env, NO_COLOR: "1", FOUNDRY_DISABLE_NIGHTLY_WARNING: "1" };
  const result = spawnSync(binary, args, { cwd: root, encoding: "utf8", env, maxBuffer: 1 << 28 });
  return { ok: result.status === 0, out: result.stdout ?? "", err: result.stderr || String(result.error ?? "") };
}

function check(name, file, args) {
  const { ok, out, err } = run(file, args);
  report(name, ok ? "passed" : "failed", ok ? "" : out + err);
}

// forge's own bytecode, which its tests ran, against the committed one.
function checkBytecode() {
  for (const name of ["PromptMarketplace", "ComputeRental"]) {
    const forge = JSON.parse(fs.readFileSync(path.join(root, `out/${name}.sol/${name}.json`), "utf8"));
    const committed = JSON.parse(fs.readFileSync(path.join(root, `abi/${name}.json`), "utf8"));
    const same = forge.bytecode.object === committed.bytecode;
    report(`forge tests the committed bytecode of ${name}`, same ? "passed" : "failed");
  }
}

function forgeTests() {
  const { ok, out, err } = run("forge", ["test", "--json"]);
  let suites;
  try {
    suites = JSON.parse(out.slice(out.indexOf("{\"test/")));
  } catch {
    report("forge compiles and runs the tests", "failed", out.slice(-4000) + err);
    return {};
  }
  const measured = {};
  const failedBefore = counts.failed;
  for (const [suite, { test_results: results }] of Object.entries(suites)) {
    for (const [test, result] of Object.entries(results)) {
      const { status, reason, counterexample, gas_snapshots: snapshots } = result;
      for (const group of Object.keys(snapshots)) {
        measured[group] = { ...measured[group], ...snapshots[group] };
      }
      const verdict = { Success: "passed", Skipped: "skipped" }[status] ?? "failed";
      const why = counterexample === null ? "" : ` ${JSON.stringify(counterexample)}`;
      const details = verdict === "failed" ? `${reason}${why}` : "";
      report(`${suite.split(":")[1]} ${test.replace(/\(.*/, "").replaceAll("_", " ")}`, verdict, details);
    }
  }
  if (!ok && counts.failed === failedBefore) report("forge ends well", "failed", err);
  return measured;
}

// Equal to the unit: a step that got dearer is a decision, not an accident.
function gas(measured) {
  for (const group of GAS_GROUPS) {
    const file = path.join(root, `gas/${group}.json`);
    const now = measured[group] ?? {};
    const sorted = Object.fromEntries(Object.entries(now).sort(([a], [b]) => (a < b ? -1 : 1)));
    if (writeGas) fs.writeFileSync(file, `${JSON.stringify(sorted, null, 1)}\n`);
    const then = JSON.parse(fs.readFileSync(file, "utf8"));
    const steps = [...new Set([...Object.keys(now), ...Object.keys(then)])];
    const moved = steps.filter((step) => now[step] !== then[step]);
    const lines = moved.map((step) => `${step}: ${then[step]} before, ${now[step]} now`);
    if (moved.length !== 0) lines.push("npm run gas takes these figures");
    const name = `gas of ${steps.length} steps of ${group} is as committed`;
    report(name, moved.length === 0 ? "passed" : "failed", lines.join("\n"));
  }
}

// Leaves of node's own TAP; suites are only their sums.
function chainTests() {
  const { ok, out, err } = run("node", [
    "--test",
    "--test-reporter=tap",
    "--test-timeout=120000",
    "test/chain.test.mjs",
  ]);
  const failedBefore = counts.failed;
  const lines = out.split("\n");
  lines.forEach((line, index) => {
    const match = /^ {4}(ok|not ok) \d+ - (.*?)(?: # (SKIP|TODO).*)?$/.exec(line);
    if (match === null) return;
    const [, verdict, name, skip] = match;
    if (skip) return report(name, "skipped");
    const end = lines.indexOf("      ...", index);
    if (verdict === "ok") report(name, "passed");
    else report(name, "failed", lines.slice(index + 1, end).join("\n"));
  });
  if (!ok && counts.failed === failedBefore) report("the tests on anvil end well", "failed", out + err);
}

console.log("TAP version 13");
check("the committed artefacts are what the sources give", "node", ["build.mjs", "--check"]);
check("the sources are formatted", "forge", ["fmt", "--check"]);
check("the sources have no lint", "forge", ["lint", "src", "--deny", "notes"]);
const measured = forgeTests();
checkBytecode();
gas(measured);
chainTests();
console.log(`1..${counts.passed + counts.failed + counts.skipped}`);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;
