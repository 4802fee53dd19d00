// SPDX-License-Identifier: GPL-3.0-or-later
// Souk's signed records (node/wire/souk.proto), written a second time so that tests can make what a
// node of ours never would. Canonical protobuf: fields by number, defaults left out.
import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { base58btc } from 'multiformats/bases/base58'

const DAY_S = 24 * 3600
const SPKI = Buffer.from('302a300506032b6570032100', 'hex') // what comes before the key in DER
const PREFIX = Buffer.from('souk-record:')

function varint (value) {
  const out = []
  for (value = BigInt(value); value >= 128n; value >>= 7n) out.push(Number(value & 127n) | 128)
  out.push(Number(value))
  return Buffer.from(out)
}

/** Fields [number, value]: numbers, bigints and true as varints, texts and bytes with their length. */
export function message (fields) {
  return Buffer.concat(fields.flatMap(([number, value]) => {
    if (value == null || value === 0 || value === 0n || value === false || value.length === 0) return []
    if (value === true) value = 1
    if (typeof value === 'number' || typeof value === 'bigint') return [varint(number << 3), varint(value)]
    const bytes = Buffer.from(value)
    return [varint(number << 3 | 2), varint(bytes.length), bytes]
  }))
}

/** The fields of a message, as [number, bigint or bytes]. */
export function fieldsOf (bytes) {
  const out = []
  let at = 0
  const number = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const tag = Number(number())
    if ((tag & 7) === 0) { out.push([tag >> 3, number()]); continue }
    const length = Number(number())
    out.push([tag >> 3, bytes.subarray(at, at += length)])
  }
  return out
}

/** An author: an Ed25519 key and its peer id. */
export function author () {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const id = Buffer.concat([Buffer.from([0, 36, 8, 1, 18, 32]), raw]) // identity hash of the key's protobuf
  return { privateKey, id, name: base58btc.encode(id).slice(1) }
}

/** Puts the signature under a record's fields. */
export function signRecord (fields, { privateKey }) {
  const unsigned = fields.filter(([number]) => number !== 15)
  const signature = sign(null, Buffer.concat([PREFIX, message(unsigned)]), privateKey)
  return message([...unsigned, [15, signature]])
}

/** The fields of a record by number; throws unless its author has signed exactly these bytes. */
export function readRecord (bytes) {
  const fields = fieldsOf(bytes)
  const unsigned = fields.filter(([number]) => number !== 15)
  const record = Object.fromEntries(fields)
  const key = createPublicKey({ format: 'der', type: 'spki', key: Buffer.concat([SPKI, record[2].subarray(6)]) })
  if (!verify(null, Buffer.concat([PREFIX, message(unsigned)]), key, record[15])) throw new Error('the signature is wrong')
  return record
}

/** The id that the API gives to a thing: type, author and key. */
export function thingId ({ id }, key, type = 1) {
  const hash = createHash('sha256').update(Buffer.concat([Buffer.from([type]), id, Buffer.from(key)])).digest()
  return `b${base32(hash)}`
}

function base32 (bytes) {
  const bits = [...bytes].map(byte => byte.toString(2).padStart(8, '0')).join('')
  return bits.match(/.{1,5}/g).map(five => 'abcdefghijklmnopqrstuvwxyz234567'[parseInt(five.padEnd(5, '0'), 2)]).join('')
}

/** A listing's body; `more` overrides by field number. */
export function listingBody (title, more = {}) {
  const content = createHash('sha256').update(title).digest()
  const fields = {
    1: title,
    4: 'other',
    11: Buffer.concat([Buffer.from([1, 0x55, 0x12, 32]), content]),
    12: Buffer.byteLength(title),
    16: nowS(),
    ...more
  }
  return message(Object.entries(fields).map(([number, value]) => [Number(number), value]))
}

/** A signed listing by `by`; `more` overrides the record's fields by number. */
export function listing (by, title, more = {}) {
  const fields = {
    1: 1,
    2: by.id,
    5: createHash('sha256').update(title).digest().subarray(0, 16),
    6: 1,
    7: nowS() + DAY_S,
    9: listingBody(title),
    ...more
  }
  return signRecord(Object.entries(fields).map(([number, value]) => [Number(number), value]), by)
}

export const nowS = () => Math.floor(Date.now() / 1000)
