// SPDX-License-Identifier: GPL-3.0-or-later
// Measuring on a small machine that others may be using at the same time: waits for a
// quiet moment before each sample and repeats a sample that others disturbed.
import { readFileSync, readdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { median, quantile } from './driver.mjs'

const CORES = cpus().length
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))

/** Busy CPU ticks of the whole machine since it started. */
function machineTicks () {
  const [user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/).slice(1).map(Number)
  return user + nice + system + irq + softirq
}

/** CPU ticks of this process and everything below it (processes that ended included). */
function ourTicks () {
  const stats = new Map()
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
      stats.set(Number(pid), { parent: Number(fields[1]), own: Number(fields[11]) + Number(fields[12]), children: Number(fields[13]) + Number(fields[14]) })
    } catch {} // it ended meanwhile
  }
  const ours = pid => pid === process.pid || (stats.has(pid) && ours(stats.get(pid).parent))
  let total = 0
  for (const [pid, stat] of stats) if (ours(pid)) total += stat.own + stat.children
  return total
}

async function waitQuiet (limitMs) {
  for (const end = Date.now() + limitMs; Date.now() < end;) {
    const before = machineTicks() - ourTicks()
    await sleep(400)
    if (machineTicks() - ourTicks() - before <= 0.05 * CORES * 40) return // at most 5 % in others' hands
  }
}

/**
 * Runs `sample` until `count` undisturbed results are there (or 2 × count tries were made;
 * then the least disturbed ones count). Returns the results.
 */
export async function samples (count, sample, { quietMs = 3_000, allowed = 0.1 } = {}) {
  const results = []
  for (let tries = 0; tries < 2 * count; tries++) {
    await waitQuiet(quietMs)
    const start = Date.now()
    const others = machineTicks() - ourTicks()
    const result = await sample()
    const elapsedTicks = (Date.now() - start) / 10
    const share = Math.max(0, machineTicks() - ourTicks() - others) / Math.max(1, elapsedTicks * CORES)
    results.push({ share, result })
    if (results.filter(r => r.share <= allowed).length >= count) break
  }
  results.sort((a, b) => a.share - b.share)
  const kept = results.slice(0, count)
  samples.disturbance = Math.max(samples.disturbance ?? 0, ...kept.map(r => r.share))
  return kept.map(r => r.result)
}

const round = value => Number(value.toPrecision(4))

/** { median, min, max, n } of numbers. */
export const summary = values => ({ median: round(median(values)), min: round(Math.min(...values)), max: round(Math.max(...values)), n: values.length })
/** { p50, p95, p99, max, n } of numbers. */
export const percentiles = values => ({
  p50: round(quantile(values, 0.5)), p95: round(quantile(values, 0.95)), p99: round(quantile(values, 0.99)), max: round(Math.max(...values)), n: values.length
})

/** Resident memory of a process in MiB. */
export const rssMiB = pid => round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024)

export function report (name, value) {
  console.log(JSON.stringify({ bench: name, node: process.version, othersShare: round(samples.disturbance ?? 0), ...value }))
  samples.disturbance = 0
}
