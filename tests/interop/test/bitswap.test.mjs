// SPDX-License-Identifier: GPL-3.0-or-later
// Files by bitswap between real nodes and Helia, both ways.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { pattern } from '../lib/commands.mjs'
import { Peer } from '../lib/driver.mjs'
import { js } from '../lib/souk.mjs'
import { node, withAll } from '../lib/souk-node.mjs'

const MIB = 1024 * 1024
const helia = (...args) => js('--without', 'dhtLan,fetch,echo,perf,pubsub', ...args)

// Settings by which files become blocks, as the vectors name them and as peer.mjs takes them.
const HELIA = { chunk_size: MIB, width: 1024, raw_leaves: true, cid_version: 1 }
const KUBO_V1 = { chunk_size: 262144, width: 174, raw_leaves: true, cid_version: 1 }
const KUBO_V0 = { chunk_size: 262144, width: 174, raw_leaves: false, cid_version: 0 }
const words = ({ chunk_size: chunk, width, raw_leaves: raw, cid_version: version }) =>
  [`chunk=${chunk}`, `width=${width}`, `rawLeaves=${raw}`, `cidVersion=${version}`, `reduce=${raw}`]

const vectors = JSON.parse(readFileSync(new URL('../../vectors/unixfs.json', import.meta.url)))
/** The CID that the vectors have for a file under those settings; undefined when they have none. */
function vectorOf ([kind, size], settings) {
  const file = vectors.files.find(one => one.size === size && (one.pattern === kind || one.text === kind))
  return file?.roots.find(root => Object.entries(settings).every(([name, value]) => root[name] === value))?.cid
}

const HELLO = ['hello world\n', 12]
const FILES = [HELLO, ['random', 3 * MIB], ['mod251', 10 * MIB], ['random', 24 * MIB]]
const bytesOf = ([kind, size]) => size === kind.length ? Buffer.from(kind) : Buffer.concat([...pattern(kind, size)])
const sha256 = bytes => createHash('sha256').update(bytes).digest('hex')
const addTo = (peer, file, settings) => file === HELLO
  ? peer.cmd('addText', 'hello world\n')
  : peer.cmd('addPattern', ...file, ...words(settings))

describe('bitswap', { concurrency: 3 }, () => {
  it('content that nobody has ends in a named error, in time', () =>
    withAll([node(), helia()], async (souk, peer) => {
      await souk.connect(peer)
      const start = performance.now()
      const cid = vectorOf(['mod251', 262145], KUBO_V1)
      await assert.rejects(souk.content(cid), error => error.status === 504 && error.code === 'not-found' && /online/.test(error.problem.detail))
      assert.ok(performance.now() - start < 30_000)
      assert.equal((await souk.get('/node/status')).peers, 1)
    }))

  it('Helia fetches what a node has added: CIDs as other programs make them', () =>
    withAll([node(), helia(), helia()], async (souk, peer, other) => {
      await peer.cmd('dial', souk.addr)
      for (const file of FILES) {
        const bytes = bytesOf(file)
        const added = await souk.add(bytes)
        const theirs = await addTo(other, file, KUBO_V1) // which is not connected
        assert.deepEqual([added.cid, added.size_bytes], [theirs.cid, bytes.length])
        assert.equal(added.cid, vectorOf(file, KUBO_V1) ?? added.cid)
        const got = await peer.cmd('cat', added.cid)
        assert.deepEqual([got.size, got.sha256], [bytes.length, sha256(bytes)])
      }
    }))

  it('a node fetches what Helia has added, in whatever way it was cut', () =>
    withAll([node(), helia()], async (souk, peer) => {
      await souk.connect(peer)
      for (const settings of [HELIA, KUBO_V1, KUBO_V0]) {
        for (const file of FILES) {
          const { cid } = await addTo(peer, file, settings)
          if (file !== HELLO) assert.equal(cid, vectorOf(file, settings) ?? cid)
          const got = await souk.content(cid)
          assert.equal(got.length, file[1])
          assert.equal(sha256(got), sha256(bytesOf(file)))
        }
      }
    }))

  it('two nodes fetch the same from one Helia at once, and one from the other when Helia is gone', () =>
    withAll([node(), node(), helia(), node()], async (a, b, peer, c) => {
      const file = ['random', 10 * MIB]
      await Promise.all([a.connect(peer), b.connect(peer)])
      const { cid } = await addTo(peer, file, HELIA)
      const [first, second, again] = await Promise.all([a.content(cid), b.content(cid), a.content(cid)])
      for (const got of [first, second, again]) assert.equal(sha256(got), sha256(bytesOf(file)))
      await peer.stop()
      await c.connect(b)
      assert.equal(sha256(await c.content(cid)), sha256(bytesOf(file)))
    }))

  it('a block that arrives later is sent to who waits for it, both ways', () =>
    withAll([node(), helia(), helia()], async (souk, peer, other) => {
      await souk.connect(peer)
      const late = ['random', 600_000]
      const { cid } = await addTo(other, late, KUBO_V1)
      const waiting = souk.content(cid)
      await new Promise(resolve => setTimeout(resolve, 1500))
      await addTo(peer, late, KUBO_V1)
      assert.equal(sha256(await waiting), sha256(bytesOf(late)))

      const later = ['mod251', 700_000]
      const { cid: name } = await addTo(other, later, KUBO_V1)
      const asked = peer.cmd('cat', name)
      await Peer.until(async () => (await peer.cmd('wantlist')).wants.includes(name))
      await new Promise(resolve => setTimeout(resolve, 500))
      const start = performance.now()
      assert.equal((await souk.add(bytesOf(later))).cid, name)
      assert.equal((await asked).sha256, sha256(bytesOf(later)))
      assert.ok(performance.now() - start < 5000)
    }))
})
