/** The page's time: live, or a moment that a slider or playing moves. */
import { onAddress, param, patch } from './address'
import { store } from './store'

export interface Clock {
  /** null is live. */
  moment_ms: number | null
  playing: boolean
  /** Times real speed. */
  pace: number
}

export const PACES = [1, 5, 10, 30, 60, 300]

function read(): Pick<Clock, 'moment_ms' | 'pace'> {
  const t = param('t')
  const moment = t === null || t === 'live' ? null : Number(t)
  return { moment_ms: Number.isFinite(moment) ? moment : null, pace: Number(param('pace')) || 30 }
}

export const clock = store<Clock>({ ...read(), playing: false })

let written = 0
/** The clock is ahead of the address: a slider is being dragged, or time is playing. */
let ahead = false
let frame = 0
let last = 0
/** Playing stops here. */
let end_ms = Number.POSITIVE_INFINITY

function toAddress(force: boolean): void {
  const now = performance.now()
  ahead = !force
  if (!force && now - written < 1000) return
  written = now
  const { moment_ms, pace } = clock.get()
  patch({ t: moment_ms === null ? null : Math.round(moment_ms), pace: pace === 30 ? null : pace }, true)
}

function step(at: number): void {
  const now = clock.get()
  if (!now.playing || now.moment_ms === null) return
  const moment_ms = Math.min(end_ms, now.moment_ms + (at - last) * now.pace)
  last = at
  clock.set({ ...now, moment_ms, playing: moment_ms < end_ms })
  toAddress(moment_ms >= end_ms)
  if (moment_ms < end_ms) frame = requestAnimationFrame(step)
}

export function setMoment(moment_ms: number | null, settle = true): void {
  clock.set({ ...clock.get(), moment_ms, playing: moment_ms === null ? false : clock.get().playing })
  toAddress(settle)
}

export function setPace(pace: number): void {
  clock.set({ ...clock.get(), pace })
  toAddress(true)
}

/** Play from the moment (or `from`) until `until`. */
export function play(until: number, from?: number): void {
  const now = clock.get()
  end_ms = until
  let moment = from ?? now.moment_ms ?? Date.now()
  if (moment >= until && from !== undefined) moment = from
  clock.set({ ...now, moment_ms: moment, playing: true })
  last = performance.now()
  cancelAnimationFrame(frame)
  frame = requestAnimationFrame((at) => {
    last = at
    step(at)
  })
}

export function pause(): void {
  clock.set({ ...clock.get(), playing: false })
  toAddress(true)
}

onAddress(() => {
  const next = read()
  const now = clock.get()
  if (now.playing || ahead || (next.moment_ms === now.moment_ms && next.pace === now.pace)) return
  if (next.moment_ms !== null && now.moment_ms !== null && Math.abs(next.moment_ms - now.moment_ms) < 1) return
  clock.set({ ...now, ...next })
})
