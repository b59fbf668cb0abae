/**
 * The one map. Ground and network are MapLibre's, what moves is deck.gl's on a canvas of its own, so that an update of
 * the movers never paints the ground again. It lives as long as the page and keeps its view.
 */
import { MapboxOverlay } from '@deck.gl/mapbox'
import type { Layer } from '@deck.gl/core'
import * as maplibregl from 'maplibre-gl'
import 'maplibre-gl/dist/maplibre-gl.css'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import type { MapLayer, Meta } from '../api/types'
import { look, movers, onFrame } from '../live/link'
import { metrics, painted } from '../live/metrics'
import { onAddress, openedWith, param, patch } from '../state/address'
import { color, mode } from '../theme/theme'
import { FONT } from '../theme/tokens'
import { CircleTool } from './circle'
import { DrawTool } from './draw'
import { MoverDrawing } from './drawing'
import { Overlays } from './overlay'
import { Features } from './features'
import { hover, mapState, picked, pickedFeature, pointer, type Circle, type Hover } from './port'
import { isShield, shield } from './shields'
import { address, baseStyle, fade, GROUND, sourceOf, styleOf, SYMBOLS } from './style'
import { TrackDrawing } from './track'

maplibregl.setWorkerUrl(workerUrl)

const PICK_PX = { mouse: 11, touch: 20 }
const WORLD: [number, number, number, number] = [73, 17, 136, 54]

export interface Padding {
  left: number
  right: number
  top: number
  bottom: number
}

export class MapEngine {
  readonly map: maplibregl.Map
  readonly track: TrackDrawing
  readonly circle: CircleTool
  /** Shapes that a page has drawn by the person's clicks. */
  readonly draw: DrawTool
  /** What pages show on the map. */
  readonly overlays: Overlays
  /** What the tiles of the layers hold at a place, and how much. */
  readonly features: Features
  /** Called with the key of a mover that was picked, or null for empty ground. */
  onPick: (key: number | null) => void = () => undefined
  private readonly overlay: MapboxOverlay
  private readonly drawing: MoverDrawing
  private layers: MapLayer[] = []
  private shown = new Set<string>()
  private opacity = new Map<string, number>()
  private padding: Padding = { left: 0, right: 0, top: 0, bottom: 0 }
  private queued = false
  /** The view is the one it started with, and nobody asked for it. */
  private fresh: boolean
  private stops: (() => void)[] = []

  constructor(
    container: HTMLElement,
    private readonly meta: Meta,
  ) {
    const view = readView()
    this.fresh = view === null
    this.map = new maplibregl.Map({
      container,
      style: baseStyle(meta.basemap),
      ...(view ? { center: [view.lon, view.lat] as [number, number], zoom: view.zoom } : { bounds: meta.bounds ?? WORLD, fitBoundsOptions: { padding: 24 } }),
      localIdeographFontFamily: FONT,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxPitch: 0,
      fadeDuration: 0,
      renderWorldCopies: false,
      maxZoom: 20,
      minZoom: 2,
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.keyboard.disableRotation()
    this.map.setMissingStyleImageResolver((id) => {
      if (!isShield(id) || this.map.hasImage(id)) return
      const made = shield(id, Math.max(1, window.devicePixelRatio))
      this.map.addImage(id, made.image, { pixelRatio: made.pixelRatio })
    })
    this.map.addControl(new maplibregl.ScaleControl({ maxWidth: 96, unit: 'metric' }), 'bottom-left')
    let began = 0
    this.overlay = new MapboxOverlay({
      interleaved: false,
      layers: [],
      useDevicePixels: true,
      // Shapes and lines soften their own edges; multisampling would cost a machine without a graphics card most.
      deviceProps: { webgl: { antialias: false } },
      onBeforeRender: () => {
        began = performance.now()
      },
      onAfterRender: () => painted(performance.now() - began),
      onError: (error: Error) => console.error(error),
    } as ConstructorParameters<typeof MapboxOverlay>[0])
    this.map.addControl(this.overlay)
    this.drawing = new MoverDrawing(this.map)
    this.track = new TrackDrawing(() => this.redraw())
    this.circle = new CircleTool(this.map, () => this.redraw())
    this.draw = new DrawTool(this.map, () => this.redraw())
    this.overlays = new Overlays(this.map)
    this.features = new Features(this.map, () => this.layers.filter((layer) => this.shown.has(layer.id)))
    this.follow()
    const gl = this.map.getCanvas().getContext('webgl2')
    const info = gl?.getExtension('WEBGL_debug_renderer_info')
    metrics.renderer = gl ? String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER)) : ''
    if (window.__tongqu) window.__tongqu.map = this.map
  }

