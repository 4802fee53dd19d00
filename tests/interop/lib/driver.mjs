// SPDX-License-Identifier: GPL-3.0-or-later
// Drives peers from a test: starts peer.mjs (or anything else that speaks its line
// protocol, such as the C node's test mode), sends commands and waits for events.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'

const PEER = fileURLToPath(new URL('../peer.mjs', import.meta.url))

export class Peer {
  /**
   * Starts a peer; resolves when it has said that it is ready.
   * `command`: what to run (default: peer.mjs); `within`: words put before it, such as
   * ['ip', 'netns', 'exec', NAME].
   */
  static async start (args = [], { command = [process.execPath, PEER], within = [], env = {}, log = false } = {}) {
    const [file, ...argv] = [...within, ...command, ...args]
    const child = spawn(file, argv, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } })
    const peer = new Peer(child, log)
    const ready = await Promise.race([
      peer.waitFor('ready', () => true, 30_000),
      peer.exited.then(code => { throw new Error(`the peer exited (${code}) before it was ready`) })
    ])
    Object.assign(peer, { id: ready.peer, addrs: ready.addrs, addr: ready.addrs[0], protocols: ready.protocols, ready })
    return peer
  }

  constructor (child, log) {
    this.child = child
    this.events = [] //    everything seen so far
    this.waiters = new Set()
    this.answers = new Map()
    this.nextId = 1
    this.exited = new Promise(resolve => child.once('exit', resolve))
    createInterface({ input: child.stdout }).on('line', line => {
      if (log) console.error(`[${child.pid}] ${line}`)
      const message = JSON.parse(line)
      if (message.event == null) {
        this.answers.get(message.id)?.(message)
        this.answers.delete(message.id)
        return
      }
      this.events.push(message)
      for (const waiter of this.waiters) waiter(message)
    })
  }

  /** Sends one command; resolves with its answer, rejects with its error or after 2 minutes. */
  async cmd (cmd, ...args) {
    const id = this.nextId++
    const result = await new Promise(resolve => {
      const fail = error => resolve({ ok: false, error })
      const timer = setTimeout(fail, 120_000, 'no answer within 120 s')
      this.exited.then(code => fail(`the peer exited (${code})`))
      this.answers.set(id, answer => { clearTimeout(timer); resolve(answer) })
      this.child.stdin.write(JSON.stringify({ id, cmd, args }) + '\n')
    })
    if (!result.ok) throw new Error(`${cmd} ${args.join(' ')}: ${result.error}`)
    return result
  }

  /** Waits for an event, counting those that came already (from index `since` on). */
  waitFor (event, matches = () => true, ms = 10_000, since = 0) {
    const seen = this.events.slice(since).find(m => m.event === event && matches(m))
    if (seen != null) return Promise.resolve(seen)
    return new Promise((resolve, reject) => {
      const done = action => { clearTimeout(timer); this.waiters.delete(waiter); action() }
      const waiter = m => { if (m.event === event && matches(m)) done(() => resolve(m)) }
      const timer = setTimeout(() => done(() => reject(new Error(`no ${event} event within ${ms} ms`))), ms)
      this.waiters.add(waiter)
    })
  }

  /** Asks with `probe` again and again until it returns something true. */
  static async until (probe, ms = 10_000, every = 50) {
    for (const end = Date.now() + ms; ;) {
      const value = await probe()
      if (value) return value
      if (Date.now() > end) throw new Error(`condition not met within ${ms} ms: ${probe}`)
      await new Promise(resolve => setTimeout(resolve, every))
    }
  }

  async stop () {
    this.child.stdin.end()
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 8000)
    await this.exited
    clearTimeout(timer)
  }
}

/** Runs `body` with the peers that it asks for and stops them all afterwards. */
export async function withPeers (argLists, body, options = {}) {
  const peers = []
  try {
    const started = await Promise.allSettled(argLists.map(args => Peer.start(args, options)))
    for (const { value } of started) if (value != null) peers.push(value)
    for (const { reason } of started) if (reason != null) throw reason
    return await body(...peers)
  } finally {
    await Promise.all(peers.map(peer => peer.stop()))
  }
}

export const median = values => {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}
export const quantile = (values, q) => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]
}
