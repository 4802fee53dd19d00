// SPDX-License-Identifier: MIT
// Starts anvil on a port that it chooses, and ends it, by its own process, with the test.
import path from "node:path";
import readline from "node:readline";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { JsonRpcProvider } from "ethers";

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const START_MS_MAX = 20_000;

// Resolves to { provider, stop }.
export async function startAnvil() {
  const binary = path.join(root, "node_modules/.bin/anvil");
  const child = spawn(binary, ["--port", "0", "--hardfork", "prague"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("anvil did not start")), START_MS_MAX);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`anvil ended with ${code}`)));
    readline.createInterface({ input: child.stdout }).on("line", (line) => {
      const match = /^Listening on 127\.0\.0\.1:(\d+)/.exec(line);
      if (match === null) return;
      clearTimeout(timer);
      resolve(match[1]);
    });
  });
  const provider = new JsonRpcProvider(`http://127.0.0.1:${port}`, undefined, {
    staticNetwork: true,
    cacheTimeout: -1,
    pollingInterval: 20,
    batchMaxCount: 1,
  });
  const stop = async () => {
    provider.destroy();
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  };
  return { provider, stop };
}
