/**
 * The live link: one socket for the view of the moment. It asks for a box a little larger than the view, takes each
 * frame in place, and says since when it is broken while it is.
 */
import { API, unauthenticated } from '../api/http'
import { store } from '../state/store'
import { record } from './metrics'
import { emptyTally, Movers, tally, type MoverPicture } from './movers'

export interface LinkState {
  status: 'idle' | 'connecting' | 'live' | 'broken'
  /** When the link broke, or became live. */
  since_ms: number
  kind: 'movers' | 'density' | null
  reason?: string
}

export interface Counts {
  total: number
  alarms: number
  by: Uint32Array
  at_ms: number
  density: boolean
}

export interface View {
  bbox: [number, number, number, number]
  /** The part of the box that no panel covers: what is counted as in view. */
  seen: [number, number, number, number]
  zoom: number
}

export const movers = new Movers()
export const link = store<LinkState>({ status: 'idle', since_ms: Date.now(), kind: null })
/** Published at most once a second: legends need no more. */
export const counts = store<Counts>({ total: 0, alarms: 0, by: emptyTally().by, at_ms: 0, density: false })

type Draw = () => void
const draws = new Set<Draw>()
/** Draw after each frame; returns how to stop. */
export function onFrame(draw: Draw): () => void {
  draws.add(draw)
  return () => draws.delete(draw)
}

const RETRY_MS = [500, 1000, 2000, 5000, 10000]
/** A link that says nothing for this long is taken for dead. */
const SILENCE_MS = 15_000
const MARGIN = 0.15
/** The server closes so when the session has ended. */
const SIGNED_OUT = 4401

let socket: WebSocket | null = null
let wanted = false
let view: View | null = null
let region: string | null = null
let attempts = 0
let retry: ReturnType<typeof setTimeout> | undefined
let silence: ReturnType<typeof setTimeout> | undefined
let published = 0
let publishing: ReturnType<typeof setTimeout> | undefined
let asked = ''

function publish(): void {
  clearTimeout(publishing)
  const wait = published + 1000 - performance.now()
  if (wait > 0) {
    publishing = setTimeout(publish, wait)
    return
  }
  published = performance.now()
  const made = tally(movers, emptyTally(), view?.seen)
  counts.set({
    by: made.by,
    total: made.total,
    alarms: made.alarms,
    at_ms: movers.at_ms,
    density: movers.cells !== null,
  })
}

function take(buffer: ArrayBuffer): void {
  const began = performance.now()
  const applied = movers.apply(buffer)
  const decoded = performance.now()
  for (const draw of draws) draw()
  const { records, kind: sort } = applied
  record({ decode_ms: decoded - began, draw_ms: performance.now() - decoded, records, kind: sort, movers: movers.cells ? 0 : movers.count })
  const kind = applied.kind === 'density' ? 'density' : 'movers'
  const now = link.get()
  if (now.status !== 'live' || now.kind !== kind) link.set({ status: 'live', since_ms: Date.now(), kind })
  publish()
}

function ask(): void {
  if (!view || socket?.readyState !== WebSocket.OPEN) return
  const [w, s, e, n] = view.bbox
  const dx = (e - w) * MARGIN
  const dy = (n - s) * MARGIN
  const text = JSON.stringify({
    bbox: [Math.max(-180, w - dx), Math.max(-90, s - dy), Math.min(180, e + dx), Math.min(90, n + dy)].map((x) => Number(x.toFixed(6))),
    zoom: Number(view.zoom.toFixed(2)),
    ...(region ? { region } : {}),
  })
  if (text === asked) return
  asked = text
  socket.send(text)
}

function listen(): void {
  clearTimeout(silence)
  silence = setTimeout(() => socket?.close(4000, 'silent'), SILENCE_MS)
}

function open(): void {
  clearTimeout(retry)
  if (link.get().status === 'idle') link.set({ status: 'connecting', since_ms: Date.now(), kind: null })
  const url = new URL(`${API}/movers/live`, location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const mine = new WebSocket(url)
  mine.binaryType = 'arraybuffer'
  socket = mine
  asked = ''
  mine.onopen = () => {
    attempts = 0
    ask()
    listen()
  }
  mine.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
    listen()
    if (typeof data !== 'string') take(data)
    else if (link.get().status !== 'live') link.set({ ...link.get(), status: 'live', since_ms: Date.now() })
  }
  mine.onclose = (event) => {
    if (socket !== mine) return
    clearTimeout(silence)
    socket = null
    if (!wanted) return
    if (event.code === SIGNED_OUT) {
      unauthenticated.handle()
      return
    }
    if (link.get().status !== 'broken') link.set({ status: 'broken', since_ms: Date.now(), kind: null, reason: event.reason || String(event.code) })
    retry = setTimeout(open, RETRY_MS[Math.min(attempts, RETRY_MS.length - 1)])
    attempts += 1
  }
}

/** Follow the movers; the view is given by `look`. */
export function connect(): void {
  if (wanted) return
  wanted = true
  attempts = 0
  open()
}

/** Try again now, not when the pause is over. */
export function reconnect(): void {
  if (!wanted || socket) return
  attempts = 0
  open()
}

export function disconnect(): void {
  wanted = false
  clearTimeout(retry)
  clearTimeout(silence)
  socket?.close(1000)
  socket = null
  movers.clear()
  for (const draw of draws) draw()
  published = 0
  publish()
  link.set({ status: 'idle', since_ms: Date.now(), kind: null })
}

/** Show a whole picture that did not come over the socket. */
export function showPicture(picture: MoverPicture | null, at_ms: number, category: (value: number | string, i: number) => number): void {
  if (picture) movers.load(picture, at_ms, category)
  else movers.clear()
  for (const draw of draws) draw()
  published = 0
  publish()
}

let looking: ReturnType<typeof setTimeout> | undefined
/** The view has moved: ask for what is in it, at most four times a second. */
export function look(next: View): void {
  view = next
  if (looking) return
  looking = setTimeout(() => {
    looking = undefined
    ask()
    publish()
  }, 250)
}

/** Only movers of this region and what lies under it. */
export function lookAtRegion(code: string | null): void {
  region = code
  ask()
}
