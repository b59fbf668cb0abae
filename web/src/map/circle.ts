/** Draw a circle: the first click sets its centre, the second its radius; both can be typed too. */
import type { Layer } from '@deck.gl/core'
import { ScatterplotLayer } from '@deck.gl/layers'
import type { LngLat, Map as MapLibre, MapMouseEvent } from 'maplibre-gl'
import { color, rgba } from '../theme/theme'
import type { Circle } from './port'
import { distance_m } from './shapes'

export class CircleTool {
  active = false
  private circle: Circle | null = null
  private sizing = false
  private changed: (circle: Circle) => void = () => undefined

  constructor(
    private readonly map: MapLibre,
    private readonly redraw: () => void,
  ) {}

  /** Take the map's clicks until the returned function is called. */
  start(circle: Circle | null, changed: (circle: Circle) => void): () => void {
    this.active = true
    this.circle = circle
    this.sizing = false
    this.changed = changed
    this.map.getCanvas().style.cursor = 'crosshair'
    const move = (event: MapMouseEvent): void => {
      if (this.sizing) this.size(event.lngLat, false)
    }
    this.map.on('mousemove', move)
    this.redraw()
    return () => {
      this.active = false
      this.circle = null
      this.map.off('mousemove', move)
      this.map.getCanvas().style.cursor = ''
      this.redraw()
    }
  }

  /** Set from outside (typed numbers). */
  set(circle: Circle | null): void {
    this.circle = circle
    this.redraw()
  }

  /** Returns true when the click was the tool's. */
  click(at: LngLat): boolean {
    if (!this.active) return false
    if (this.sizing) this.size(at, true)
    else {
      this.sizing = true
      this.circle = { lon: round(at.lng), lat: round(at.lat), radius_m: this.circle?.radius_m ?? 500 }
      this.changed(this.circle)
    }
    this.redraw()
    return true
  }

  private size(at: LngLat, done: boolean): void {
    if (!this.circle) return
    const radius_m = Math.max(10, Math.round(distance_m(this.circle.lon, this.circle.lat, at.lng, at.lat)))
    this.circle = { ...this.circle, radius_m }
    this.sizing = !done
    this.changed(this.circle)
    this.redraw()
  }

  layers(): Layer[] {
    if (!this.circle) return []
    const { lon, lat, radius_m } = this.circle
    const data = { length: 1, attributes: { getPosition: { value: new Float64Array([lon, lat]), size: 2 } } }
    const line = rgba(color('accent'))
    return [
      new ScatterplotLayer({
        id: 'circle',
        data,
        getRadius: radius_m,
        lineWidthUnits: 'pixels',
        getLineWidth: 2,
        stroked: true,
        getFillColor: rgba(color('accent'), 45),
        getLineColor: line,
      }),
      new ScatterplotLayer({ id: 'circle-centre', data, radiusUnits: 'pixels', getRadius: 4, getFillColor: line }),
    ]
  }
}

const round = (degrees: number): number => Math.round(degrees * 1e6) / 1e6
