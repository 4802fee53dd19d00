// SPDX-License-Identifier: GPL-3.0-or-later
// Network namespaces for tests that loopback cannot serve: multicast DNS, AutoNAT,
// DCUtR, NAT. Needs root, iproute2 and nftables. Nothing in a lab has a way out: the
// namespaces are joined by a bridge of their own only.
import { execFileSync } from 'node:child_process'

const run = (command, ...args) => execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'] }).toString()

export const canMakeNamespaces = () => {
  try {
    run('unshare', '-n', 'true')
    run('ip', '-V')
    return process.getuid() === 0
  } catch { return false }
}

/** How to start a peer inside a namespace: an option for Peer.start. */
export const inside = space => ({ within: ['ip', 'netns', 'exec', space] })

export class NetLab {
  constructor () {
    this.prefix = `p2p${process.pid}`
    this.namespaces = []
    this.bridges = 0
  }

  namespace (name) {
    const full = `${this.prefix}-${name}`
    run('ip', 'netns', 'add', full)
    this.namespaces.push(full)
    run('ip', '-n', full, 'link', 'set', 'lo', 'up')
    return full
  }

  /** A switch: a namespace of its own with a bridge in it. */
  bridge () {
    const space = this.namespace(`sw${this.bridges++}`)
    run('ip', '-n', space, 'link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0')
    run('ip', '-n', space, 'link', 'set', 'br0', 'up')
    return space
  }

  /** Plugs `space` into `bridge` with an address such as 10.77.0.1/24. */
  plug (space, bridge, address, device = 'eth0') {
    const far = `v${Math.random().toString(36).slice(2, 9)}`
    run('ip', '-n', space, 'link', 'add', device, 'type', 'veth', 'peer', 'name', far, 'netns', bridge)
    run('ip', '-n', bridge, 'link', 'set', far, 'master', 'br0')
    run('ip', '-n', bridge, 'link', 'set', far, 'up')
    run('ip', '-n', space, 'addr', 'add', address, 'dev', device)
    run('ip', '-n', space, 'link', 'set', device, 'up')
  }

  route (space, via) { run('ip', '-n', space, 'route', 'add', 'default', 'via', via) }
  multicastRoute (space, device = 'eth0') { run('ip', '-n', space, 'route', 'add', '224.0.0.0/4', 'dev', device) }
  exec (space, command, ...args) { return run('ip', 'netns', 'exec', space, command, ...args) }

  /** Makes `space` a router that hides what is behind it: NAT on `outside`, nothing comes in by itself. */
  nat (space, outside) {
    this.exec(space, 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
    this.exec(space, 'nft', `add table ip nat; add chain ip nat post { type nat hook postrouting priority srcnat; }; add rule ip nat post oifname ${outside} masquerade;` +
      `add table ip fw; add chain ip fw fwd { type filter hook forward priority filter; policy accept; }; add rule ip fw fwd iifname ${outside} ct state new drop;`)
  }

  close () {
    for (const space of this.namespaces.reverse()) {
      try { run('ip', 'netns', 'del', space) } catch {}
    }
  }
}

/** `count` hosts on one LAN: 10.77.0.1, 10.77.0.2, … (or another /24). */
export function lan (count, network = '10.77.0') {
  const lab = new NetLab()
  const bridge = lab.bridge()
  const hosts = []
  for (let i = 1; i <= count; i++) {
    const space = lab.namespace(`h${i}`)
    lab.plug(space, bridge, `${network}.${i}/24`)
    lab.multicastRoute(space)
    hosts.push({ space, ip: `${network}.${i}` })
  }
  return { lab, hosts }
}
