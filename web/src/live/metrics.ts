/**
 * What the page costs, for the benches: `window.__tongqu.metrics`. Times are script time on the main thread in ms:
 * `updates` is decoding a frame, handing it to the layers and the next drawing call, together, newest last.
 */
export interface Update {
  decode_ms: number
  draw_ms: number
  records: number
  kind: string
  /** Movers that are held now; none where they are drawn by density. */
  movers: number
}

const KEPT = 600

export const metrics = {
  /** decode + draw + the paint call that follows, ms, the last 600. */
  updates: [] as number[],
  decode: [] as number[],
  draw: [] as number[],
  paint: [] as number[],
  frames: 0,
  records: 0,
  kind: '',
  movers: 0,
  /** Tasks over 50 ms as the browser reports them: [start, duration] ms since navigation. */
  long_tasks: [] as [number, number][],
  /** Times at which the map or the movers were drawn, ms since navigation. */
  painted: [] as number[],
  renderer: '',
}

function keep(list: number[], value: number): void {
  list.push(value)
  if (list.length > KEPT) list.shift()
}

let pending: Update | null = null

function settle(paint_ms: number): void {
  if (!pending) return
  keep(metrics.decode, pending.decode_ms)
  keep(metrics.draw, pending.draw_ms)
  keep(metrics.paint, paint_ms)
  keep(metrics.updates, pending.decode_ms + pending.draw_ms + paint_ms)
  pending = null
}

/** A frame came in. */
export function record(update: Update): void {
  settle(0)
  pending = update
  metrics.frames += 1
  metrics.records += update.records
  metrics.kind = update.kind
  metrics.movers = update.movers
}

/** The layers were drawn in `ms` of script. */
export function painted(ms: number): void {
  settle(ms)
  keep(metrics.painted, performance.now())
}

declare global {
  interface Window {
    __tongqu?: { metrics: typeof metrics; [name: string]: unknown }
  }
}

window.__tongqu = { ...window.__tongqu, metrics }

if (typeof PerformanceObserver !== 'undefined' && PerformanceObserver.supportedEntryTypes?.includes('longtask')) {
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      metrics.long_tasks.push([entry.startTime, entry.duration])
      if (metrics.long_tasks.length > KEPT) metrics.long_tasks.shift()
    }
  }).observe({ type: 'longtask', buffered: true })
}
