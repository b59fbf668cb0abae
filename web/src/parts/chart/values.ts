/** What a chart over time shows, as plain values; drawing it is `Drawing.tsx`'s, which comes lazily. */

/** Time in UTC ms and value; null leaves a gap. */
export type Point = [number, number | null]

export interface Line {
  id: string
  name: string
  points: Point[]
  /** `bar` for counts of an interval, `step` for what holds until it changes, `dots` for single readings. */
  kind?: 'line' | 'bar' | 'step' | 'dots'
  /** Colour token; absent: the next of the categories. */
  color?: string
  dashed?: boolean
}

/** What a forecast gives around its line: time, low, high. */
export interface Band {
  name: string
  points: [number, number, number][]
  color?: string
}

/** A line at one value: a limit, a target. */
export interface Limit {
  name: string
  value: number
  color?: string
}

/** Something that happened, as a mark on the time axis. */
export interface Mark {
  at_ms: number
  text: string
  color?: string
}

export interface ChartProps {
  /** What the chart shows, for readers of screens and above the chart's file. */
  label: string
  lines: Line[]
  unit?: string
  /** Decimals of the values. */
  digits?: number
  band?: Band
  /** What it is compared with: last week, the model's naive guess. Drawn dashed and grey. */
  baseline?: Line
  limits?: Limit[]
  marks?: Mark[]
  /** The moment of the clock, drawn as a line. */
  at_ms?: number | null
  from_ms?: number
  to_ms?: number
  /** Stack bars on each other. */
  stacked?: boolean
  height?: number
  /** The axis begins at zero unless this is false. */
  fromZero?: boolean
  /** A moment was clicked. */
  onTime?: (at_ms: number) => void
  /** A window of time was chosen by dragging. */
  onRange?: (from_ms: number, to_ms: number) => void
}

/** The extent of a chart's times: given, else of all its values. */
export function extent(props: Pick<ChartProps, 'lines' | 'band' | 'baseline' | 'from_ms' | 'to_ms'>): [number, number] {
  let low = props.from_ms ?? Number.POSITIVE_INFINITY
  let high = props.to_ms ?? Number.NEGATIVE_INFINITY
  const see = (at: number): void => {
    if (props.from_ms === undefined) low = Math.min(low, at)
    if (props.to_ms === undefined) high = Math.max(high, at)
  }
  for (const line of [...props.lines, ...(props.baseline ? [props.baseline] : [])]) for (const [at] of line.points) see(at)
  for (const [at] of props.band?.points ?? []) see(at)
  return [low, high]
}

/** A time on the axis, no longer than the extent needs. */
export function tick(clock: string, span_ms: number): string {
  if (span_ms < 20 * 60_000) return clock.slice(11, 19)
  if (span_ms <= 26 * 3_600_000) return clock.slice(11, 16)
  if (span_ms <= 8 * 86_400_000) return clock.slice(11, 16) === '00:00' ? clock.slice(5, 10) : clock.slice(11, 16)
  return span_ms <= 400 * 86_400_000 ? clock.slice(5, 10) : clock.slice(0, 7)
}
