// SPDX-License-Identifier: GPL-3.0-or-later
// Connections with js-libp2p, both ways: handshakes, negotiation, Yamux, identify, ping.
import assert from 'node:assert/strict'
import net from 'node:net'
import { test } from 'node:test'
import { median, Peer } from '../lib/driver.mjs'
import { js, sleep, souk, withStarted } from '../lib/souk.mjs'

const QUIET = ['--quiet', '--no-bitswap', '--without', 'dhtLan,pubsub,fetch']
const MIB = 1024 * 1024
const STRANGER = '12D3KooWRdFFg3yTbTsDq5Z1yCvCWbqznEFro9jeVivo7rkayJ4D'

const identified = (peer, id) => peer.waitFor('peer:identify', event => event.peer === id)
const knows = (peer, id) => Peer.until(async () => {
  const entry = await peer.cmd('peer', id).catch(() => null)
  return entry?.protocols.length > 0 && entry
})

for (const [name, ...args] of [
  ['Ed25519'],
  ['secp256k1', '--key-type', 'secp256k1'],
  ['RSA', '--key-type', 'RSA'],
  ['TLS and mplex besides', '--security', 'tls,noise', '--muxers', 'mplex,yamux']
]) {
  test(`handshake, identify and ping both ways: ${name}`, () =>
    withStarted([souk(), js(...QUIET, ...args), souk()], async (a, peer, b) => {
      const dialled = await a.cmd('dial', peer.addr)
      assert.equal(dialled.peer, peer.id)
      const seen = await identified(a, peer.id)
      assert.match(seen.agentVersion, /js-libp2p/)
      assert.ok(seen.protocols.includes('/ipfs/ping/1.0.0'))
      assert.ok(seen.hasEnvelope)
      await peer.cmd('dial', b.addr)
      for (const one of [a, b]) {
        const entry = await knows(peer, one.id)
        assert.ok(entry.hasEnvelope)
        assert.ok(entry.addrs.some(({ addr, isCertified }) => isCertified && one.addr.startsWith(addr)))
        assert.ok(entry.protocols.includes('/echo/1.0.0'))
        assert.match(entry.metadata.AgentVersion, /souk/)
        assert.equal((await one.cmd('ping', peer.id, 20)).rtts.length, 20)
        assert.equal((await peer.cmd('ping', one.id, 20)).rtts.length, 20)
      }
    }))
}

test('clean errors: another peer, no common security, no common muxer, nobody there', () =>
  withStarted([souk(), js(...QUIET), js(...QUIET, '--security', 'tls'), js(...QUIET, '--muxers', 'mplex')],
    async (a, peer, tls, mplex) => {
      const wrong = addr => addr.replace(/p2p\/.*/, `p2p/${STRANGER}`)
      await assert.rejects(a.cmd('dial', wrong(peer.addr)), /Another peer/)
      await assert.rejects(peer.cmd('dial', wrong(a.addr)), /expected|match/)
      await assert.rejects(a.cmd('dial', tls.addr), /Noise/)
      await assert.rejects(tls.cmd('dial', a.addr))
      await assert.rejects(a.cmd('dial', mplex.addr))
      await assert.rejects(mplex.cmd('dial', a.addr))
      await assert.rejects(a.cmd('dial', '/ip4/127.0.0.1/tcp/1'), /refused/)
      assert.deepEqual((await a.cmd('conns')).conns, [])
    }))

test('a protocol that is not served is refused, both ways', () =>
  withStarted([souk(), js(...QUIET)], async (a, peer) => {
    await a.cmd('dial', peer.addr)
    await assert.rejects(a.cmd('newStream', peer.id, '/none/1.0.0'), /does not speak/)
    await assert.rejects(peer.cmd('newStream', a.id, '/none/1.0.0'), /negotiate/)
    assert.equal((await a.cmd('newStream', peer.id, '/echo/1.0.0')).protocol, '/echo/1.0.0')
    assert.equal((await peer.cmd('newStream', a.id, '/echo/1.0.0')).protocol, '/echo/1.0.0')
  }))

