// SPDX-License-Identifier: GPL-3.0-or-later
// A js-libp2p + Helia peer that a test drives over its standard input and output.
//
//   in:   one command a line, either words      dial /ip4/127.0.0.1/tcp/4001
//         or JSON                               {"id":7,"cmd":"dial","args":["/ip4/…"]}
//   out:  one JSON object a line:
//         answers   {"id":7,"cmd":"dial","ok":true, …}  or  {"ok":false,"error":"…"}
//         events    {"event":"message", …}; the first is {"event":"ready", …}
//
// `exit`, end of input and SIGTERM stop the peer.
import { createInterface } from 'node:readline'
import { optionsFromArgs, USAGE } from './lib/args.mjs'
import { makeCommands } from './lib/commands.mjs'
import { watchEvents } from './lib/events.mjs'
import { createNode } from './lib/node.mjs'

const options = optionsFromArgs(process.argv.slice(2))
if (options.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}

const say = object => process.stdout.write(JSON.stringify(object) + '\n')
const watched = new Set()
let stopping = false
const emit = (event, detail) => {
  if (stopping) return // a node that stops reports every protocol that it drops
  if (!options.quiet || watched.has(event)) say({ event, t: Date.now(), ...detail })
}

const node = await createNode(options.node)
watchEvents(node, emit)
const commands = makeCommands(node, emit)
say({
  event: 'ready',
  pid: process.pid,
  node: process.version,
  startupMs: Math.round(performance.now()),
  ...commands.id()
})

async function stop () {
  if (stopping) return
  stopping = true
  setTimeout(() => process.exit(1), 5000).unref()
  await node.stop()
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
process.on('unhandledRejection', error => emit('unhandledRejection', { error: String(error?.stack ?? error) }))

async function run (line) {
  let id, cmd, args
  try {
    if (line.startsWith('{')) ({ id, cmd, args = [] } = JSON.parse(line))
    else [cmd, ...args] = line.split(/\s+/)
    if (cmd === 'exit') return await stop()
    if (cmd === 'watch') {
      for (const event of args) watched.add(event)
      return say({ id, cmd, ok: true })
    }
    if (!Object.hasOwn(commands, cmd)) throw new Error(`unknown command ${cmd}`)
    say({ id, cmd, ok: true, ...await commands[cmd](...args.map(String)) })
  } catch (error) {
    say({ id, cmd, ok: false, error: `${error.name}: ${error.message}` })
  }
}

createInterface({ input: process.stdin })
  .on('line', line => { if (line.trim() !== '') run(line.trim()) })
  .on('close', stop)
