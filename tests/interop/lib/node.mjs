// SPDX-License-Identifier: GPL-3.0-or-later
// Builds one js-libp2p + Helia node from a plain options object.
//
// Every protocol that the C node implements can be switched on or off here, so
// that a test can put the C node against exactly one feature of js-libp2p.
import { generateKeyPair, generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { autoNAT } from '@libp2p/autonat'
import { autoNATv2 } from '@libp2p/autonat-v2'
import { bootstrap } from '@libp2p/bootstrap'
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { dcutr } from '@libp2p/dcutr'
import { echo } from '@libp2p/echo'
import { fetch as fetchService } from '@libp2p/fetch'
import { gossipsub } from '@libp2p/gossipsub'
import { identify, identifyPush } from '@libp2p/identify'
import { kadDHT, passthroughMapper, removePrivateAddressesMapper, removePublicAddressesMapper } from '@libp2p/kad-dht'
import { mdns } from '@libp2p/mdns'
import { mplex } from '@libp2p/mplex'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { unixfs } from '@helia/unixfs'
import { FsBlockstore } from 'blockstore-fs'
import { MemoryBlockstore } from 'blockstore-core'
import { createHeliaLight } from 'helia'
import { perfService } from './perf.mjs'

/** What a peer speaks when nothing else is asked for. */
export const DEFAULTS = {
  listen: ['/ip4/127.0.0.1/tcp/0'], // addresses to listen on
  announce: [], //                     addresses to advertise instead of the listen ones
  appendAnnounce: [], //               addresses to advertise besides the listen ones
  seed: null, //                       identity seed: any string; null = random
  keyType: 'Ed25519', //               Ed25519 | secp256k1 | RSA (a seed gives Ed25519)
  security: ['noise'], //              noise, tls (in order of preference)
  muxers: ['yamux'], //                yamux, mplex (in order of preference)
  transports: ['tcp', 'relay'], //     tcp, ws, relay
  services: ['identify', 'identifyPush', 'ping', 'pubsub', 'dhtLan', 'fetch', 'echo', 'perf'],
  //        also: dhtWan, autonat, autonatForced, autonatv2, dcutr, relayServer
  dhtMode: 'server', //                server | client | auto (js-libp2p decides by its addresses)
  dhtProtocol: null, //                override the LAN DHT's protocol id
  signaturePolicy: 'StrictSign', //    StrictSign | StrictNoSign
  msgId: 'js', //                      gossipsub message ids: js (its default: public key protobuf + seqno)
  //                                   | spec (what the specification and go-libp2p use: from + seqno)
  gossipsub: {}, //                    more @libp2p/gossipsub options
  yamux: {}, //                        more @libp2p/yamux options
  noise: {}, //                        more @libp2p/noise options
  bootstrap: [], //                    peers to connect to at start
  mdns: false, //                      multicast DNS discovery
  mdnsInterval: 1000, //               ms between mDNS queries
  bitswap: true, //                    bitswap 1.2.0 (Helia)
  blockstore: 'memory', //             memory | fs:DIRECTORY
  relayLimits: {}, //                  circuitRelayServer({ reservations })
  maxConnections: 500,
  allow: ['127.', '::1'] //            address prefixes that may be dialled (see denyDial)
}

export async function makeKey ({ seed, keyType }) {
  if (seed == null) return generateKeyPair(keyType)
  const { createHash } = await import('node:crypto')
  return generateKeyPairFromSeed('Ed25519', createHash('sha256').update(String(seed)).digest())
}

/**
 * A test peer must never dial the open internet: only addresses that start with
 * one of `allow` (and relayed addresses, whose outer hop is checked the same way).
 */
function denyDial (allow) {
  return ma => {
    const [first] = ma.getComponents()
    if (first == null || !/^ip[46]$/.test(first.name)) return true
    return !allow.some(prefix => first.value.startsWith(prefix))
  }
}

const SECURITY = { noise: o => noise(o.noise), tls: () => tls() }
const MUXERS = { yamux: o => yamux(o.yamux), mplex: () => mplex() }
const TRANSPORTS = {
  tcp: () => tcp(),
  ws: () => webSockets(),
  relay: () => circuitRelayTransport()
}

const MESSAGE_IDS = {
  js: {},
  spec: {
    msgIdFn: message => {
      const id = new Uint8Array(message.from.toMultihash().bytes.byteLength + 8)
      id.set(message.from.toMultihash().bytes)
      new DataView(id.buffer).setBigUint64(id.byteLength - 8, message.sequenceNumber)
      return id
    }
  }
}

/** Accepts every record of the /test/ name space, so that tests can put what they like. */
const dhtRecords = {
  validators: { test: () => {} },
  selectors: { test: () => 0 }
}

const SERVICES = {
  identify: () => identify(),
  identifyPush: () => identifyPush(),
  ping: () => ping(),
  pubsub: o => gossipsub({
    globalSignaturePolicy: o.signaturePolicy,
    allowPublishToZeroTopicPeers: true,
    // Peers that share an IP address lose score from the 11th on, and at 12 of them a
    // node stops talking to all: useless where everything is 127.0.0.1.
    scoreParams: { IPColocationFactorWeight: 0 },
    ...MESSAGE_IDS[o.msgId],
    ...o.gossipsub
  }),
  dhtLan: o => kadDHT({
    protocol: o.dhtProtocol ?? '/ipfs/lan/kad/1.0.0',
    peerInfoMapper: o.dhtProtocol == null ? removePublicAddressesMapper : passthroughMapper,
    ...(o.dhtMode === 'auto' ? {} : { clientMode: o.dhtMode === 'client' }),
    allowQueryWithZeroPeers: true,
    initialQuerySelfInterval: 100,
    logPrefix: 'libp2p:dht-lan',
    datastorePrefix: '/dht-lan',
    metricsPrefix: 'libp2p_dht_lan',
    ...dhtRecords
  }),
  dhtWan: o => kadDHT({
    protocol: '/ipfs/kad/1.0.0',
    peerInfoMapper: removePrivateAddressesMapper,
    ...(o.dhtMode === 'auto' ? {} : { clientMode: o.dhtMode === 'client' }),
    allowQueryWithZeroPeers: true,
    logPrefix: 'libp2p:dht-wan',
    datastorePrefix: '/dht-wan',
    metricsPrefix: 'libp2p_dht_wan',
    ...dhtRecords
  }),
  fetch: () => fetchService(),
  echo: () => echo(),
  perf: () => perfService(),
  autonat: () => autoNAT({ startupDelay: 500 }),
  autonatForced: () => components => autoNAT({ startupDelay: 500 })(forcingDials(components)),
  autonatv2: () => autoNATv2({ startupDelay: 500 }),
  dcutr: () => dcutr(),
  relayServer: o => circuitRelayServer({ reservations: o.relayLimits })
}

/**
 * @libp2p/autonat 3.0.28 cannot serve a peer that is connected to it (as every asker is):
 * its dial-back gets the connection that is there, takes that for a wrong address and closes
 * it. This makes its dial-backs new connections, as the specification wants them.
 */
function forcingDials (components) {
  const connectionManager = new Proxy(components.connectionManager, {
    get (manager, name) {
      if (name === 'openConnection') return (addr, options) => manager.openConnection(addr, { ...options, force: true })
      const value = manager[name]
      return typeof value === 'function' ? value.bind(manager) : value
    }
  })
  return new Proxy(components, { get: (all, name) => name === 'connectionManager' ? connectionManager : all[name] })
}

/** Picks the entries of `table` named in `names`, loudly refusing unknown ones. */
function pick (table, names, what) {
  return names.map(name => {
    if (table[name] == null) throw new Error(`unknown ${what} ${name} (have: ${Object.keys(table).join(', ')})`)
    return [name, table[name]]
  })
}

/**
 * @returns {Promise<{ helia, libp2p, fs, options, stop }>}
 */
export async function createNode (given = {}) {
  const options = { ...DEFAULTS, ...given }
  const privateKey = await makeKey(options)

  const discovery = []
  if (options.bootstrap.length > 0) discovery.push(bootstrap({ list: options.bootstrap, timeout: 100 }))
  if (options.mdns) discovery.push(mdns({ interval: options.mdnsInterval }))

  const libp2pOptions = {
    privateKey,
    addresses: {
      listen: options.listen,
      announce: options.announce,
      appendAnnounce: options.appendAnnounce
    },
    transports: pick(TRANSPORTS, options.transports, 'transport').map(([, make]) => make(options)),
    connectionEncrypters: pick(SECURITY, options.security, 'security').map(([, make]) => make(options)),
    streamMuxers: pick(MUXERS, options.muxers, 'muxer').map(([, make]) => make(options)),
    peerDiscovery: discovery,
    services: Object.fromEntries(
      pick(SERVICES, options.services, 'service').map(([name, make]) => [name, make(options)])
    ),
    connectionGater: { denyDialMultiaddr: denyDial(options.allow) },
    connectionManager: {
      maxConnections: options.maxConnections,
      maxIncomingPendingConnections: 500,
      inboundConnectionThreshold: 10_000 // default: 5 a second from one address
    }
  }

  const blockstore = options.blockstore.startsWith('fs:')
    ? new FsBlockstore(options.blockstore.slice(3))
    : new MemoryBlockstore()

  let helia = withLibp2pLight(createHeliaLight({ blockstore }), libp2pOptions)
  if (options.bitswap) helia = withBitswap(helia)
  await helia.start()

  return {
    helia,
    libp2p: helia.libp2p,
    fs: unixfs(helia),
    options,
    stop: () => helia.stop()
  }
}