test('streams carry the right bytes: small, large, many, with half-closes', () =>
  withStarted([souk(), js(...QUIET)], async (a, peer) => {
    await a.cmd('dial', peer.addr)
    for (const size of [0, 1, 100, 70_000, 262_144, 3 * MIB + 1]) {
      for (const [from, to] of [[a, peer], [peer, a]]) {
        const answer = await from.cmd('echo', to.id, size)
        assert.deepEqual([answer.size, answer.same], [size, true])
      }
    }
    // js-libp2p allows 32 inbound streams of echo at once.
    for (let round = 0; round < 10; round++) {
      const sizes = Array.from({ length: 25 }, (_, i) => round * 1000 + i)
      for (const [from, to] of [[a, peer], [peer, a]]) {
        const answers = await Promise.all(sizes.map(size => from.cmd('echo', to.id, size)))
        assert.deepEqual(answers.map(answer => answer.size), sizes)
        assert.ok(answers.every(answer => answer.same))
      }
    }
  }))

test('perf: 64 MiB each way, started by each side', () =>
  withStarted([souk(), js(...QUIET)], async (a, peer) => {
    await a.cmd('dial', peer.addr)
    for (const [from, to] of [[a, peer], [peer, a]]) {
      assert.equal((await from.cmd('perf', to.id, 64 * MIB, 0)).upload, 64 * MIB)
      assert.equal((await from.cmd('perf', to.id, 0, 64 * MIB)).download, 64 * MIB)
    }
  }))

test('1000 round trips on one stream, started by each side', () =>
  withStarted([souk(), js(...QUIET)], async (a, peer) => {
    await a.cmd('dial', peer.addr)
    for (const [from, to] of [[a, peer], [peer, a]]) {
      const { rtts } = await from.cmd('pingStream', to.id, 1000)
      assert.equal(rtts.length, 1000)
      assert.ok(median(rtts) < 50)
    }
  }))

test('a hang-up by either side is noticed, and a new dial works', () =>
  withStarted([souk(), js('--no-bitswap', '--without', 'dhtLan,pubsub')], async (a, peer) => {
    for (const closer of [a, peer]) {
      await a.cmd('dial', peer.addr)
      await knows(peer, a.id)
      const [since, others] = [a.events.length, peer.events.length]
      await closer.cmd('hangup', closer === a ? peer.id : a.id)
      await a.waitFor('peer:disconnect', () => true, 5000, since)
      await peer.waitFor('peer:disconnect', () => true, 5000, others)
    }
  }))

test('ten diallers at once', () =>
  withStarted([souk(), ...Array(10).fill(souk('--listen', 'none')), js(...QUIET)], async (a, ...others) => {
    const peer = others.pop()
    await Promise.all(others.map(other => other.cmd('dial', a.addr)))
    await Promise.all(others.map(other => other.cmd('dial', peer.addr)))
    assert.equal((await a.cmd('conns')).conns.length, 10)
    assert.equal((await peer.cmd('conns')).conns.length, 10)
  }))

/** A bare socket to the peer; `send` is written at once. Resolves when the peer has closed it. */
function rawSocket (peer, send) {
  const port = Number(/tcp\/(\d+)/.exec(peer.addr)[1])
  return new Promise((resolve, reject) => {
    const start = performance.now()
    const got = []
    const socket = net.connect(port, '127.0.0.1', () => { if (send != null) socket.write(send) })
    socket.on('data', data => got.push(data))
    socket.on('error', () => {})
    socket.on('close', () => resolve({ ms: performance.now() - start, got: Buffer.concat(got).toString('latin1') }))
  })
}

test('time: silence ends a handshake after 10 s, keep-alive holds a connection for 40 s', () =>
  withStarted([souk(), js(...QUIET)], async (a, peer) => {
    await a.cmd('dial', peer.addr)
    const garbage = await rawSocket(a, 'GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nUser-Agent: none of this is multistream\r\n\r\n')
    assert.ok(garbage.ms < 2000)
    const listed = rawSocket(a, '\x13/multistream/1.0.0\n\x03ls\n')
    const [silent, listing] = await Promise.all([rawSocket(a), listed])
    assert.ok(silent.ms > 9000 && silent.ms < 14_000, `${silent.ms} ms`)
    assert.match(listing.got, /\/multistream\/1\.0\.0\n.*\/noise\n/s)
    await sleep(30_000)
    assert.equal((await a.cmd('conns')).conns.length, 1)
    assert.equal((await a.cmd('echo', peer.id, 1000)).same, true)
  }))
