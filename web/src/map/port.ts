/** The door to the one map. It is heavy and comes after the frame: whoever needs it follows this store. */
import { store, useStore } from '../state/store'
import type { MapEngine } from './engine'

export const engine = store<MapEngine | null>(null)
export const useMap = (): MapEngine | null => useStore(engine)

/** The position under the pointer. */
export const pointer = store<{ lon: number; lat: number } | null>(null)

export interface Hover {
  x: number
  y: number
  /** Key of the mover, or the cell, or the index of the track's point. */
  mover?: number
  cell?: { count: number; alarms: number }
  point?: number
}
export const hover = store<Hover | null>(null)

/** What the map says of itself: the first picture is drawn, or why there is none. */
export const mapState = store<{ ready: boolean; problem: string | null }>({ ready: false, problem: null })

export interface Circle {
  lon: number
  lat: number
  radius_m: number
}

/** A track's point was picked on the map. */
export const picked = store<{ point: number; at: number } | null>(null)
