/** Draws the movers of `live/link`: arrows, or density cells when the server sends those; names when few are in view. */
import type { Layer } from '@deck.gl/core'
import { ScatterplotLayer } from '@deck.gl/layers'
import type { GeoJSONSource, Map as MapLibre } from 'maplibre-gl'
import { movers } from '../live/link'
import { color, rgba } from '../theme/theme'
import { MoverLayer } from './moverLayer'

const LABELS = 'mover-labels'
const LABEL_ZOOM = 12.5
const LABEL_LIMIT = 150

export interface Look {
  /** Category id to colour token. */
  categories: Map<number, string>
  hiddenCategories: Set<number>
  hiddenStates: Set<number>
  /** Key of the selected mover. */
  selected: number | null
  /** Where the selected mover is when it is not among those in view. */
  selectedAt: [number, number] | null
  visible: boolean
  /** Something else is in the foreground. */
  faint: boolean
}

export class MoverDrawing {
  readonly look: Look = {
    categories: new Map(),
    hiddenCategories: new Set(),
    hiddenStates: new Set(),
    selected: null,
    selectedAt: null,
    visible: true,
    faint: false,
  }
  resolve: (keys: number[]) => Promise<Map<number, string>> = async () => new Map()
  /** Colour by state * 256 + category, as the bytes of the attribute. */
  private paint = new Uint32Array(256 * 256)
  private looks = new Uint32Array(0)
  private version = 0
  private size = 5
  private names = new Map<number, string>()
  private asked = 0
  private labelled = false

  constructor(private readonly map: MapLibre) {
    this.recolor()
  }

  set(change: Partial<Look>): void {
    Object.assign(this.look, change)
    if (change.categories || change.hiddenCategories || change.hiddenStates) this.recolor()
  }

  recolor(): void {
    const { categories, hiddenCategories, hiddenStates } = this.look
    const stale = pack(rgba(color('stale')))
    const unknown = pack(rgba(color('category-7')))
    for (let state = 0; state < 3; state += 1) {
      for (let category = 0; category < 256; category += 1) {
        const token = categories.get(category)
        const shown = !hiddenCategories.has(category) && !hiddenStates.has(state)
        this.paint[state * 256 + category] = !shown ? 0 : state === 2 ? stale : token ? pack(rgba(color(token))) : unknown
      }
    }
    for (let state = 3; state < 256; state += 1) this.paint.copyWithin(state * 256, 512, 768)
  }

  /** The arrows' size follows the zoom in few steps; true when it has changed. */
  zoomed(zoom: number): boolean {
    const size = zoom < 7.5 ? 3.2 : zoom < 9.5 ? 4.2 : zoom < 11.5 ? 5.5 : zoom < 14 ? 7.5 : 10
    if (size === this.size) return false
    this.size = size
    return true
  }

  layers(): Layer[] {
    if (!this.look.visible) return []
    if (movers.cells) {
      this.writeLabels()
      return this.density()
    }
    const { count } = movers
    if (this.looks.length < movers.capacity * 2) this.looks = new Uint32Array(movers.capacity * 2)
    const marks = new Uint32Array(movers.marks.buffer, 0, count)
    const { looks, paint } = this
    for (let i = 0; i < count; i += 1) {
      const mark = marks[i]
      looks[i * 2] = paint[((mark >>> 8) & 0xff) * 256 + (mark >>> 24)]
      looks[i * 2 + 1] = mark
    }
    this.writeLabels()
    const layer = new MoverLayer({
      id: 'movers',
      count,
      places: movers.places,
      looks,
      version: (this.version += 1),
      size: this.size,
      halo: this.size < 4 ? 0.8 : 1.5,
      strength: this.look.faint ? 0.25 : 1,
      casing: rgba(color('map-casing'), 220),
      alarm: rgba(color('alarm')),
    })
    return [...this.selection(), layer]
  }

  private selection(): Layer[] {
    const { selected, selectedAt } = this.look
    if (selected === null) return []
    const slot = movers.slot(selected)
    const at = slot >= 0 ? [movers.lon(slot), movers.lat(slot)] : selectedAt
    if (!at) return []
    return [
      new ScatterplotLayer({
        id: 'selected',
        data: { length: 1, attributes: { getPosition: { value: new Float64Array(at), size: 2 } } },
        radiusUnits: 'pixels',
        lineWidthUnits: 'pixels',
        getRadius: 17,
        getLineWidth: 3,
        stroked: true,
        filled: true,
        getFillColor: rgba(color('accent'), 40),
        getLineColor: rgba(color('accent')),
        updateTriggers: { getFillColor: color('accent'), getLineColor: color('accent') },
      }),
    ]
  }

  private density(): Layer[] {
    const cells = movers.cells!
    const widest = this.widest()
    const radius = new Float32Array(cells.length)
    const ring = new Uint8Array(cells.length * 4)
    const [r, g, b] = rgba(color('alarm'))
    for (let i = 0; i < cells.length; i += 1) {
      radius[i] = cellRadius(cells.count[i], cells.most, widest)
      if (cells.alarms[i]) ring.set([r, g, b, 255], i * 4)
    }
    return [
      new ScatterplotLayer({
        id: 'density',
        data: {
          length: cells.length,
          attributes: {
            getPosition: { value: cells.lonlat, size: 2 },
            getRadius: { value: radius, size: 1 },
            getLineColor: { value: ring, size: 4, normalized: true },
          },
        } as never,
        radiusUnits: 'pixels',
        lineWidthUnits: 'pixels',
        getLineWidth: 2,
        stroked: true,
        getFillColor: rgba(color('density'), 150),
        updateTriggers: { getFillColor: color('density') },
      }),
    ]
  }

