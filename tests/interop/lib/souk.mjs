// SPDX-License-Identifier: GPL-3.0-or-later
// Our own test peer (tests/interop/peer), which speaks the same line protocol as peer.mjs.
import { fileURLToPath } from 'node:url'
import { Peer } from './driver.mjs'

const BUILD = process.env.SOUK_BUILD ?? fileURLToPath(new URL('../../../_build', import.meta.url))
export const SOUK_PEER = `${BUILD}/tests/interop/peer/souk-peer`

/** Starts one; `options` as for Peer.start. */
export const startSouk = (args = [], options = {}) => Peer.start(args, { command: [SOUK_PEER], ...options })

/** Runs `body` with the peers that the makers start, in their order, and stops them all afterwards. */
export async function withStarted (makers, body) {
  const peers = []
  try {
    for (const make of makers) peers.push(await make())
    return await body(...peers)
  } finally {
    await Promise.all(peers.map(peer => peer.stop()))
  }
}

export const souk = (...args) => () => startSouk(args)
export const js = (...args) => () => Peer.start(args)
export const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))
