/** A track on the map: its line coloured by speed, its points, its alarms, and where the mover was at the moment. */
import type { Layer } from '@deck.gl/core'
import { LineLayer, ScatterplotLayer } from '@deck.gl/layers'
import type { Map as MapLibre } from 'maplibre-gl'
import type { TrackColumns } from '../api/types'
import { color, rgba } from '../theme/theme'
import { MoverLayer, ROW } from './moverLayer'
import { GAP_MS, SPEED_CLASSES, speedClass, type Moment } from './trackMath'

const POINT_LIMIT = 5000

export class TrackDrawing {
  private track: TrackColumns | null = null
  private moment: Moment | null = null
  private chosen: number | null = null
  private line: Layer[] = []

  constructor(private readonly redraw: () => void) {}

  set(track: TrackColumns | null): void {
    this.track = track?.time_ms.length ? track : null
    this.moment = null
    this.chosen = null
    this.line = []
    this.redraw()
  }

  at(moment: Moment | null): void {
    this.moment = moment
    this.redraw()
  }

  choose(index: number | null): void {
    this.chosen = index
    this.redraw()
  }

  bounds(): [number, number, number, number] | null {
    const { track } = this
    if (!track) return null
    const box: [number, number, number, number] = [180, 90, -180, -90]
    for (let i = 0; i < track.lon.length; i += 1) {
      if (track.flags[i]) continue
      box[0] = Math.min(box[0], track.lon[i])
      box[1] = Math.min(box[1], track.lat[i])
      box[2] = Math.max(box[2], track.lon[i])
      box[3] = Math.max(box[3], track.lat[i])
    }
    return box[0] > box[2] ? null : box
  }

  /** Index of the point under a place of the screen. */
  find(map: MapLibre, point: { x: number; y: number }, radius: number): number | null {
    const { track } = this
    if (!track) return null
    const a = map.unproject([point.x - radius, point.y + radius])
    const b = map.unproject([point.x + radius, point.y - radius])
    let best: number | null = null
    let nearest = radius * radius
    for (let i = 0; i < track.lon.length; i += 1) {
      if (track.lon[i] < a.lng || track.lon[i] > b.lng || track.lat[i] < a.lat || track.lat[i] > b.lat) continue
      const at = map.project([track.lon[i], track.lat[i]])
      const distance = (at.x - point.x) ** 2 + (at.y - point.y) ** 2
      if (distance < nearest) {
        nearest = distance
        best = i
      }
    }
    return best
  }

  get shown(): boolean {
    return this.track !== null
  }

  layers(): Layer[] {
    const { track, moment, chosen } = this
    if (!track) return []
    if (!this.line.length) this.line = this.makeLine(track)
    const made: Layer[] = [...this.line]
    if (chosen !== null) {
      made.push(
        new ScatterplotLayer({
          id: 'track-chosen',
          data: one(track.lon[chosen], track.lat[chosen]),
          radiusUnits: 'pixels',
          lineWidthUnits: 'pixels',
          getRadius: 8,
          getLineWidth: 3,
          stroked: true,
          filled: false,
          getLineColor: rgba(color('ink')),
        }),
      )
    }
    if (moment) {
      made.push(
        new MoverLayer({
          id: 'track-moment',
          count: 1,
          ...single(moment),
          size: 12,
          casing: rgba(color('map-casing'), 255),
        }),
      )
    }
    return made
  }

  private makeLine(track: TrackColumns): Layer[] {
    const n = track.time_ms.length
    const from = new Float64Array(n * 2)
    const to = new Float64Array(n * 2)
    const colors = new Uint8Array(n * 4)
    const classes = SPEED_CLASSES.map((_, i) => rgba(color(`speed-${i}`)))
    let segments = 0
    let last = -1
    for (let i = 0; i < n; i += 1) {
      if (track.flags[i]) continue // suspicious points are drawn, but the line does not go through them
      if (last >= 0 && track.time_ms[i] - track.time_ms[last] <= GAP_MS) {
        from.set([track.lon[last], track.lat[last]], segments * 2)
        to.set([track.lon[i], track.lat[i]], segments * 2)
        colors.set(classes[speedClass(track.speed_kmh[i])], segments * 4)
        segments += 1
      }
      last = i
    }
    const data = {
      length: segments,
      attributes: {
        getSourcePosition: { value: from.subarray(0, segments * 2), size: 2 },
        getTargetPosition: { value: to.subarray(0, segments * 2), size: 2 },
        getColor: { value: colors.subarray(0, segments * 4), size: 4, normalized: true },
      },
    }
    return [
      new LineLayer({
        id: 'track-casing',
        data: { length: segments, attributes: { getSourcePosition: data.attributes.getSourcePosition, getTargetPosition: data.attributes.getTargetPosition } },
        widthUnits: 'pixels',
        antialiasing: true,
        getWidth: 7,
        getColor: rgba(color('map-casing'), 230),
      }),
      new LineLayer({ id: 'track-line', data, widthUnits: 'pixels', antialiasing: true, getWidth: 4 }),
      ...this.makePoints(track),
    ]
  }

  private makePoints(track: TrackColumns): Layer[] {
    const n = track.time_ms.length
    const step = Math.ceil(n / POINT_LIMIT)
    const places: number[] = []
    const fills: number[] = []
    const rings: number[] = []
    const sizes: number[] = []
    const alarm = rgba(color('alarm'))
    const stale = rgba(color('stale'))
    const put = (i: number, fill: number[], ring: number[], size: number): void => {
      places.push(track.lon[i], track.lat[i])
      fills.push(...fill)
      rings.push(...ring)
      sizes.push(size)
    }
    const none = [0, 0, 0, 0]
    const own = SPEED_CLASSES.map((_, i) => rgba(color(`speed-${i}`)))
    for (let i = 0; i < n; i += step) if (!track.alarm[i] && !track.flags[i]) put(i, own[speedClass(track.speed_kmh[i])], none, 3)
    // What must not be overlooked lies on top, and none of it is left out.
    for (let i = 0; i < n; i += 1) {
      if (track.flags[i]) put(i, none, stale, 4)
      else if (track.alarm[i]) put(i, own[speedClass(track.speed_kmh[i])], alarm, 5.5)
    }
    return [
      new ScatterplotLayer({
        id: 'track-points',
        data: {
          length: sizes.length,
          attributes: {
            getPosition: { value: new Float64Array(places), size: 2 },
            getFillColor: { value: new Uint8Array(fills), size: 4, normalized: true },
            getLineColor: { value: new Uint8Array(rings), size: 4, normalized: true },
            getRadius: { value: new Float32Array(sizes), size: 1 },
          },
        } as never,
        radiusUnits: 'pixels',
        lineWidthUnits: 'pixels',
        stroked: true,
        getLineWidth: 2,
      }),
    ]
  }
}

const one = (lon: number, lat: number): { length: number; attributes: Record<string, { value: Float64Array; size: number }> } => ({
  length: 1,
  attributes: { getPosition: { value: new Float64Array([lon, lat]), size: 2 } },
})

let version = 0

/** The arrays of one mover, as its layer takes them. */
function single({ lon, lat, heading_deg }: Moment): { places: Float32Array; looks: Uint32Array; version: number } {
  const places = new Float32Array(ROW * 4)
  places.set([lon, lat, lon - Math.fround(lon), lat - Math.fround(lat)])
  const looks = new Uint32Array(ROW * 2)
  const [r, g, b, a] = rgba(color('ink'))
  looks.set([((a << 24) | (b << 16) | (g << 8) | r) >>> 0, (heading_deg % 360) >> 1])
  version += 1
  return { places, looks, version }
}
