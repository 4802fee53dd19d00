// SPDX-License-Identifier: GPL-3.0-or-later
// The distributed hash table with js-libp2p: values, providers and peers, both ways, through a third.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Peer } from '../lib/driver.mjs'
import { node, withAll } from '../lib/souk-node.mjs'
import { js, sleep, souk, withStarted } from '../lib/souk.mjs'

const PROTOCOL = '/ipfs/lan/kad/1.0.0'
const ours = (...args) => souk('--dht-protocol', PROTOCOL, ...args)
const theirs = (...args) => js('--no-bitswap', '--without', 'pubsub,fetch,echo,perf', ...args)
const CONTENT = 'bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4'

const table = async peer => (await peer.cmd('dhtMode')).table
/** Waits until each has at least that many peers in its table. */
const settled = (peers, n = 1) =>
  Promise.all(peers.map(peer => Peer.until(async () => await table(peer) >= n)))
/** All know the first, and it knows all. */
async function star ([hub, ...others]) {
  for (const peer of others) await peer.cmd('dial', hub.addr)
  await settled(others)
  await settled([hub], others.length)
}

/** The value, however the peer answers. */
async function get (peer, key) {
  const answer = await peer.cmd('dhtGet', key)
  return answer.value ?? answer.values[0]?.text
}
const providers = async peer => {
  const answer = await peer.cmd('findProviders', CONTENT)
  return (answer.providers ?? answer.peers).map(one => one.id)
}

describe('the distributed hash table', { concurrency: 3 }, () => {
  it('each has the other in its table, and a client is in none', () =>
    withStarted([ours(), theirs(), ours('--dht-mode', 'client')], async (a, peer, client) => {
      await a.cmd('dial', peer.addr)
      await client.cmd('dial', peer.addr)
      await settled([a, peer])
      await settled([client], 2) // js-libp2p has told it of the other
      await sleep(500)
      assert.deepEqual([await table(a), await table(peer), await table(client)], [1, 1, 2])
      assert.equal((await client.cmd('dhtMode')).mode, 'client')
    }))

  // Who is asked for the way, who has it, who looks for it.
  const places = { souk: ours, js: theirs }
  for (const hub of ['souk', 'js']) {
    for (const owner of ['souk', 'js']) {
      for (const seeker of ['souk', 'js']) {
        it(`values, providers and peers: through ${hub}, of ${owner}, for ${seeker}`, () =>
          withStarted([places[hub](), places[owner](), places[seeker]()], async (middle, has, wants) => {
            await star([middle, has, wants])
            await has.cmd('dhtPut', '/test/greeting', 'hello')
            assert.equal(await get(wants, '/test/greeting'), 'hello')

            await has.cmd('provide', CONTENT)
            await Peer.until(async () => (await providers(wants)).includes(has.id))

            const found = await wants.cmd('findPeer', has.id)
            const peers = found.peers ?? found.finalPeers
            const one = peers.find(peer => peer.id === has.id)
            assert.ok(one.addrs.some(addr => addr.startsWith('/ip4/127.0.0.1/tcp/')), JSON.stringify(found))
          }))
      }
    }
  }

  it('ten of ours and five of theirs: everybody finds what anybody wrote', () =>
    withStarted([...Array.from({ length: 10 }, () => ours()), ...Array.from({ length: 5 }, () => theirs())], async (...all) => {
      await star(all)
      await Promise.all(all.map(async (peer, i) => peer.cmd('dhtPut', `/test/of-${i}`, `value ${i}`)))
      for (let i = 0; i < all.length; i++) {
        assert.equal(await get(all[(i + 7) % all.length], `/test/of-${i}`), `value ${i}`)
      }
    }))

  it('what is wrong has a name', () =>
    withStarted([ours(), ours()], async (a, b) => {
      await assert.rejects(a.cmd('dhtGet', '/test/nothing'), /kad-alone/)
      await a.cmd('dial', b.addr)
      await settled([a, b])
      await assert.rejects(a.cmd('dhtGet', '/test/nothing'), /kad-not-found/)
      await assert.rejects(a.cmd('dhtPut', '/other/key', 'value'), /kad-namespace/)
      await assert.rejects(a.cmd('findProviders', CONTENT), /kad-not-found/)
    }))

  it('a node finds content that no connected peer has', () =>
    withAll([node(), node()], async (hub, owner) => {
      const bytes = Buffer.alloc(600_000, 'not here')
      await owner.connect(hub)
      const { cid } = await owner.add(bytes)
      await sleep(4000) // announced, at the hub
      await withAll([node()], async seeker => {
        await seeker.connect(hub)
        const start = performance.now()
        assert.deepEqual(await seeker.content(cid), bytes)
        assert.ok(performance.now() - start < 10_000)
      })
    }))
})
