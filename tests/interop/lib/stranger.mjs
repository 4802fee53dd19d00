// SPDX-License-Identifier: GPL-3.0-or-later
// A stranger on the mesh port: a socket that a test fills byte by byte, and which can go as far into
// the protocols as it likes (multistream-select, Noise XX, Yamux) before it misbehaves. Written out
// here because a proper libp2p refuses to.
import { createCipheriv, createDecipheriv, createHash, createHmac, createPublicKey, diffieHellman, generateKeyPairSync, sign } from 'node:crypto'
import net from 'node:net'
import { author, message } from './record.mjs'

export const YAMUX = { DATA: 0, WINDOW: 1, PING: 2, GO_AWAY: 3, SYN: 1, ACK: 2, FIN: 4, RST: 8 }

/** A multistream-select line: length, text, line feed. */
export const line = text => Buffer.concat([Buffer.from([text.length + 1]), Buffer.from(`${text}\n`)])
export const MULTISTREAM = line('/multistream/1.0.0')

/** A Yamux frame; `length` may lie about the body. */
export function frame (type, flags, stream, body = Buffer.alloc(0), length = body.length, version = 0) {
  const head = Buffer.alloc(12)
  head.writeUInt8(version, 0)
  head.writeUInt8(type, 1)
  head.writeUInt16BE(flags, 2)
  head.writeUInt32BE(stream, 4)
  head.writeUInt32BE(length, 8)
  return Buffer.concat([head, body])
}

/** One side's cipher: ChaCha20-Poly1305 with a counter. */
class Cipher {
  constructor (key) { Object.assign(this, { key, counter: 0n }) }

  nonce () {
    const nonce = Buffer.alloc(12)
    nonce.writeBigUInt64LE(this.counter++, 4)
    return nonce
  }

  seal (plain, ad = Buffer.alloc(0)) {
    const cipher = createCipheriv('chacha20-poly1305', this.key, this.nonce(), { authTagLength: 16 })
    cipher.setAAD(ad, { plaintextLength: plain.length })
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  }

  open (sealed, ad = Buffer.alloc(0)) {
    const decipher = createDecipheriv('chacha20-poly1305', this.key, this.nonce(), { authTagLength: 16 })
    decipher.setAAD(ad, { plaintextLength: sealed.length - 16 })
    decipher.setAuthTag(sealed.subarray(-16))
    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
  }
}

const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest()
const X25519_DER = Buffer.from('302a300506032b656e032100', 'hex')
const rawOf = ({ publicKey }) => publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
const agree = ({ privateKey }, raw) => diffieHellman({
  privateKey, publicKey: createPublicKey({ format: 'der', type: 'spki', key: Buffer.concat([X25519_DER, raw]) })
})

export class Stranger {
  /** Connects to a node (anything with a `port`). */
  static async connect ({ port }) {
    const socket = net.connect(port, '127.0.0.1')
    const stranger = new Stranger(socket)
    await new Promise((resolve, reject) => { socket.once('connect', resolve); socket.once('error', reject) })
    return stranger
  }

  constructor (socket) {
    Object.assign(this, { socket, started: performance.now(), inbox: Buffer.alloc(0), wake: () => {} })
    socket.on('data', data => { this.inbox = Buffer.concat([this.inbox, data]); this.wake() })
    socket.on('error', () => {})
    /** Resolves, when the node has ended the connection, with how many ms that took. */
    this.closed = new Promise(resolve => socket.once('close', () => { this.isClosed = true; this.wake(); resolve(performance.now() - this.started) }))
    socket.on('end', () => socket.end())
  }

  send (bytes) { this.socket.write(bytes) }
  end () { this.socket.destroy(); return this.closed }

  async read (size) {
    while (this.inbox.length < size) {
      if (this.isClosed) throw new Error('the node has closed the connection')
      await new Promise(resolve => { this.wake = resolve })
    }
    const bytes = this.inbox.subarray(0, size)
    this.inbox = this.inbox.subarray(size)
    return bytes
  }

  /** As far as the first Noise message, which is not sent. */
  async negotiate () {
    this.send(Buffer.concat([MULTISTREAM, line('/noise')]))
    await this.read(MULTISTREAM.length + line('/noise').length)
  }

  sendNoise (bytes) {
    const head = Buffer.alloc(2)
    head.writeUInt16BE(bytes.length)
    this.send(Buffer.concat([head, bytes]))
  }

  async readNoise () { return this.read((await this.read(2)).readUInt16BE()) }

  /**
   * The whole of Noise_XX_25519_ChaChaPoly_SHA256 as the dialler (libp2p specs, noise/README.md).
   * `forge` may replace the last message before it goes.
   */
  async upgrade (forge = bytes => bytes) {
    const [ephemeral, own, identity] = [generateKeyPairSync('x25519'), generateKeyPairSync('x25519'), author()]
    this.identity = identity
    await this.negotiate()
    let hash = Buffer.from('Noise_XX_25519_ChaChaPoly_SHA256')
    let chain = hash
    const mix = bytes => { hash = sha256(hash, bytes) }
    const derive = secret => {
      const key = createHmac('sha256', chain).update(secret).digest()
      const first = createHmac('sha256', key).update(Buffer.from([1])).digest()
      const second = createHmac('sha256', key).update(first).update(Buffer.from([2])).digest()
      return [first, second]
    }
    const mixKey = secret => {
      const [first, second] = derive(secret)
      chain = first
      return new Cipher(second)
    }
    mix(Buffer.alloc(0)) // the empty prologue
    mix(rawOf(ephemeral))
    mix(Buffer.alloc(0)) // the empty payload
    this.sendNoise(rawOf(ephemeral))

    const answer = await this.readNoise()
    const [theirs, sealedKey, sealedPayload] = [answer.subarray(0, 32), answer.subarray(32, 80), answer.subarray(80)]
    mix(theirs)
    const theirKey = mixKey(agree(ephemeral, theirs)).open(sealedKey, hash)
    mix(sealedKey)
    const cipher = mixKey(agree(ephemeral, theirKey))
    cipher.open(sealedPayload, hash)
    mix(sealedPayload)

    const ownKey = cipher.seal(rawOf(own), hash)
    mix(ownKey)
    const signature = sign(null, Buffer.concat([Buffer.from('noise-libp2p-static-key:'), rawOf(own)]), identity.privateKey)
    const payload = message([[1, identity.id.subarray(2)], [2, signature], [4, message([[2, '/yamux/1.0.0']])]])
    const sealed = mixKey(agree(own, theirs)).seal(payload, hash)
    this.sendNoise(forge(Buffer.concat([ownKey, sealed])))
    const [first, second] = derive(Buffer.alloc(0))
    Object.assign(this, { tx: new Cipher(first), rx: new Cipher(second) })
    return this
  }

  /** Bytes inside the secure channel. */
  sendSecure (bytes) { this.sendNoise(this.tx.seal(bytes)) }

  /** Opens a stream, names its protocol and sends `body`, all at once. */
  openStream (stream, protocol, body = Buffer.alloc(0)) {
    this.sendSecure(frame(YAMUX.DATA, YAMUX.SYN, stream, Buffer.concat([MULTISTREAM, line(protocol), body])))
  }
}
