// SPDX-License-Identifier: GPL-3.0-or-later
// Strangers on a real node's mesh port, and peers that publish what is false: each ends in a named
// log record, none is passed on, and the node goes on serving who is honest.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { Peer } from '../lib/driver.mjs'
import { author, fieldsOf, listing, listingBody, nowS, signRecord, thingId } from '../lib/record.mjs'
import { js, sleep } from '../lib/souk.mjs'
import { node, PROMPTS, withAll } from '../lib/souk-node.mjs'
import { frame, MULTISTREAM, Stranger, YAMUX } from '../lib/stranger.mjs'

const MIB = 1024 * 1024
const HANDSHAKE_MS = 10_000
const jsPeer = (...args) => js('--no-bitswap', '--without', 'dhtLan,fetch,echo,perf', ...args)
const replaced = (record, number, value) => fieldsOf(record).map(field => field[0] === number ? [number, value] : field)

/** Takes part in the market with a node. */
async function join (peer, souk) {
  await peer.cmd('subscribe', PROMPTS)
  await peer.cmd('dial', souk.addr)
  await Peer.until(async () => (await peer.cmd('subscribers', PROMPTS)).peers.includes(souk.id))
  await Peer.until(async () => (await peer.cmd('mesh', PROMPTS)).peers.includes(souk.id))
}
const publish = (peer, record) => peer.cmd('publishHex', PROMPTS, record.toString('hex'))
const messages = peer => peer.events.filter(event => event.event === 'message' && event.topic === PROMPTS)

