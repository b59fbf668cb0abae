/** Draw on the map: a point, a line or an area, corner by corner. A double click or Enter ends it, Backspace takes back. */
import type { Geometry, Position } from 'geojson'
import { LineLayer, ScatterplotLayer, SolidPolygonLayer } from '@deck.gl/layers'
import type { Layer } from '@deck.gl/core'
import type { LngLat, Map as MapLibre, MapMouseEvent } from 'maplibre-gl'
import { color, rgba } from '../theme/theme'
import type { DrawKind } from './port'

const round = (degrees: number): number => Math.round(degrees * 1e6) / 1e6
const LEAST: Record<DrawKind, number> = { point: 1, line: 2, polygon: 3 }
const CLOSE_PX = 10

export class DrawTool {
  active = false
  private kind: DrawKind = 'point'
  private corners: Position[] = []
  private loose: Position | null = null
  private done = true
  private changed: (geometry: Geometry | null, done: boolean) => void = () => undefined

  constructor(
    private readonly map: MapLibre,
    private readonly redraw: () => void,
  ) {}

  /** Take the map's clicks until the returned function is called. `changed` hears of each corner. */
  start(kind: DrawKind, from: Geometry | null, changed: (geometry: Geometry | null, done: boolean) => void): () => void {
    this.active = true
    this.kind = kind
    this.corners = cornersOf(from)
    this.done = this.corners.length >= LEAST[kind]
    this.changed = changed
    this.map.getCanvas().style.cursor = 'crosshair'
    this.map.doubleClickZoom.disable()
    const move = (event: MapMouseEvent): void => {
      if (this.done || !this.corners.length || this.kind === 'point') return
      this.loose = [event.lngLat.lng, event.lngLat.lat]
      this.redraw()
    }
    const twice = (event: MapMouseEvent): void => {
      event.preventDefault()
      this.finish()
    }
    const key = (event: KeyboardEvent): void => {
      const field = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)
      if (field || this.done) return
      if (event.key === 'Enter') this.finish()
      else if (event.key === 'Backspace') this.takeBack()
      else return
      event.preventDefault()
    }
    this.map.on('mousemove', move)
    this.map.on('dblclick', twice)
    window.addEventListener('keydown', key, true)
    this.redraw()
    return () => {
      this.active = false
      this.corners = []
      this.loose = null
      this.map.off('mousemove', move)
      this.map.off('dblclick', twice)
      window.removeEventListener('keydown', key, true)
      this.map.getCanvas().style.cursor = ''
      this.map.doubleClickZoom.enable()
      this.redraw()
    }
  }

  /** Set from outside (typed numbers, another row). */
  set(geometry: Geometry | null): void {
    this.corners = cornersOf(geometry)
    this.done = this.corners.length >= LEAST[this.kind]
    this.loose = null
    this.redraw()
  }

  /** Returns true when the click was the tool's. */
  click(at: LngLat): boolean {
    if (!this.active) return false
    const corner: Position = [round(at.lng), round(at.lat)]
    if (this.done) this.corners = []
    this.done = false
    const first = this.corners[0]
    if (this.kind === 'polygon' && this.corners.length >= LEAST.polygon && first && this.apart_px(first, at) <= CLOSE_PX) {
      this.finish()
      return true
    }
    const last = this.corners[this.corners.length - 1]
    // The second click of a double one is no corner of its own.
    if (!last || this.apart_px(last, at) > 4) this.corners = [...this.corners, corner]
    if (this.kind === 'point') this.finish()
    else this.changed(this.geometry(), false)
    this.redraw()
    return true
  }

  private apart_px([lon, lat]: Position, at: LngLat): number {
    const a = this.map.project([lon, lat])
    const b = this.map.project(at)
    return Math.hypot(a.x - b.x, a.y - b.y)
  }

  takeBack(): void {
    this.corners = this.corners.slice(0, -1)
    this.changed(this.geometry(), false)
    this.redraw()
  }

  finish(): void {
    if (this.done || this.corners.length < LEAST[this.kind]) return
    this.done = true
    this.loose = null
    this.changed(this.geometry(), true)
    this.redraw()
  }

  private geometry(): Geometry | null {
    const { corners, kind } = this
    if (corners.length < LEAST[kind]) return null
    if (kind === 'point') return { type: 'Point', coordinates: corners[0] }
    if (kind === 'line') return { type: 'LineString', coordinates: corners }
    return { type: 'Polygon', coordinates: [[...corners, corners[0]]] }
  }

  layers(): Layer[] {
    const { corners, kind } = this
    if (!this.active || !corners.length) return []
    const ink = rgba(color('accent'))
    const path = this.loose && !this.done ? [...corners, this.loose] : corners
    const closed = kind === 'polygon' && path.length > 2 ? [...path, path[0]] : path
    const segments = closed.slice(1).map((to, i) => ({ from: closed[i], to }))
    const made: Layer[] = []
    if (kind === 'polygon' && path.length > 2) made.push(new SolidPolygonLayer({ id: 'draw-area', data: [path], getPolygon: (ring: Position[]) => ring as never, getFillColor: rgba(color('accent'), 45) }))
    made.push(
      new LineLayer({ id: 'draw-line', data: segments, getSourcePosition: (d) => d.from as never, getTargetPosition: (d) => d.to as never, widthUnits: 'pixels', getWidth: 2.5, getColor: ink }),
      new ScatterplotLayer({ id: 'draw-corners', data: corners, getPosition: (corner: Position) => corner as never, radiusUnits: 'pixels', lineWidthUnits: 'pixels', getRadius: kind === 'point' ? 7 : 5, stroked: true, getLineWidth: 2, getFillColor: ink, getLineColor: rgba(color('map-casing')) }),
    )
    return made
  }
}

function cornersOf(geometry: Geometry | null): Position[] {
  if (geometry?.type === 'Point') return [geometry.coordinates]
  if (geometry?.type === 'LineString') return geometry.coordinates
  if (geometry?.type === 'Polygon') return geometry.coordinates[0].slice(0, -1)
  return []
}
