// SPDX-License-Identifier: GPL-3.0-or-later
// Listings by gossip between real nodes and js-libp2p: published, forwarded, judged.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Peer } from '../lib/driver.mjs'
import { author, fieldsOf, listing, readRecord, thingId } from '../lib/record.mjs'
import { js } from '../lib/souk.mjs'
import { node, PROMPTS, SoukNode, withAll } from '../lib/souk-node.mjs'

// No DHT: peers must know only whom a test connects them to.
const jsPeer = (...args) => js('--no-bitswap', '--without', 'dhtLan,fetch,echo,perf', ...args)

const messages = peer => peer.events.filter(event => event.event === 'message' && event.topic === PROMPTS)
const subscribed = (peer, ...nodes) => Peer.until(async () => {
  const { peers } = await peer.cmd('subscribers', PROMPTS)
  return nodes.every(({ id }) => peers.includes(id))
})
/** Connects a JS peer that takes part in the market with nodes, and waits until each knows the other. */
async function join (peer, ...nodes) {
  await peer.cmd('subscribe', PROMPTS)
  for (const one of nodes) await peer.cmd('dial', one.addr)
  await subscribed(peer, ...nodes)
  await meshed(peer, ...nodes)
}
const meshed = (peer, ...nodes) => Peer.until(async () => {
  const { peers } = await peer.cmd('mesh', PROMPTS)
  return nodes.every(({ id }) => peers.includes(id))
})

for (const msgId of ['spec', 'js']) {
  test(`a listing reaches a JS subscriber byte for byte, and another node through it (--msg-id ${msgId})`, () =>
    withAll([node(), node(), jsPeer('--msg-id', msgId)], async (a, b, peer) => {
      await join(peer, a, b)
      assert.ok(peer.events.some(event => event.event === 'graft' && event.topic === PROMPTS))
      const long = { description: 'x'.repeat(3000) } // above the size from which IDONTWANT is told
      for (const [from, to, title, more] of [[a, b, 'From A', {}], [b, a, 'From B', long]]) {
        const { id, cid } = await from.publish(title, more)
        const event = await peer.waitFor('message', ({ from: its }) => its === from.id)
        // js-libp2p has verified the envelope: it delivers nothing else under StrictSign.
        assert.deepEqual([event.signed, event.via], [true, from.id])
        const record = readRecord(Buffer.from(event.hex, 'hex')) // not one byte differs from what was signed
        assert.equal(thingId({ id: record[2] }, record[5]), id)
        assert.equal(fieldsOf(record[9])[0][1].toString(), title)
        const there = await to.hasListing(id)
        assert.deepEqual([there.title, there.cid, there.seller, there.is_mine], [title, cid, from.id, false])
      }
      // No stream of the catalogue sync is possible between them: they have no connection.
      for (const one of [a, b]) assert.deepEqual((await one.get('/peers')).items.map(({ peer_id: id }) => id), [peer.id])
      assert.equal(messages(peer).length, 2)
    }))
}

test('a record that a JS peer has captured elsewhere is accepted from it, and so is one that it wrote itself', () =>
  withAll([node(), node(), jsPeer(), jsPeer()], async (seller, buyer, watcher, peer) => {
    await join(watcher, seller)
    const { id } = await seller.publish('Captured')
    const captured = await watcher.waitFor('message')
    await join(peer, buyer)
    assert.deepEqual(await buyer.listings(), [])
    await peer.cmd('publishHex', PROMPTS, captured.hex)
    assert.equal((await buyer.hasListing(id)).seller, seller.id)

    const by = author()
    await peer.cmd('publishHex', PROMPTS, listing(by, 'Made elsewhere').toString('hex'))
    const made = await Peer.until(async () => (await buyer.listings()).find(({ title }) => title === 'Made elsewhere'))
    assert.equal(made.seller, by.name)
    assert.deepEqual(await buyer.logs(record => record.event === 'board.record-refused'), [])
  }))

test('a ring of 3 nodes and 3 JS peers: 30 listings arrive everywhere, each once; a JS peer may restart', () =>
  withAll([node(), node(), node(), ...[0, 1, 2].map(i => jsPeer('--seed', `ring ${i}`, '--msg-id', i === 1 ? 'spec' : 'js'))],
    async (...all) => {
      const [nodes, peers] = [all.slice(0, 3), all.slice(3)]
      const neighbours = i => [nodes[i], nodes[(i + 1) % 3]]
      await Promise.all(peers.map((peer, i) => join(peer, ...neighbours(i))))

      const titles = []
      const by = author()
      for (let round = 0; round < 10; round++) {
        await Promise.all([0, 1, 2].map(i => {
          const title = `Listing ${round}.${i}`
          titles.push(title)
          return round < 8
            ? nodes[i].publish(title)
            : peers[i].cmd('publishHex', PROMPTS, listing(by, title).toString('hex'))
        }))
      }
      const have = async one => (await one.listings()).map(({ title }) => title).sort()
      for (const one of nodes) {
        await Peer.until(async () => (await one.listings()).length === 30)
        assert.deepEqual(await have(one), [...titles].sort())
      }
      for (const peer of peers) { // its own two are not delivered to it
        await Peer.until(() => messages(peer).length >= 28)
        assert.equal(new Set(messages(peer).map(({ hex }) => hex)).size, messages(peer).length)
        assert.equal(messages(peer).length, 28)
      }

      await peers[0].stop()
      await nodes[0].publish('While it is away')
      await Peer.until(async () => (await nodes[1].listings()).length === 31)
      const back = await jsPeer('--seed', 'ring 0')()
      try {
        assert.equal(back.id, peers[0].id)
        await join(back, ...neighbours(0))
        await nodes[1].publish('It is back')
        await back.waitFor('message', ({ from }) => from === nodes[1].id)
        for (const one of nodes) await Peer.until(async () => (await one.listings()).length === 32)
      } finally {
        await back.stop()
      }
    }))

test('a listing that comes by gossip from two sides, and by sync, is one message for the application', () =>
  withAll([node(), jsPeer()], async (a, peer) => {
    const b = await SoukNode.start(['--bootstrap', a.addr])
    try {
      await join(peer, a, b)
      const { id } = await a.publish('Both ways')
      await b.hasListing(id)
      await new Promise(resolve => setTimeout(resolve, 1500))
      assert.equal(messages(peer).length, 1)
    } finally {
      assert.equal(await b.stop(), 0)
    }
  }))
