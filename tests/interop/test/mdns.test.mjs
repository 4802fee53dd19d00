// SPDX-License-Identifier: GPL-3.0-or-later
// Multicast DNS between our peer and js-libp2p on a LAN of two network namespaces.
import { test } from 'node:test'
import { Peer } from '../lib/driver.mjs'
import { canMakeNamespaces, inside, lan } from '../lib/netlab.mjs'
import { startSouk } from '../lib/souk.mjs'

const skip = canMakeNamespaces() ? false : 'needs root, iproute2 and network namespaces'
const ARGS = ['--mdns', '--listen', '/ip4/0.0.0.0/tcp/0', '--allow', '10.77.']

async function onLan (makers, body) {
  const { lab, hosts } = lan(makers.length)
  const peers = []
  try {
    for (const [i, make] of makers.entries()) peers.push(await make(ARGS, inside(hosts[i].space)))
    await body(...peers)
  } finally {
    await Promise.all(peers.map(peer => peer.stop()))
    lab.close()
  }
}

/** `a` finds `b` and can dial what it has found. */
async function finds (a, b) {
  const found = await a.waitFor('peer:discovery', event =>
    event.peer === b.id && event.addrs.some(addr => addr.includes('/10.77.')), 25_000)
  const addr = found.addrs.find(text => text.includes('/10.77.'))
  await a.cmd('dial', `${addr.replace(/\/p2p\/.*/, '')}/p2p/${b.id}`)
}

test('mDNS: ours and js-libp2p find each other', { skip }, () =>
  onLan([startSouk, (args, where) => Peer.start(args, where)], async (ours, theirs) => {
    await finds(ours, theirs)
    await finds(theirs, ours)
  }))

test('mDNS: two of ours find each other', { skip }, () =>
  onLan([startSouk, startSouk], async (a, b) => {
    await finds(a, b)
    await finds(b, a)
  }))
