// SPDX-License-Identifier: GPL-3.0-or-later
// The commands that a peer takes on its standard input. Each gets its arguments as
// strings and returns a plain object (the answer) or throws (the error answer).
import { createHash, createCipheriv } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced, flat, trickle } from 'ipfs-unixfs-importer/layout'

const text = new TextDecoder()
const bytes = string => new TextEncoder().encode(string)
const hex = data => Buffer.from(data).toString('hex')
const unhex = string => new Uint8Array(Buffer.from(string, 'hex'))

/** A peer is named by its address (starts with /) or by its peer id. */
const target = string => string.startsWith('/') ? multiaddr(string) : peerIdFromString(string)

/** Text where the bytes are printable UTF-8, and always the bytes in hex. */
export function shown (data) {
  const decoded = text.decode(data)
  const printable = data.byteLength <= 4096 && !/\uFFFD|[\u0000-\u0008]/.test(decoded)
  return { ...(printable ? { text: decoded } : {}), hex: data.byteLength <= 4096 ? hex(data) : undefined, size: data.byteLength }
}

export function connectionInfo (connection) {
  return {
    peer: connection.remotePeer.toString(),
    addr: connection.remoteAddr.toString(),
    direction: connection.direction,
    encryption: connection.encryption,
    multiplexer: connection.multiplexer,
    limited: connection.limits != null,
    streams: connection.streams.map(stream => ({ protocol: stream.protocol, direction: stream.direction }))
  }
}

/**
 * Deterministic test content, made piece by piece:
 *   zeros SIZE     all zero bytes
 *   mod251 SIZE    byte i is i % 251
 *   random SIZE    an AES-128-CTR key stream (key = 16 zero bytes, counter from 0)
 */
export function * pattern (kind, size) {
  const PIECE = 251 * 1024 // a multiple of 251, so that mod251 repeats from piece to piece
  const cipher = kind === 'random' ? createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)) : null
  if (!['zeros', 'mod251', 'random'].includes(kind)) throw new Error(`unknown pattern ${kind}`)
  const mod251 = Uint8Array.from({ length: PIECE }, (_, i) => i % 251)
  for (let left = size; left > 0;) {
    const n = Math.min(left, PIECE)
    if (kind === 'random') yield new Uint8Array(cipher.update(Buffer.alloc(n)))
    else if (kind === 'mod251') yield mod251.subarray(0, n)
    else yield new Uint8Array(n)
    left -= n
  }
}

/** unixfs import options from key=value words (see `help`). */
export function importOptions (words) {
  const given = Object.fromEntries(words.map(word => word.split('=')))
  const options = {}
  if (given.profile != null) options.profile = given.profile
  if (given.rawLeaves != null) options.rawLeaves = given.rawLeaves === 'true'
  if (given.cidVersion != null) options.cidVersion = Number(given.cidVersion)
  if (given.leafType != null) options.leafType = given.leafType
  if (given.reduce != null) options.reduceSingleLeafToSelf = given.reduce === 'true'
  if (given.chunk != null) options.chunker = fixedSize({ chunkSize: Number(given.chunk) })
  const width = given.width == null ? {} : { maxChildrenPerNode: Number(given.width) }
  if (given.layout === 'flat') options.layout = flat()
  else if (given.layout === 'trickle') options.layout = trickle({ layerRepeat: 4, ...width })
  else if (given.layout === 'balanced' || given.width != null) options.layout = balanced(width)
  return options
}

