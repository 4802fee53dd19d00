// SPDX-License-Identifier: GPL-3.0-or-later
// A real `souk node` of its own, as a person runs it: starts it, talks to its API over its Unix
// socket, stops it, removes what it kept. lib/souk.mjs has our test peer instead, which is the mesh
// code alone; lib/node.mjs makes the js-libp2p peer.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Peer } from './driver.mjs'

const BUILD = process.env.SOUK_BUILD ?? fileURLToPath(new URL('../../../_build', import.meta.url))
export const SOUK = `${BUILD}/app/souk`
export const PROMPTS = '/souk/1/prompts'

/** An answer that says no: `status` of HTTP and the problem's stable name. */
export class ApiError extends Error {
  constructor (what, status, problem) {
    super(`${what}: ${status} ${JSON.stringify(problem)}`)
    Object.assign(this, { status, problem, code: problem?.title })
  }
}

export class SoukNode {
  /** Starts a node; resolves when it is ready. `args`: options besides the usual ones. */
  static async start (args = []) {
    const folder = mkdtempSync(join(tmpdir(), 'souk-interop-'))
    const started = performance.now()
    const child = spawn(SOUK, ['node', '--data-dir', folder, '--listen', '/ip4/127.0.0.1/tcp/0',
      '--api', '127.0.0.1:0', '--no-mdns', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    const node = new SoukNode(child, folder)
    try {
      const ready = await Promise.race([node.firstLine(), node.exited.then(code => {
        throw new Error(`the node exited (${code}) before it was ready`)
      })])
      Object.assign(node, { ready, id: ready.peer_id, addr: ready.listen[0], startupMs: performance.now() - started })
      return node
    } catch (error) {
      await node.stop()
      throw error
    }
  }

  constructor (child, folder) {
    Object.assign(this, { child, folder })
    this.exited = new Promise(resolve => child.once('exit', (code, signal) => resolve(code ?? signal)))
  }

  async firstLine () {
    for await (const line of createInterface({ input: this.child.stdout })) return JSON.parse(line)
    return new Promise(() => {}) // its end is the business of `exited`
  }

  get port () { return Number(/tcp\/(\d+)/.exec(this.addr)[1]) }

  /** One request; a Buffer is sent as it is, anything else as JSON. Resolves with JSON or a Buffer. */
  call (method, path, body) {
    const isRaw = Buffer.isBuffer(body)
    const payload = body == null || isRaw ? body : JSON.stringify(body)
    const headers = payload == null
      ? {}
      : { 'Content-Type': isRaw ? 'application/octet-stream' : 'application/json', 'Content-Length': Buffer.byteLength(payload) }
    return new Promise((resolve, reject) => {
      const request = http.request({ socketPath: this.ready.socket, method, path, headers, agent: false }, answer => {
        const parts = []
        answer.on('data', part => parts.push(part))
        answer.on('error', reject)
        answer.on('end', () => {
          const bytes = Buffer.concat(parts)
          const content = /json/.test(answer.headers['content-type']) ? JSON.parse(bytes) : bytes
          if (answer.statusCode >= 400) reject(new ApiError(`${method} ${path}`, answer.statusCode, content))
          else resolve(content)
        })
      })
      request.on('error', reject)
      request.end(payload)
    })
  }

  get (path) { return this.call('GET', path) }
  post (path, body = {}) { return this.call('POST', path, body) }

  /** Dials another node or peer (anything with an `addr`). */
  connect (other) { return this.post('/peers', { address: other.addr }) }

  /** Publishes a free prompt. */
  publish (title, more = {}) {
    return this.post('/prompts/upload', { title, content: `The text of ${title}.`, ...more })
  }

  add (bytes) { return this.post('/content', bytes) }
  content (cid) { return this.get(`/content/${cid}`) }
  async listings () { return (await this.get('/prompts?limit=1000')).items }
  async listing (id) { return (await this.listings()).find(listing => listing.id === id) }
  hasListing (id, ms = 10_000) { return Peer.until(() => this.listing(id), ms) }

  /** Log records that `matches` is true for; `fields` of each are beside its own. */
  async logs (matches = () => true, since = 0) {
    const { items } = await this.get(`/logs?limit=2000&since=${since}`)
    return items.filter(matches)
  }

  /** Waits for a record of that event, with that status when given. */
  logged (event, status, ms = 10_000, since = 0) {
    return Peer.until(async () => (await this.logs(record =>
      record.event === event && (status == null || record.fields?.status === status), since))[0], ms)
  }

  /** The newest record's sequence number: what comes later is larger. */
  async logMark () { return Math.max(0, ...(await this.logs()).map(record => record.sequence)) }

  /** Resident memory in bytes. */
  rss () {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8'))[1]) * 1024
  }

  /** Ends it; resolves with its exit status. */
  async stop () {
    this.child.kill('SIGTERM')
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 8000)
    const code = await this.exited
    clearTimeout(timer)
    rmSync(this.folder, { recursive: true, force: true })
    return code
  }
}

/** A maker for withStarted (lib/souk.mjs) and withAll. */
export const node = (...args) => () => SoukNode.start(args)

/** Runs `body` with what the makers start, all at once, and stops everything afterwards. */
export async function withAll (makers, body) {
  const started = await Promise.allSettled(makers.map(make => make()))
  try {
    for (const { reason } of started) if (reason != null) throw reason
    return await body(...started.map(({ value }) => value))
  } finally {
    await Promise.all(started.map(({ value }) => value?.stop()))
  }
}