  private follow(): void {
    const { map } = this
    map.on('load', () => {
      mapState.set({ ready: true, problem: null })
      this.tellView()
      this.redraw()
    })
    map.on('error', ({ error }) => console.warn('map:', error?.message ?? error))
    map.on('move', () => this.tellView())
    map.on('moveend', () => this.writeView())
    let at: maplibregl.MapMouseEvent | null = null
    let frame = 0
    map.on('mousemove', (event) => {
      at = event
      frame ||= requestAnimationFrame(() => {
        frame = 0
        if (at) this.point(at)
      })
    })
    map.on('mouseout', () => {
      at = null
      pointer.set(null)
      hover.set(null)
    })
    map.on('click', (event) => this.click(event))
    this.stops.push(
      onFrame(() => this.redraw(true)),
      mode.follow(() => this.restyle()),
      onAddress(() => this.readAddress()),
    )
    this.readAddress()
  }

  /** The address may bring another view (a pasted link, the back button). */
  private readAddress(): void {
    const view = readView()
    if (!view || this.map.isMoving()) return
    const { lng, lat } = this.map.getCenter()
    if (Math.abs(lng - view.lon) > 1e-4 || Math.abs(lat - view.lat) > 1e-4 || Math.abs(this.map.getZoom() - view.zoom) > 0.02) {
      this.map.jumpTo({ center: [view.lon, view.lat], zoom: view.zoom })
    }
  }

  private writeView(): void {
    const { lng, lat } = this.map.getCenter()
    patch({ m: `${lng.toFixed(4)},${lat.toFixed(4)},${this.map.getZoom().toFixed(2)}` }, true)
  }

  private tellView(): void {
    const bounds = this.map.getBounds()
    const zoom = this.map.getZoom()
    const { clientWidth, clientHeight } = this.map.getContainer()
    const { left, right, top, bottom } = this.padding
    const low = this.map.unproject([left, clientHeight - bottom])
    const high = this.map.unproject([clientWidth - right, top])
    look({ bbox: [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()], seen: [low.lng, low.lat, high.lng, high.lat], zoom })
    if (this.drawing.zoomed(zoom) || movers.cells) this.redraw()
  }

  private point(event: maplibregl.MapMouseEvent): void {
    const { lng, lat } = event.lngLat
    pointer.set({ lon: lng, lat })
    if (this.circle.active || this.draw.active) {
      hover.set(null)
      return
    }
    const found = this.find(event.point, PICK_PX.mouse)
    this.map.getCanvas().style.cursor = found || this.overlays.find(event.point, 4) ? 'pointer' : ''
    hover.set(found)
  }

  private find(point: { x: number; y: number }, radius: number): Hover | null {
    const onTrack = this.track.find(this.map, point, radius)
    if (onTrack !== null) return { ...xy(point), point: onTrack }
    const cell = this.drawing.cellAt(point)
    if (cell) return { ...xy(point), cell }
    const key = this.drawing.find(point, radius)
    if (key !== null) return { ...xy(point), mover: key }
    const feature = this.features.at(point, Math.min(radius, 8))
    return feature && { ...xy(point), feature }
  }

  private click(event: maplibregl.MapMouseEvent): void {
    if (this.circle.click(event.lngLat) || this.draw.click(event.lngLat)) return
    const touch = 'pointerType' in event.originalEvent && event.originalEvent.pointerType === 'touch'
    const found = this.find(event.point, touch ? PICK_PX.touch : PICK_PX.mouse)
    const open = found ? null : this.overlays.find(event.point, touch ? 12 : 5)
    if (open) open()
    else if (found?.point !== undefined) picked.set({ point: found.point, at: Date.now() })
    else if (found?.feature) pickedFeature.set({ feature: found.feature, at: Date.now() })
    else if (found?.cell) this.map.easeTo({ center: event.lngLat, zoom: this.map.getZoom() + 1.6 })
    else this.onPick(found?.mover ?? null)
  }

  /** Give the layers to deck.gl: at once when a frame came, else once per animation frame. */
  redraw(now = false): void {
    if (now) {
      this.overlay.setProps({ layers: this.stack() })
      return
    }
    if (this.queued) return
    this.queued = true
    requestAnimationFrame(() => {
      this.queued = false
      this.overlay.setProps({ layers: this.stack() })
    })
  }

  private stack(): Layer[] {
    this.drawing.look.faint = this.track.shown
    return [...this.drawing.layers(), ...this.track.layers(), ...this.circle.layers(), ...this.draw.layers()]
  }

  /** What the mover layers show: colours, hidden categories and states, the selected mover. */
  show(change: Partial<MoverDrawing['look']>): void {
    this.drawing.set(change)
    this.redraw()
  }

  /** Name the movers in view, when few enough are: `labels` resolves keys. */
  set labels(resolve: (keys: number[]) => Promise<Map<number, string>>) {
    this.drawing.resolve = resolve
  }

  setLayers(layers: MapLayer[], shown: Set<string>, opacity: Map<string, number>): void {
    this.layers = layers
    this.shown = shown
    this.opacity = opacity
    if (this.map.isStyleLoaded() || this.map.getLayer(GROUND)) this.applyLayers()
    else this.map.once('styledata', () => this.applyLayers())
  }