export function makeCommands ({ libp2p, helia, fs }, emit) {
  const { pubsub, dhtLan, dhtWan } = libp2p.services
  const dht = which => {
    const found = which === 'wan' ? dhtWan : (dhtLan ?? dhtWan)
    if (found == null) throw new Error('no DHT here')
    return found
  }

  /** Runs a DHT query to its end and collects what matters. */
  async function query (events) {
    const result = { values: [], providers: [], finalPeers: [], closer: [], responses: 0, errors: [] }
    for await (const event of events) {
      if (event.name === 'VALUE') result.values.push({ from: event.from.toString(), ...shown(event.value) })
      else if (event.name === 'PROVIDER') result.providers.push(...event.providers.map(peerInfo))
      else if (event.name === 'FINAL_PEER') result.finalPeers.push(peerInfo(event.peer))
      else if (event.name === 'PEER_RESPONSE') {
        result.responses++
        result.closer.push(...event.closer.map(peer => peer.id.toString()))
      } else if (event.name === 'QUERY_ERROR') result.errors.push(String(event.error?.message))
    }
    result.closer = [...new Set(result.closer)]
    return result
  }
  let collected = { count: 0, first: 0, last: 0, latencies: [] }
  let collecting = false
  const peerInfo = peer => ({ id: peer.id.toString(), addrs: peer.multiaddrs.map(String) })

  const commands = {
    // ---- node -----------------------------------------------------------------
    id: () => ({
      peer: libp2p.peerId.toString(),
      addrs: libp2p.getMultiaddrs().map(String),
      protocols: libp2p.getProtocols(),
      publicKey: hex(libp2p.peerId.publicKey?.raw ?? [])
    }),
    addrs: () => ({ addrs: libp2p.getMultiaddrs().map(String) }),
    mem: () => {
      globalThis.gc?.()
      return process.memoryUsage()
    },
    cpu: () => process.cpuUsage(),

    // ---- connections ----------------------------------------------------------
    dial: async (to, ...words) => {
      const force = words.includes('force')
      const start = performance.now()
      const connection = await libp2p.dial(target(to), { signal: AbortSignal.timeout(15_000), force })
      return { ...connectionInfo(connection), ms: performance.now() - start }
    },
    hangup: async peer => { await libp2p.hangUp(peerIdFromString(peer)); return {} },
    conns: () => ({ conns: libp2p.getConnections().map(connectionInfo) }),
    peer: async id => { // what the peer store knows (filled by identify)
      const peer = await libp2p.peerStore.get(peerIdFromString(id))
      return {
        peer: id,
        addrs: peer.addresses.map(({ multiaddr, isCertified }) => ({ addr: String(multiaddr), isCertified })),
        protocols: peer.protocols,
        tags: Object.fromEntries([...peer.tags].map(([name, tag]) => [name, tag.value])),
        metadata: Object.fromEntries([...peer.metadata].map(([name, value]) => [name, text.decode(value)])),
        hasEnvelope: peer.peerRecordEnvelope != null
      }
    },
    newStream: async (to, protocol) => { // only negotiates the protocol
      const stream = await libp2p.dialProtocol(target(to), protocol, { signal: AbortSignal.timeout(10_000), runOnLimitedConnection: true })
      const negotiated = stream.protocol
      await stream.close()
      return { protocol: negotiated }
    },

    // ---- small protocols ------------------------------------------------------
    // js-libp2p's own ping: a new stream each time, whose write side it closes before
    // the answer is back. It allows itself one such stream, and its DHT pings new peers
    // on its own, so wait for a free moment.
    ping: async (to, count = '1') => {
      const { remotePeer } = await libp2p.dial(target(to))
      const rtts = []
      for (let tries = 0; rtts.length < Number(count);) {
        const start = performance.now()
        try {
          await libp2p.services.ping.ping(remotePeer)
          rtts.push(performance.now() - start)
        } catch (error) {
          if (error.name !== 'TooManyOutboundProtocolStreamsError' || ++tries > 1000) throw error
          await new Promise(resolve => setTimeout(resolve, 2))
        }
      }
      return { rtts }
    },
    // The way the specification means it: many round trips over one stream.
    pingStream: async (to, count = '10') => {
      const stream = await libp2p.dialProtocol(target(to), '/ipfs/ping/1.0.0', { runOnLimitedConnection: true })
      const data = new Uint8Array(32).fill(7)
      const answers = stream[Symbol.asyncIterator]()
      const rtts = []
      for (let i = 0; i < Number(count); i++) {
        const start = performance.now()
        stream.send(data)
        for (let got = 0; got < 32;) got += (await answers.next()).value.byteLength
        rtts.push(performance.now() - start)
      }
      await stream.close()
      return { rtts }
    },
    echo: async (to, size = '1024') => {
      const sent = Buffer.concat([...pattern('mod251', Number(size))])
      const back = await libp2p.services.echo.echo(target(to), sent)
      return { size: back.byteLength, same: Buffer.compare(Buffer.from(back.subarray()), sent) === 0 }
    },
    perf: async (to, upload = '0', download = '0') => {
      const connection = await libp2p.dial(target(to))
      return libp2p.services.perf.perf(connection, Number(upload), Number(download))
    },
    fetchServe: (prefix, value) => { // answers fetch requests for keys under `prefix` (…/none: not found)
      libp2p.services.fetch.registerLookupFunction(prefix, async key => {
        const name = text.decode(key)
        return name.endsWith('/none') ? undefined : bytes(`${value}:${name}`)
      })
      return {}
    },
    fetch: async (to, key) => {
      const value = await libp2p.services.fetch.fetch(target(to), bytes(key))
      return value == null ? { found: false } : { found: true, ...shown(value) }
    },

    // ---- gossipsub ------------------------------------------------------------
    subscribe: topic => { pubsub.subscribe(topic); return {} },
    unsubscribe: topic => { pubsub.unsubscribe(topic); return {} },
    publish: async (topic, ...words) => {
      const { recipients } = await pubsub.publish(topic, bytes(words.join(' ')))
      return { recipients: recipients.map(String) }
    },
    publishHex: async (topic, data) => {
      const { recipients } = await pubsub.publish(topic, unhex(data))
      return { recipients: recipients.map(String) }
    },
    publishMany: async (topic, count, size) => { // message = 8 bytes of number + padding
      const start = performance.now()
      let failed = 0
      for (let i = 0; i < Number(count); i++) {
        const data = Buffer.alloc(Math.max(8, Number(size)))
        data.writeBigUInt64BE(BigInt(i))
        try { await pubsub.publish(topic, data) } catch { failed++ }
        if (i % 64 === 63) await new Promise(resolve => setImmediate(resolve)) // let the sockets breathe
      }
      return { count: Number(count), failed, seconds: (performance.now() - start) / 1e3 }
    },
    publishTimed: async (topic, count, size, everyMs) => { // message = clock (8 bytes, ns) + number (8 bytes) + padding
      for (let i = 0; i < Number(count); i++) {
        const data = Buffer.alloc(Math.max(16, Number(size)))
        data.writeBigUInt64BE(process.hrtime.bigint(), 0) // CLOCK_MONOTONIC: one clock for all processes here
        data.writeBigUInt64BE(BigInt(i), 8)
        await pubsub.publish(topic, data)
        await new Promise(resolve => setTimeout(resolve, Number(everyMs)))
      }
      return {}
    },
    collect: topic => { // from now on count what comes on `topic` (and forget what came before)
      collected = { count: 0, first: 0, last: 0, latencies: [] }
      if (!collecting) {
        collecting = true
        pubsub.addEventListener('message', ({ detail: { topic: its, data } }) => {
          if (its !== topic) return
          const now = process.hrtime.bigint()
          if (collected.count++ === 0) collected.first = now
          collected.last = now
          if (collected.latencies.length < 10_000 && data.byteLength >= 16) {
            const sent = Buffer.from(data.buffer, data.byteOffset, 8).readBigUInt64BE()
            if (sent > 1_000_000_000n) collected.latencies.push(Number(now - sent) / 1e6) // not publishMany's
          }
        })
      }
      return {}
    },
    collected: () => ({
      count: collected.count,
      seconds: Number(BigInt(collected.last) - BigInt(collected.first)) / 1e9,
      latencies: collected.latencies
    }),
    subscribers: topic => ({ peers: pubsub.getSubscribers(topic).map(String) }),
    mesh: topic => ({ peers: pubsub.getMeshPeers(topic).map(String) }),
    topics: () => ({ topics: pubsub.getTopics(), peers: pubsub.getPeers().map(String) }),
    score: peer => ({ score: pubsub.score.score(peer), stats: pubsub.dumpPeerScoreStats()[peer] }),

    // ---- kad-dht --------------------------------------------------------------
    dhtMode: (mode, which) => {
      if (mode != null && mode !== '') return dht(which).setMode(mode, { force: true }).then(() => ({ mode: dht(which).getMode() }))
      return { mode: dht(which).getMode(), table: dht(which).routingTable.size }
    },
    dhtPut: (key, value, which) => query(dht(which).put(bytes(key), bytes(value))),
    dhtGet: (key, which) => query(dht(which).get(bytes(key))),
    provide: (cid, which) => query(dht(which).provide(CID.parse(cid))),
    findProviders: (cid, which) => query(dht(which).findProviders(CID.parse(cid))),
    findPeer: (peer, which) => query(dht(which).findPeer(peerIdFromString(peer))),
    closest: (key, which) => query(dht(which).getClosestPeers(bytes(key))),

    // ---- blocks and files -----------------------------------------------------
    blockPut: async data => {
      const block = unhex(data)
      const cid = CID.createV1(raw.code, await sha256.digest(block))
      await helia.blockstore.put(cid, block)
      return { cid: cid.toString() }
    },
    blockHas: async cid => ({ has: await helia.blockstore.has(CID.parse(cid)) }),
    get: async (cid, ms = '60000') => { // one block, over bitswap when it is not here
      const parts = []
      const found = helia.blockstore.get(CID.parse(cid), { signal: AbortSignal.timeout(Number(ms)) })
      for await (const part of found) parts.push(part)
      return shown(Buffer.concat(parts))
    },
    addText: async (...words) => ({ cid: (await fs.addBytes(bytes(words.join(' ')))).toString() }),
    addFile: async (path, ...words) => {
      const start = performance.now()
      const cid = await fs.addByteStream(createReadStream(path, { highWaterMark: 1 << 20 }), importOptions(words))
      return { cid: cid.toString(), seconds: (performance.now() - start) / 1e3 }
    },
    addPattern: async (kind, size, ...words) => {
      const start = performance.now()
      const cid = await fs.addByteStream(pattern(kind, Number(size)), importOptions(words))
      return { cid: cid.toString(), seconds: (performance.now() - start) / 1e3 }
    },
    cat: async (cid, path = '', ms = '300000') => { // the whole file: its size and sha256; to `path` when given
      const start = performance.now()
      const hash = createHash('sha256')
      const out = path === '' ? null : createWriteStream(path)
      let size = 0
      for await (const piece of fs.cat(CID.parse(cid), { signal: AbortSignal.timeout(Number(ms)) })) {
        size += piece.byteLength
        hash.update(piece)
        if (out != null && !out.write(piece)) await new Promise(resolve => out.once('drain', resolve))
      }
      if (out != null) { out.end(); await finished(out) }
      return { size, sha256: hash.digest('hex'), seconds: (performance.now() - start) / 1e3 }
    },
    ls: async cid => {
      const entries = []
      for await (const entry of fs.ls(CID.parse(cid))) entries.push({ name: entry.name, cid: entry.cid.toString(), size: Number(entry.size) })
      return { entries }
    },
    stat: async cid => {
      const stat = await fs.stat(CID.parse(cid), { extended: true })
      return JSON.parse(JSON.stringify(stat, (_, value) => typeof value === 'bigint' ? Number(value) : value?.asCID != null ? value.toString() : value))
    },
    wantlist: () => ({ wants: helia.blockBrokers.find(b => b.name === 'bitswap').bitswap.getWantlist().map(w => w.cid.toString()) }),

    // ---- circuit relay --------------------------------------------------------
    reservations: () => ({
      reservations: [...libp2p.services.relayServer.reservations].map(([peer, r]) => ({ peer: String(peer), expiry: r.expiry, addr: String(r.addr) }))
    }),

    help: () => ({ commands: Object.keys(commands) })
  }
  return commands
}
