// SPDX-License-Identifier: GPL-3.0-or-later
// Turns what happens inside a node into {"event": …} lines.
import { connectionInfo, shown } from './commands.mjs'

export function watchEvents ({ libp2p }, emit) {
  const on = (target, name, describe, as = name) =>
    target.addEventListener(name, event => emit(as, describe(event.detail)))

  on(libp2p, 'peer:connect', peer => ({ peer: peer.toString() }))
  on(libp2p, 'peer:disconnect', peer => ({ peer: peer.toString() }))
  on(libp2p, 'connection:open', connectionInfo)
  on(libp2p, 'connection:close', connection => ({ peer: connection.remotePeer.toString(), addr: connection.remoteAddr.toString() }))
  on(libp2p, 'peer:discovery', peer => ({ peer: peer.id.toString(), addrs: peer.multiaddrs.map(String) }))
  on(libp2p, 'self:peer:update', ({ peer }) => ({ addrs: peer.addresses.map(a => a.multiaddr.toString()), protocols: peer.protocols }))
  on(libp2p, 'peer:identify', result => ({
    peer: result.peerId.toString(),
    agentVersion: result.agentVersion,
    protocolVersion: result.protocolVersion,
    protocols: result.protocols,
    listenAddrs: result.listenAddrs.map(String),
    observedAddr: result.observedAddr?.toString(),
    signedPeerRecord: result.signedPeerRecord == null
      ? null
      : { seq: result.signedPeerRecord.seq.toString(), addrs: result.signedPeerRecord.addresses.map(String) }
  }))

  const { pubsub } = libp2p.services
  if (pubsub != null) {
    on(pubsub, 'gossipsub:message', ({ propagationSource, msgId, msg }) => ({
      topic: msg.topic,
      from: msg.from?.toString(),
      via: propagationSource.toString(),
      seqno: msg.sequenceNumber?.toString(),
      msgId,
      signed: msg.type === 'signed',
      ...shown(msg.data)
    }), 'message')
    on(pubsub, 'subscription-change', ({ peerId, subscriptions }) => ({ peer: peerId.toString(), subscriptions }))
    on(pubsub, 'gossipsub:graft', detail => detail, 'graft')
    on(pubsub, 'gossipsub:prune', detail => detail, 'prune')
  }
}