  private applyLayers(): void {
    const { map } = this
    for (const layer of this.layers) {
      const source = sourceOf(layer)
      if (!source) continue
      if (!map.getSource(layer.id)) {
        map.addSource(layer.id, source)
        // Symbols stand above everything; the rest keeps the order of the list below the mark.
        for (const part of styleOf(layer)) map.addLayer(part, part.type === 'symbol' ? undefined : SYMBOLS)
      }
      for (const part of styleOf(layer)) map.setLayoutProperty(part.id, 'visibility', this.shown.has(layer.id) ? 'visible' : 'none')
      const k = this.opacity.get(layer.id) ?? 1
      if (k !== 1 || this.faded.has(layer.id)) fade(map, layer, k)
      if (k === 1) this.faded.delete(layer.id)
      else this.faded.add(layer.id)
    }
    this.drawing.raiseLabels()
  }
  private faded = new Set<string>()

  /** Ask for the tiles of a layer anew: what is drawn on it has changed. */
  refresh(id: string): void {
    if (this.map.getSource(id)?.type === 'vector') this.map.refreshTiles(id)
  }

  /** Whether the layer can be drawn at the zoom of the moment. */
  inRange(layer: MapLayer): boolean {
    const zoom = this.map.getZoom()
    return zoom >= (layer.min_zoom ?? 0)
  }

  private restyle(): void {
    const { map } = this
    map.setPaintProperty(GROUND, 'background-color', color('map-land'))
    for (const layer of this.layers) {
      if (layer.type === 'image' && layer.url.includes('{theme}')) map.getSource<maplibregl.ImageSource>(layer.id)?.updateImage({ url: address(layer.url) })
      for (const part of styleOf(layer)) {
        const paint = (part as { paint?: Record<string, unknown> }).paint ?? {}
        if (map.getLayer(part.id)) for (const [name, value] of Object.entries(paint)) map.setPaintProperty(part.id, name as never, value as never)
      }
      const k = this.opacity.get(layer.id)
      if (k !== undefined && k !== 1) fade(map, layer, k)
    }
    this.drawing.recolor()
    this.overlays.recolor()
    this.redraw()
  }

  /** Room that panels take at the edges: views are fitted into what is left. */
  setPadding(padding: Padding): void {
    this.padding = padding
    if (this.fresh) this.fit(this.meta.bounds ?? WORLD, 0)
    this.fresh = false
    this.tellView()
  }

  fly(lon: number, lat: number, zoom?: number): void {
    const target = Math.max(this.map.getZoom(), zoom ?? 0)
    const { left, right, top, bottom } = this.padding
    this.map.easeTo({ center: [lon, lat], zoom: target, offset: [(left - right) / 2, (top - bottom) / 2], duration: 500 })
  }

  /** Move only if the place is under a panel or out of view. */
  reveal(lon: number, lat: number): void {
    const { x, y } = this.map.project([lon, lat])
    const { clientWidth, clientHeight } = this.map.getContainer()
    const { left, right, top, bottom } = this.padding
    if (x < left + 20 || x > clientWidth - right - 20 || y < top + 20 || y > clientHeight - bottom - 20) this.fly(lon, lat, 12)
  }

  fit(bbox: [number, number, number, number], duration = 500): void {
    const { clientWidth, clientHeight } = this.map.getContainer()
    let { left, right, top, bottom } = this.padding
    // Panels that leave no room (a table over the whole map) are not fitted around.
    if (left + right > clientWidth - 120) left = right = 0
    if (top + bottom > clientHeight - 120) top = bottom = 0
    this.map.fitBounds(bbox, { padding: { left: left + 24, right: right + 24, top: top + 24, bottom: bottom + 24 }, maxZoom: 16, duration })
  }

  /** Show the whole track, unless a link brought a view along with it. */
  fitTrack(): void {
    const box = this.track.bounds()
    if (box && !this.sent) this.fit(box)
    if (box) this.sent = false
  }
  private sent = openedWith.get('tab') === 'track' && openedWith.has('m')

  zoom(step: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + step, duration: 200 })
  }

  home(): void {
    this.fit(this.meta.bounds ?? WORLD)
  }

  /** Where a mover in view is now. */
  moverAt(key: number): { lon: number; lat: number } | null {
    const slot = movers.slot(key)
    return slot < 0 ? null : { lon: movers.lon(slot), lat: movers.lat(slot) }
  }

  drawCircle(start: Circle | null, changed: (circle: Circle) => void): () => void {
    return this.circle.start(start, changed)
  }

  destroy(): void {
    for (const stop of this.stops) stop()
    this.map.remove()
  }
}

const xy = ({ x, y }: { x: number; y: number }): { x: number; y: number } => ({ x, y })

function readView(): { lon: number; lat: number; zoom: number } | null {
  const numbers = (param('m') ?? '').split(',').map(Number)
  const [lon, lat, zoom] = numbers
  if (numbers.length !== 3 || !numbers.every(Number.isFinite)) return null
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 85 ? { lon, lat, zoom } : null
}
