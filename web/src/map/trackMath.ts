/** Arithmetic of tracks, without any drawing. */
import type { TrackColumns } from '../api/types'

/** Lower edges of the speed classes in km/h. */
export const SPEED_CLASSES = [0, 20, 40, 60, 80, 100]

export const speedClass = (speed_kmh: number): number => {
  let found = 0
  for (let i = 1; i < SPEED_CLASSES.length; i += 1) if (speed_kmh >= SPEED_CLASSES[i]) found = i
  return found
}

/** Two points further apart in time than this are not joined: nothing is known of what lies between. */
export const GAP_MS = 10 * 60_000

export interface Moment {
  lon: number
  lat: number
  heading_deg: number
  /** Index of the last point at or before the moment. */
  index: number
}

/** Index of the last element of an ascending list that is not above `value`; -1 when there is none. */
export function lastAtOrBefore(list: ArrayLike<number>, value: number): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (list[middle] <= value) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** Where the mover was at a moment: between two points in proportion to time, unless the gap is too long. */
export function momentOf(track: TrackColumns, at_ms: number): Moment | null {
  const index = lastAtOrBefore(track.time_ms, at_ms)
  if (index < 0) return null
  const here: Moment = { lon: track.lon[index], lat: track.lat[index], heading_deg: track.heading_deg[index], index }
  const next = index + 1
  if (next >= track.time_ms.length) return here
  const span = track.time_ms[next] - track.time_ms[index]
  if (span <= 0 || span > GAP_MS) return here
  const f = (at_ms - track.time_ms[index]) / span
  return { ...here, lon: here.lon + (track.lon[next] - here.lon) * f, lat: here.lat + (track.lat[next] - here.lat) * f }
}
