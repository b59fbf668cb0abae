/** The door to the one map. It is heavy and comes after the frame: whoever needs it follows this store. */
import type { Feature, FeatureCollection, Geometry } from 'geojson'
import { useEffect, useRef } from 'react'
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
  /** A feature of a layer that has something behind it. */
  feature?: FeatureHit
}

/** A feature of a layer, as its tile tells it. */
export interface FeatureHit {
  layer: string
  id: string
  name: string
  /** What stands beside the name: a stake, a level. */
  more: string
  urn: string | null
}
export const hover = store<Hover | null>(null)

/** What the map says of itself: the first picture is drawn, or why there is none. */
export const mapState = store<{ ready: boolean; problem: string | null }>({ ready: false, problem: null })

export interface Circle {
  lon: number
  lat: number
  radius_m: number
}

/** Pixels of the map that its open legend covers. */
export const legendWidth = store(0)

/** A feature of a layer was picked on the map. */
export const pickedFeature = store<{ feature: FeatureHit; at: number } | null>(null)

/** A track's point was picked on the map. */
export const picked = store<{ point: number; at: number } | null>(null)

export type DrawKind = 'point' | 'line' | 'polygon'

export interface OverlayOptions {
  /** Move the map so that all of it is seen, once for each new value of this key; absent: the map stays. */
  fit?: string | null
  /** A feature was clicked. */
  onPick?: (feature: Feature) => void
}

/**
 * Draw GeoJSON on the map while the component is there. Properties say how: `color` (a token), `width`, `dash`, `fill`,
 * `radius`, `label`, `shape` (`dot` or `ring`).
 *
 * @param name of the drawing, `<domain>.<what>`; two components must not share one.
 * @param data features, or null for nothing. Give the same object as long as it is the same drawing.
 */
export function useOverlay(name: string, data: FeatureCollection | Feature | Geometry | null, { fit, onPick }: OverlayOptions = {}): void {
  const map = useMap()
  const pick = useRef(onPick)
  pick.current = onPick
  const picks = onPick !== undefined
  const fitted = useRef<string | null>(null)
  useEffect(() => {
    if (!map || !data) return
    map.overlays.set(name, collection(data), picks ? (feature) => pick.current?.(feature) : undefined)
    if (fit && fitted.current !== fit) {
      fitted.current = fit
      const box = map.overlays.bounds(name)
      if (box) map.fit(box)
    }
  }, [map, name, data, picks, fit])
  const shown = data !== null
  useEffect(() => {
    if (map && shown) return () => map.overlays.remove(name)
  }, [map, name, shown])
}

function collection(data: FeatureCollection | Feature | Geometry): FeatureCollection {
  if (data.type === 'FeatureCollection') return data
  return { type: 'FeatureCollection', features: [data.type === 'Feature' ? data : { type: 'Feature', properties: {}, geometry: data }] }
}

/**
 * Draw a point, a line or an area on the map with clicks, while `kind` is not null.
 *
 * @param onChange hears of every corner; `done` when the shape is finished.
 */
export function useDraw(kind: DrawKind | null, value: Geometry | null, onChange: (geometry: Geometry | null, done: boolean) => void): void {
  const map = useMap()
  const latest = useRef({ value, onChange })
  latest.current = { value, onChange }
  useEffect(() => {
    if (!map || !kind) return
    return map.draw.start(kind, latest.current.value, (geometry, done) => latest.current.onChange(geometry, done))
  }, [map, kind])
}
