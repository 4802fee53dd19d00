// SPDX-License-Identifier: GPL-3.0-or-later
// Command-line options -> the options object of lib/node.mjs.
import { parseArgs } from 'node:util'
import { DEFAULTS } from './node.mjs'

export const USAGE = `usage: peer.mjs [options]
  --listen ADDR        address to listen on (repeatable; default ${DEFAULTS.listen[0]}; 'none' = do not listen)
  --announce ADDR      advertise this address instead (repeatable)
  --append-announce A  advertise this address too (repeatable)
  --seed STRING        deterministic Ed25519 identity: seed = sha256(STRING)
  --key-type TYPE      Ed25519 (default) | secp256k1 | RSA
  --security LIST      noise,tls         (default noise)
  --muxers LIST        yamux,mplex       (default yamux)
  --transports LIST    tcp,ws,relay      (default tcp,relay)
  --services LIST      default ${DEFAULTS.services.join(',')}
  --with LIST          services besides those: dhtWan,autonat,autonatForced,autonatv2,dcutr,relayServer
  --without LIST       services to leave out
  --dht-mode MODE      server (default) | client | auto
  --dht-protocol ID    use this protocol id for the DHT instead of /ipfs/lan/kad/1.0.0
  --sign POLICY        StrictSign (default) | StrictNoSign
  --msg-id WHICH       js (default) | spec: how gossipsub makes message ids
  --bootstrap ADDR     connect to this peer at start (repeatable)
  --mdns               announce and discover through multicast DNS
  --no-bitswap         do not speak bitswap
  --blockstore WHERE   memory (default) | fs:DIRECTORY
  --allow PREFIX       IP address prefix that may be dialled (repeatable; default: loopback)
  --options JSON       anything else, merged into the options of lib/node.mjs
  --quiet              print only answers and the events that were asked for by 'watch'
`

const list = value => value.split(',').filter(Boolean)

export function optionsFromArgs (argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      listen: { type: 'string', multiple: true },
      announce: { type: 'string', multiple: true },
      'append-announce': { type: 'string', multiple: true },
      seed: { type: 'string' },
      'key-type': { type: 'string' },
      security: { type: 'string' },
      muxers: { type: 'string' },
      transports: { type: 'string' },
      services: { type: 'string' },
      with: { type: 'string' },
      without: { type: 'string' },
      'dht-mode': { type: 'string' },
      'dht-protocol': { type: 'string' },
      sign: { type: 'string' },
      'msg-id': { type: 'string' },
      bootstrap: { type: 'string', multiple: true },
      mdns: { type: 'boolean' },
      'no-bitswap': { type: 'boolean' },
      blockstore: { type: 'string' },
      allow: { type: 'string', multiple: true },
      options: { type: 'string' },
      quiet: { type: 'boolean' },
      help: { type: 'boolean' }
    }
  })

  const services = new Set(values.services != null ? list(values.services) : DEFAULTS.services)
  for (const name of list(values.with ?? '')) services.add(name)
  for (const name of list(values.without ?? '')) services.delete(name)

  const options = {
    listen: values.listen?.filter(addr => addr !== 'none'),
    announce: values.announce,
    appendAnnounce: values['append-announce'],
    seed: values.seed,
    keyType: values['key-type'],
    security: values.security && list(values.security),
    muxers: values.muxers && list(values.muxers),
    transports: values.transports && list(values.transports),
    services: [...services],
    dhtMode: values['dht-mode'],
    dhtProtocol: values['dht-protocol'],
    signaturePolicy: values.sign,
    msgId: values['msg-id'],
    bootstrap: values.bootstrap,
    mdns: values.mdns,
    bitswap: values['no-bitswap'] ? false : undefined,
    blockstore: values.blockstore,
    allow: values.allow
  }
  for (const key of Object.keys(options)) if (options[key] === undefined) delete options[key]

  return {
    help: values.help === true,
    quiet: values.quiet === true,
    node: { ...options, ...JSON.parse(values.options ?? '{}') }
  }
}
