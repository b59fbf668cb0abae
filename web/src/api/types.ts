/** Shapes of the API that the frame uses. */
import type { Bilingual } from '../text/catalogue'

export type Text = Bilingual | string

export interface Health {
  status: 'starting' | 'ok' | 'degraded'
  checks: Record<string, unknown>
  demo: boolean
  version: string
}

export interface Grant {
  role: string
  organisation?: string | null
  region?: string | null
}

export interface Session {
  person: { id: string; name: string; login: string }
  organisation: { id: string; name: string } | string | null
  roles: (string | { id: string; title?: Text })[]
  grants: Grant[]
  permissions: string[]
  region: { code: string; name: Text } | null
}

export interface Option {
  value: string | number | boolean
  label: Text
}

export type ColumnType = 'text' | 'integer' | 'number' | 'boolean' | 'time' | 'enum' | 'urn' | 'region' | 'geometry'

export interface Column {
  name: string
  label: Text
  type: ColumnType
  unit?: string | null
  options?: Option[] | null
  list?: boolean
  filter?: boolean
  sort?: boolean
}

export interface Field {
  name: string
  label: Text
  /** `group`: an object with `fields`; `groups`: a list of such. */
  type: ColumnType | 'password' | 'longtext' | 'group' | 'groups'
  fields?: Field[]
  /** The value is a list. */
  several?: boolean
  /** Id of the resource whose key the value is. */
  refers?: string | null
  /** What may be drawn; the value is GeoJSON. */
  shapes?: ('point' | 'line' | 'polygon')[]
  required?: boolean
  pattern?: string | null
  min?: number | null
  max?: number | null
  min_length?: number | null
  max_length?: number | null
  default?: unknown
  options?: Option[] | null
  help?: Text | null
  unit?: string | null
}

export interface Resource {
  id: string
  title: Text
  path: string
  key: string
  urn_field?: string | null
  columns: Column[]
  form: Field[]
  /** Fields of a change; absent or empty: those of `form`. */
  edit_form?: Field[]
  actions?: { id: string; title: Text; path?: string; method?: string; permission?: string | null }[]
  permission?: string | null
  edit_permission?: string | null
  importer?: string | null
}

export interface Basemap {
  tiles: string[]
  tile_size?: number
  attribution?: string
  max_zoom?: number
}

export interface Meta {
  version: string
  demo: boolean
  badge: Bilingual | null
  modules: { id: string; title: Text; field: string }[]
  bounds: [number, number, number, number] | null
  basemap: Basemap | null
  resources: Resource[]
}

export type Row = Record<string, unknown>

export interface RowPage {
  items: Row[]
  next: string | null
  total: number | null
}

export interface Region {
  code: string
  name: Text
  parent: string | null
  level: 'province' | 'city' | 'county'
  bbox: [number, number, number, number] | null
  center: [number, number] | null
}

export interface Found {
  urn: string
  kind: string
  kind_label: Text
  title: string
  subtitle?: string | null
  region?: string | null
  /** Where the page shows it, if not by its URN. */
  href?: string | null
  lon?: number | null
  lat?: number | null
}

export interface Category {
  id: number
  code: string
  kind?: string
  label: Text
  color: string
}

/** State of a mover: 0 moving, 1 stopped, 2 stale or off line. */
export type MoverState = 0 | 1 | 2

export interface MoverColumns {
  urn: string[]
  key: number[]
  label: string[]
  kind: string[]
  /** Code or number of the category. */
  category: (number | string)[]
  lon: number[]
  lat: number[]
  speed_kmh: number[]
  heading_deg: number[]
  time_ms: number[]
  state: number[]
  alarm: number[]
  region?: string[]
}

export interface Movers {
  count: number
  more?: number
  at_ms: number
  columns: MoverColumns
}

export interface Position {
  lon: number
  lat: number
  speed_kmh: number | null
  heading_deg: number | null
  altitude_m: number | null
  time_ms: number
  received_ms?: number | null
  /** Bits of the device, and the level that they mean. */
  alarm?: number | null
  alarm_level?: number | null
  status?: number | null
  mileage_km?: number | null
  state?: number | null
  frame?: string | null
  [name: string]: unknown
}

export interface MoverDetail {
  urn: string
  key: number
  label: string
  kind: string
  category: number | string | null
  region: string | { code: string; name: Text } | null
  organisation: { id: string; name: string } | null
  position: Position | null
  terminal: { urn: string; label: string; online: boolean; session?: unknown } | null
  properties: { label: Text; value: unknown; unit?: string | null }[]
  links: { urn?: string; href?: string; title: Text; kind?: string }[]
}

export interface TrackColumns {
  time_ms: number[]
  lon: number[]
  lat: number[]
  speed_kmh: number[]
  heading_deg: number[]
  altitude_m: number[]
  alarm: number[]
  status: number[]
  flags: number[]
  frame: (string | null)[]
}

export interface Track {
  columns: TrackColumns
  total: number
  thinned?: boolean
}

export interface Job {
  id: string
  kind: string
  title: Text
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  progress: number | null
  message: Text | null
  result: Record<string, unknown> | null
  error: { code?: string; detail?: Text } | string | null
  created_ms: number
  started_ms?: number | null
  finished_ms?: number | null
}

export interface LegendItem {
  /** Class of the features that it stands for. */
  kind?: string
  label: Text
  color?: string
  shape?: 'line' | 'fill' | 'point' | 'image'
  width?: number
  dash?: boolean
}

export interface MapLayer {
  id: string
  title: Text
  group: string
  group_title?: Text
  type: 'mvt' | 'geojson' | 'image' | 'movers' | 'raster'
  url: string
  style: Record<string, unknown>[] | null
  legend?: LegendItem[] | null
  min_zoom?: number | null
  max_zoom?: number | null
  source?: Text | null
  bounds?: [number, number, number, number] | null
  visible?: boolean
  time_ms?: number | null
}

export interface Importer {
  id: string
  title: Text
  columns: { name: string; label: Text; type: string; required: boolean; example: string; options: Option[] }[]
  permission?: string | null
}

export interface ImportRow {
  row: number
  outcome: 'created' | 'updated' | 'unchanged' | 'refused'
  key: string | null
  problems: { code: string; field?: string | null; level?: string; detail: Text }[]
}

export interface ImportRun {
  job: string
  importer: string
  file_name: string
  dry_run: boolean
  total: number | null
  counts: Partial<Record<ImportRow['outcome'], number>>
  notes: { code: string; level?: string; detail: Text }[]
}

export interface QuarantineRow {
  id: string
  received_ms: number
  stream: string
  reason: string
  reason_label: Text
  source: string | null
  source_label?: string | null
  /** Id by which the frame is explained. */
  frame?: string | null
  remote: string | null
  size: number
  hex: string
}