  /** Radius of the fullest cell: as wide as its neighbours leave room for, pixels. */
  private widest(): number {
    const step = movers.cells?.step_deg ?? 0
    const pixels = (step * 512 * 2 ** this.map.getZoom()) / 360
    return step ? Math.max(5, Math.min(25, pixels * 0.62)) : 25
  }

  /** The cell under a point of the screen. */
  cellAt(point: { x: number; y: number }): { count: number; alarms: number } | null {
    const { cells } = movers
    if (!cells || !this.look.visible) return null
    const widest = this.widest()
    let best = -1
    let nearest = Number.POSITIVE_INFINITY
    for (let i = 0; i < cells.length; i += 1) {
      const at = this.map.project([cells.lonlat[i * 2], cells.lonlat[i * 2 + 1]])
      const distance = Math.hypot(at.x - point.x, at.y - point.y)
      if (distance < cellRadius(cells.count[i], cells.most, widest) + 2 && distance < nearest) {
        nearest = distance
        best = i
      }
    }
    return best < 0 ? null : { count: cells.count[best], alarms: cells.alarms[best] }
  }

  /** Key of the mover nearest to a point of the screen, within `radius` pixels. No read-back from the GPU. */
  find(point: { x: number; y: number }, radius: number): number | null {
    if (!this.look.visible || movers.cells) return null
    const a = this.map.unproject([point.x - radius, point.y + radius])
    const b = this.map.unproject([point.x + radius, point.y - radius])
    const { places, count, marks } = movers
    let best = -1
    let nearest = radius * radius
    for (let i = 0, p = 0; i < count; i += 1, p += 4) {
      const lon = places[p]
      const lat = places[p + 1]
      if (lon < a.lng || lon > b.lng || lat < a.lat || lat > b.lat) continue
      if (this.paint[marks[i * 4 + 1] * 256 + marks[i * 4 + 3]] === 0) continue
      const at = this.map.project([lon, lat])
      const distance = (at.x - point.x) ** 2 + (at.y - point.y) ** 2
      if (distance < nearest) {
        nearest = distance
        best = i
      }
    }
    return best < 0 ? null : movers.keys[best]
  }

  /** Names beside the movers, when the zoom is near and few are in view. */
  private writeLabels(): void {
    const source = this.map.getSource<GeoJSONSource>(LABELS)
    const wanted = this.look.visible && !movers.cells && this.map.getZoom() >= LABEL_ZOOM
    const inView = wanted ? this.inView() : []
    if (!inView.length || inView.length > LABEL_LIMIT) {
      if (source && this.labelled) source.setData({ type: 'FeatureCollection', features: [] })
      this.labelled = false
      return
    }
    const missing = inView.map((slot) => movers.keys[slot]).filter((key) => !this.names.has(key))
    if (missing.length && performance.now() - this.asked > 700) {
      this.asked = performance.now()
      if (this.names.size > 5000) this.names.clear()
      void this.resolve(missing).then((found) => {
        for (const [key, name] of found) this.names.set(key, name)
      })
    }
    if (!source) {
      this.addLabels()
      return
    }
    this.labelled = true
    source.setData({
      type: 'FeatureCollection',
      features: inView.map((slot) => ({
        type: 'Feature' as const,
        properties: { name: this.names.get(movers.keys[slot]) ?? '' },
        geometry: { type: 'Point' as const, coordinates: [movers.lon(slot), movers.lat(slot)] },
      })),
    })
  }

  private inView(): number[] {
    const bounds = this.map.getBounds()
    const [w, s, e, n] = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()]
    const found: number[] = []
    const { places, marks } = movers
    for (let i = 0; i < movers.count && found.length <= LABEL_LIMIT; i += 1) {
      const lon = places[i * 4]
      const lat = places[i * 4 + 1]
      if (lon < w || lon > e || lat < s || lat > n) continue
      if (this.paint[marks[i * 4 + 1] * 256 + marks[i * 4 + 3]] !== 0) found.push(i)
    }
    return found
  }

  private addLabels(): void {
    if (!this.map.getLayer('ground')) return
    this.map.addSource(LABELS, { type: 'geojson', data: { type: 'FeatureCollection', features: [] } })
    this.map.addLayer({
      id: LABELS,
      type: 'symbol',
      source: LABELS,
      layout: { 'text-field': ['get', 'name'], 'text-size': 12, 'text-offset': [0, 1.1], 'text-anchor': 'top', 'text-optional': true },
      paint: { 'text-color': color('map-label'), 'text-halo-color': color('map-halo'), 'text-halo-width': 1.4 },
    })
  }

  /** Layers that came later must not cover the names. */
  raiseLabels(): void {
    if (this.map.getLayer(LABELS)) this.map.moveLayer(LABELS)
  }
}

/** Area in proportion to the count. */
export const cellRadius = (count: number, most: number, widest: number): number => 2 + (widest - 2) * Math.sqrt(count / Math.max(1, most))

const pack = ([r, g, b, a]: [number, number, number, number]): number => ((a << 24) | (b << 16) | (g << 8) | r) >>> 0
