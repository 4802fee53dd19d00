// SPDX-License-Identifier: GPL-3.0-or-later
// The libp2p perf protocol, /perf/1.0.0 (libp2p/specs, perf/perf.md): the client
// sends 8 bytes (big-endian: how many bytes it wants back), then its own bytes,
// and closes its side; the server then sends that many bytes and closes.
// npm has no current @libp2p/perf, so it is written out here.
import { setTimeout as sleep } from 'node:timers/promises'

export const PERF_PROTOCOL = '/perf/1.0.0'
const CHUNK = new Uint8Array(64 * 1024)

/** Sends `total` zero bytes, waiting whenever the stream says that it is full. */
async function sendBytes (stream, total) {
  for (let left = total; left > 0;) {
    const n = Math.min(left, CHUNK.byteLength)
    if (!stream.send(n === CHUNK.byteLength ? CHUNK : CHUNK.subarray(0, n))) await stream.onDrain()
    left -= n
  }
}

/** Hands each piece of data to `onBytes` until the remote closes its write side. */
async function receive (stream, onBytes) {
  for await (const data of stream) onBytes(data)
}

export function perfService () {
  return components => ({
    async start () {
      await components.registrar.handle(PERF_PROTOCOL, async stream => {
        const head = []
        await receive(stream, data => {
          for (const byte of data.subarray(0, Math.max(0, 8 - head.length))) head.push(byte)
        })
        const wanted = Buffer.from(head).readBigUInt64BE()
        await sendBytes(stream, Number(wanted))
        await stream.close()
      }, { maxInboundStreams: 64, maxOutboundStreams: 64, runOnLimitedConnection: true })
    },
    async stop () { await components.registrar.unhandle(PERF_PROTOCOL) },

    /** Uploads, then downloads, over one stream; returns bytes and seconds of each. */
    async perf (connection, upload, download) {
      const stream = await connection.newStream(PERF_PROTOCOL, { runOnLimitedConnection: true })
      let received = 0
      const done = receive(stream, data => { received += data.byteLength })
      const head = Buffer.alloc(8)
      head.writeBigUInt64BE(BigInt(download))

      const start = performance.now()
      stream.send(head)
      await sendBytes(stream, upload)
      await stream.close() // write side only: the read side stays open
      while (stream.writeBufferLength > 0) await sleep(1)
      const sent = performance.now()
      await done
      const end = performance.now()
      return { upload, download: received, uploadSeconds: (sent - start) / 1e3, downloadSeconds: (end - sent) / 1e3, seconds: (end - start) / 1e3 }
    }
  })
}