// Side by side: the first mostly waits for time limits.
describe('misbehaviour', { concurrency: 2 }, () => {
  describe('strangers on the mesh port', { concurrency: 1 }, () => {
    let souk, honest, before_, patient
    before(async () => {
      [souk, honest] = await Promise.all([node()(), jsPeer()()])
      await join(honest, souk)
      before_ = souk.rss()
      // These take as long as a handshake may, so they begin first; the last test looks at them.
      patient = [silence(), halfOpen(), drip()]
    })
    after(async () => {
      await Promise.allSettled(patient)
      await Promise.all([honest.stop(), souk.stop()])
    })

    async function silence () { return (await Stranger.connect(souk)).closed }
    async function halfOpen () {
      const stranger = await Stranger.connect(souk)
      stranger.send(MULTISTREAM)
      return stranger.closed
    }
    /** Slow loris: a byte of Noise's first message every half second. */
    async function drip () {
      const stranger = await Stranger.connect(souk)
      await stranger.negotiate()
      stranger.send(Buffer.from([0, 32]))
      const timer = setInterval(() => stranger.send(Buffer.from([7])), 500)
      const ms = await stranger.closed
      clearInterval(timer)
      return ms
    }

    /** Does `attack`; its connection ends soon, in that record, and honest work goes on. */
    async function ends (attack, event, status) {
      const mark = await souk.logMark()
      const stranger = await Stranger.connect(souk)
      await attack(stranger)
      const ms = await stranger.closed
      assert.ok(ms < 5000, `it took ${ms} ms`)
      const record = await souk.logged(event, status, 2000, mark)
      assert.match(record.message, /^[A-Z].*\.$/)
      await isWell()
    }

    let count = 0
    async function isWell () {
      assert.equal((await souk.get('/health')).status ?? 'ok', 'ok')
      const { id } = await souk.publish(`Still here ${++count}`)
      const record = await honest.waitFor('message', event => event.text?.includes(`Still here ${count}`) || Buffer.from(event.hex, 'hex').includes(`Still here ${count}`))
      assert.ok(record.signed && id.length > 0)
    }

    it('random bytes', () => ends(stranger => stranger.send(randomBytes(100_000).fill(20, 0, 1)), 'swarm.handshake-failed', 'bad-multistream'))

    it('a length that would need gigabytes', () =>
      ends(stranger => stranger.send(Buffer.from([255, 255, 255, 255, 15, 0])), 'swarm.handshake-failed', 'too-large'))

    it('random bytes where the secure channel begins', () =>
      ends(async stranger => { await stranger.negotiate(); stranger.sendNoise(randomBytes(16)) }, 'swarm.handshake-failed', 'bad-handshake'))

    it('a handshake whose last message is altered', () =>
      ends(stranger => stranger.upgrade(bytes => { bytes[60] ^= 1; return bytes }), 'swarm.handshake-failed', 'bad-mac'))

    it('garbage instead of multiplexer frames', () =>
      ends(async stranger => { await stranger.upgrade(); stranger.sendSecure(randomBytes(1200).fill(9, 0, 1)) }, 'swarm.peer-disconnected', 'bad-frame'))

    it('a frame that is longer than its window', () =>
      ends(async stranger => {
        await stranger.upgrade()
        stranger.openStream(1, '/ipfs/ping/1.0.0')
        stranger.sendSecure(frame(YAMUX.DATA, 0, 1, randomBytes(1000), 0xffffffff))
      }, 'swarm.peer-disconnected', 'window-overrun'))

    it('altered bytes inside the secure channel', () =>
      ends(async stranger => {
        await stranger.upgrade()
        stranger.sendNoise(randomBytes(200))
      }, 'swarm.peer-disconnected', 'bad-mac'))

    it('a message of a protocol that is longer than any: the stream ends, the penalty has its name', async () => {
      for (const protocol of ['/ipfs/bitswap/1.2.0', '/souk/sync/1.0.0']) {
        const mark = await souk.logMark()
        const stranger = await Stranger.connect(souk)
        await stranger.upgrade()
        stranger.openStream(1, protocol, Buffer.from([255, 255, 255, 255, 7]))
        const record = await souk.logged('swarm.peer-penalised', 'too-large', 5000, mark)
        assert.equal(record.fields.peer, stranger.identity.name)
        await stranger.end()
      }
      await isWell()
    })

    it('thousands of streams of one stranger: each costs little', async () => {
      const stranger = await Stranger.connect(souk)
      await stranger.upgrade()
      for (let i = 0; i < 5000 && !stranger.isClosed; i++) {
        stranger.openStream(2 * i + 1, '/ipfs/ping/1.0.0')
        if (i % 500 === 0) await sleep(10)
      }
      await isWell()
      await stranger.end()
    })

    it('200 connections at once: who is here stays served, who comes when they are gone is let in', async () => {
      const mark = await souk.logMark()
      const crowd = await Promise.all(Array.from({ length: 200 }, () => Stranger.connect(souk)))
      await souk.logged('swarm.inbound-refused', 'limit', 5000, mark)
      await isWell()
      await Promise.all(crowd.map(stranger => stranger.end()))
      await withAll([jsPeer()], async newcomer => {
        await join(newcomer, souk)
        await publish(newcomer, listing(author(), 'By a newcomer'))
        await Peer.until(async () => (await souk.listings()).some(({ title }) => title === 'By a newcomer'))
      })
    })

    it('silence, a half of a negotiation and a slow drip end when a handshake must be over', async () => {
      for (const ms of await Promise.all(patient)) {
        assert.ok(ms > HANDSHAKE_MS - 1000 && ms < HANDSHAKE_MS + 4000, `${ms} ms`)
      }
      await souk.logged('swarm.handshake-failed', 'timed-out')
      await isWell()
    })

    it('none of it has cost memory that stays', async () => {
      const grown = souk.rss() - before_
      assert.ok(grown < 24 * MIB, `${(grown / MIB).toFixed(1)} MiB more than before`)
      assert.deepEqual((await souk.get('/peers')).items.map(({ peer_id: id }) => id), [honest.id])
    })
  })


  describe('peers that publish what is false', { concurrency: 1 }, () => {
    it('each lie ends in a named record, none is passed on, and the truth still is', () =>
      withAll([node(), node(), jsPeer(), ...Array(4).fill(jsPeer())], async (souk, seller, witness, ...liars) => {
        await Promise.all([witness, ...liars].map(peer => join(peer, souk)))
        await seller.connect(souk)
        await Peer.until(async () => (await souk.get('/peers')).items.length === 6)
        const { id } = await seller.publish('The true one')
        await souk.hasListing(id)
        const { hex } = await witness.waitFor('message')
        const truth = Buffer.from(hex, 'hex')
        const rss = souk.rss()
        const thief = author()
        const flipped = Buffer.from(truth)
        flipped[truth.indexOf('The true one')] ^= 1

        const priced = { 7: Buffer.from([100]), 9: 31337, 10: randomBytes(20), 13: randomBytes(32), 14: 86400, 15: 259200 }
        const lies = [
          ['one bit is flipped', flipped, 'board.record-refused', 'bad-signature'],
          ['another signs the seller\'s name', signRecord(fieldsOf(truth), thief), 'board.record-refused', 'bad-signature'],
          ['it is too large for the mesh', listing(thief, 'large', { 9: listingBody('large', { 6: 'x'.repeat(70_000) }) }), 'swarm.gossip-refused', 'too-large'],
          ['a text in it is too long', listing(thief, 'long', { 9: listingBody('long', { 2: 'x'.repeat(5000) }) }), 'board.record-refused', 'listing-text'],
          ['it has expired', listing(thief, 'old', { 7: nowS() - 60 }), 'board.record-expired', 'record-expired'],
          ['it would live for years', listing(thief, 'eternal', { 7: nowS() + 10 ** 8 }), 'board.record-refused', 'record-expiry'],
          ['it has a price and no wallet', listing(thief, 'priced', { 9: listingBody('priced', priced) }), 'board.record-refused', 'listing-chain'],
          ['it has a wallet that has not signed', listing(thief, 'unproven', { 3: randomBytes(20), 4: Buffer.concat([randomBytes(64), Buffer.from([27])]), 9: listingBody('unproven', priced) }), 'board.record-refused', 'record-wallet'],
          ['it is not in its one form', Buffer.concat([truth, Buffer.from([0x80, 1, 0])]), 'board.record-refused', 'record-form'],
          ['it is no record at all', randomBytes(300), 'board.record-refused', 'bad-encoding']
        ]
        // Nobody lies often enough to be shut out, so that each lie is judged.
        for (const [i, [what, record, event, status]] of lies.entries()) {
          const liar = liars[i % liars.length]
          const mark = await souk.logMark()
          await publish(liar, record)
          const logged = await souk.logged(event, status, 5000, mark)
          assert.equal(logged.fields.peer, liar.id, what)
        }

        // The same content under the thief's own name is another thing: his, and harmless.
        const copied = signRecord(replaced(truth, 2, thief.id), thief)
        await publish(liars[2], copied)
        const copy = thingId(thief, fieldsOf(truth).find(([number]) => number === 5)[1])
        assert.equal((await souk.hasListing(copy)).seller, thief.name)
        assert.equal((await souk.listing(id)).seller, seller.id)

        await witness.waitFor('message', event => event.hex === copied.toString('hex'))
        assert.deepEqual(messages(witness).map(({ hex }) => hex), [hex, copied.toString('hex')])
        assert.equal((await souk.listings()).length, 2)
        assert.ok(souk.rss() - rss < 16 * MIB)
        assert.equal((await souk.get('/health')).status ?? 'ok', 'ok')
      }))

    it('a message that nobody has signed is refused by its name', () =>
      withAll([node(), jsPeer('--sign', 'StrictNoSign'), jsPeer()], async (souk, anonymous, witness) => {
        await Promise.all([join(anonymous, souk), join(witness, souk)])
        await publish(anonymous, listing(author(), 'Unsigned'))
        assert.equal((await souk.logged('swarm.gossip-refused', 'unsigned')).fields.peer, anonymous.id)
        assert.deepEqual([await souk.listings(), messages(witness)], [[], []])
      }))

    it('who goes on lying is shut out; who only passes on what one author floods is not', () =>
      withAll([node(), jsPeer(), jsPeer()], async (souk, liar, carrier) => {
        await Promise.all([join(liar, souk), join(carrier, souk)])
        const forged = i => { const record = listing(author(), `Forged ${i}`); record[record.length - 1] ^= 1; return record }
        for (let i = 0; i < 12; i++) await publish(liar, forged(i))
        await publish(liar, listing(author(), 'True at last'))

        const flood = author()
        for (let i = 0; i < 300; i++) await publish(carrier, listing(flood, `Flood ${i}`))
        await souk.logged('board.record-refused', 'author-full')
        await publish(carrier, listing(author(), 'Of somebody else'))
        await Peer.until(async () => (await souk.get('/prompts?query=somebody')).items.length === 1)
        const refused = await souk.logs(({ event, fields }) => event === 'board.record-refused' && fields.peer === liar.id)
        assert.ok(refused.length > 0 && refused.length < 8, `${refused.length} of 12 lies were read`)
        assert.deepEqual((await souk.get('/prompts?query=last')).items, [])
      }))
  })
})
