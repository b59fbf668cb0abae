/** Answers of the made-up API, in the shapes of the real one. */
import { deflateSync } from 'node:zlib'
import names from './names.json' with { type: 'json' }
import { BOUNDS, fleet, random, regions, regionsGeoJson, roadsGeoJson, seaGeoJson, two, type Two } from './world.ts'

type Body = Record<string, unknown>

export interface Answer {
  status?: number
  body?: unknown
  bytes?: Buffer
  headers?: Record<string, string>
}

const L = (key: keyof typeof names.labels): Two => two(names.labels[key])
const problem = (status: number, code: string, detail: Two, more: Body = {}): Answer => ({ status, body: { code, status, title: code, detail, ...more } })
const missing = (): Answer => problem(404, 'kit.not_found', { zh: '404', en: '404' })

const categories = names.categories.map(([code, zh, en], id) => ({ id, code, label: { zh, en }, color: `category-${id + 1}` }))
const column = (name: string, label: Two, type: string, more: Body = {}): Body => ({ name, label, type, list: true, filter: false, sort: true, required: false, unit: null, ...more })
const categoryOptions = categories.map((item) => ({ value: item.code, label: item.label }))
const colourOptions = names.colours.map(([value, zh, en]) => ({ value: Number(value), label: { zh, en } }))

const enterprises = Array.from({ length: 240 }, (_, i) => ({
  id: `E${String(i).padStart(4, '0')}`,
  urn: `urn:tongqu:enterprise:E${String(i).padStart(4, '0')}`,
  name: i === 0 ? names.enterprise : `${names.enterprises[i % 4]}${i}`,
  region: regions[1 + (i % (regions.length - 1))].code,
  active: i % 9 !== 0,
  created_ms: 1_700_000_000_000 + i * 86_400_000,
}))

const vehicle = (i: number): Body => ({
  id: fleet.urn[i].slice(19),
  urn: fleet.urn[i],
  plate: fleet.label[i],
  plate_colour: i % 7 === 0 ? 5 : 2,
  category: categories[fleet.category[i]].code,
  enterprise: enterprises[i % enterprises.length].id,
  enterprise_name: enterprises[i % enterprises.length].name,
  region: fleet.region[i],
  seats: fleet.category[i] < 2 ? 20 + (i % 30) : null,
  mass_kg: 4500 + (i % 90) * 500,
  active: i % 23 !== 0,
  created_ms: 1_690_000_000_000 + i * 3_600_000,
})

const rows: Record<string, Body[]> = {
  'fleets/vehicles': Array.from({ length: 6000 }, (_, i) => vehicle(i)),
  'fleets/enterprises': enterprises,
  'fleets/drivers': Array.from({ length: 900 }, (_, i) => ({ id: `D${i}`, urn: `urn:tongqu:driver:D${i}`, name: `${names.driver}${String(i).padStart(4, '0')}`, licence: `9901********${String(1000 + i).slice(-4)}`, enterprise: enterprises[i % 240].id, enterprise_name: enterprises[i % 240].name, region: '9901' })),
  'equipment/terminals': Array.from({ length: 2000 }, (_, i) => ({ id: `100${String(i).padStart(8, '0')}`, urn: `urn:tongqu:terminal:100${String(i).padStart(8, '0')}`, phone: `100${String(i).padStart(8, '0')}`, maker: 'TQSIM', model: 'TQ-808', protocol: i % 3 ? 2019 : 2013, state: 'registered', online: fleet.state[i] < 2, seen_ms: fleet.time[i], vehicle: fleet.urn[i], vehicle_label: fleet.label[i], region: fleet.region[i] })),
  'identity/people': Array.from({ length: 12 }, (_, i) => ({ id: `P${i}`, name: `${names.person}${String(i + 1).padStart(2, '0')}`, login: `duty${i + 1}`, organisation: 'E0001', region: '9901', roles: ['monitor'] })),
  'identity/organisations': enterprises.slice(0, 30).map((item) => ({ id: item.id, name: item.name, region: item.region, kind: 'carrier' })),
}

const resource = (id: string, title: Two, columns: Body[], form: Body[], more: Body = {}): Body => ({
  id, title, path: `/api/v1/${id.replace('.', '/')}`, key: 'id', urn_field: columns.some((item) => item.name === 'urn') ? 'urn' : null, columns, form, edit_form: form, permission: `${id.split('.')[0]}.read`, edit_permission: `${id.split('.')[0]}.write`, importer: null, ...more,
})

const resources = [
  resource('fleets.vehicles', L('vehicles'), [
    column('plate', L('plate'), 'text'), column('category', L('category'), 'enum', { options: categoryOptions, filter: true }), column('enterprise_name', L('enterprise'), 'text'), column('region', L('region'), 'region', { filter: true }),
    column('plate_colour', L('colour'), 'enum', { options: colourOptions, filter: true, list: false }), column('seats', L('seats'), 'integer', { list: false }), column('mass_kg', L('mass'), 'integer', { unit: 'kg', list: false }), column('active', L('active'), 'boolean', { filter: true, list: false }),
    column('enterprise', L('enterprise'), 'text', { filter: true, list: false }), column('created_ms', L('created'), 'time', { list: false }), column('urn', two(['URN', 'URN']), 'urn', { list: false }),
  ], [
    { name: 'plate', label: L('plate'), type: 'text', required: true, pattern: '\\p{Script=Han}[A-Z]·D?[0-9]{5}', help: L('plate_help') }, { name: 'plate_colour', label: L('colour'), type: 'enum', options: colourOptions, required: true }, { name: 'category', label: L('category'), type: 'enum', options: categoryOptions, required: true },
    { name: 'region', label: L('region'), type: 'region', required: true }, { name: 'seats', label: L('seats'), type: 'integer', min: 1, max: 80 }, { name: 'mass_kg', label: L('mass'), type: 'integer', unit: 'kg', min: 500, max: 120_000 }, { name: 'active', label: L('active'), type: 'boolean' },
  ], { importer: 'vehicles' }),
  resource('fleets.enterprises', L('enterprises'), [column('name', L('name'), 'text'), column('region', L('region'), 'region', { filter: true }), column('active', L('active'), 'boolean', { filter: true }), column('created_ms', L('created'), 'time'), column('urn', two(['URN', 'URN']), 'urn', { list: false })], [{ name: 'name', label: L('name'), type: 'text', required: true, max_length: 120 }, { name: 'region', label: L('region'), type: 'region' }]),
  resource('fleets.drivers', L('drivers'), [column('name', L('name'), 'text'), column('licence', L('licence'), 'text'), column('enterprise_name', L('enterprise'), 'text'), column('region', L('region'), 'region'), column('urn', two(['URN', 'URN']), 'urn', { list: false })], []),
  resource('equipment.terminals', L('terminals'), [column('phone', L('phone'), 'text'), column('vehicle_label', L('vehicle'), 'text'), column('online', two(names.labels.state), 'boolean', { filter: true }), column('maker', L('maker'), 'text'), column('seen_ms', L('seen'), 'time'), column('region', L('region'), 'region', { list: false, filter: true }), column('urn', two(['URN', 'URN']), 'urn', { list: false })], [{ name: 'phone', label: L('phone'), type: 'text', required: true, pattern: '[0-9]{11,20}' }]),
  resource('identity.people', L('people'), [column('name', L('name'), 'text'), column('login', L('login'), 'text'), column('roles', L('roles'), 'text'), column('region', L('region'), 'region')], [{ name: 'login', label: L('login'), type: 'text', required: true, min_length: 3 }, { name: 'name', label: L('name'), type: 'text', required: true }, { name: 'organisation', label: L('organisations'), type: 'text' }, { name: 'region', label: L('region'), type: 'region' }]),
  resource('identity.organisations', L('organisations'), [column('name', L('name'), 'text'), column('region', L('region'), 'region')], [{ name: 'name', label: L('name'), type: 'text', required: true }]),
]

const layer = (id: keyof typeof names.layers, group: string[], type: string, url: string, style: unknown, more: Body = {}): Body => ({ id, title: two(names.layers[id]), group: group[1], group_title: two(group), type, url, style, legend: [], min_zoom: 0, max_zoom: 16, source: two(names.source), bounds: null, ...more })
const road = (name: string, color: string, width: number[], minzoom = 0): Body => ({
  id: name, type: 'line', minzoom, filter: ['==', ['get', 'class'], name], layout: { 'line-cap': 'round', 'line-join': 'round' },
  paint: { 'line-color': color, 'line-width': ['interpolate', ['exponential', 1.5], ['zoom'], 6, width[0], 14, width[1]] },
})
const layers = [
  layer('relief', names.group_ground, 'image', '/api/v1/layers/relief/image.png', [{ type: 'raster', paint: { 'raster-opacity': 0.5 } }], { bounds: BOUNDS }),
  layer('sea', names.group_ground, 'geojson', '/api/v1/layers/sea/data.json', [{ type: 'fill', paint: { 'fill-color': '@map-sea' } }]),
  layer('roads', names.group_roads, 'geojson', '/api/v1/layers/roads/data.json', [
    road('county', '@road-county', [0.8, 4], 7), road('trunk', '@road-provincial', [1.4, 7]), road('motorway', '@road-expressway', [2.2, 10]),
    { id: 'shield', type: 'symbol', minzoom: 8, layout: { 'symbol-placement': 'line', 'icon-image': ['concat', 'shield:', ['get', 'ref']], 'icon-rotation-alignment': 'viewport', 'symbol-spacing': 300 } },
  ], { legend: [{ label: two(names.layers.expressway), color: '@road-expressway', shape: 'line', width: 4 }, { label: two(names.layers.trunk), color: '@road-provincial', shape: 'line', width: 3 }, { label: two(names.layers.county), color: '@road-county', shape: 'line', width: 2 }] }),
  layer('regions', names.group_regions, 'geojson', '/api/v1/layers/regions/data.json', [
    { id: 'city', type: 'line', filter: ['all', ['==', ['geometry-type'], 'LineString'], ['!=', ['get', 'level'], 'county']], paint: { 'line-color': '@map-border', 'line-width': 1.2, 'line-dasharray': [4, 2] } },
    { id: 'county', type: 'line', minzoom: 8, filter: ['all', ['==', ['geometry-type'], 'LineString'], ['==', ['get', 'level'], 'county']], paint: { 'line-color': '@map-border', 'line-width': 0.6, 'line-dasharray': [2, 2] } },
    { id: 'city-name', type: 'symbol', filter: ['all', ['==', ['geometry-type'], 'Point'], ['==', ['get', 'level'], 'city']], layout: { 'text-field': ['get', 'name'], 'text-size': 15 }, paint: { 'text-color': '@map-label', 'text-halo-color': '@map-halo', 'text-halo-width': 1.5 } },
    { id: 'county-name', type: 'symbol', minzoom: 7.5, filter: ['all', ['==', ['geometry-type'], 'Point'], ['==', ['get', 'level'], 'county']], layout: { 'text-field': ['get', 'name'], 'text-size': 12 }, paint: { 'text-color': '@map-label', 'text-halo-color': '@map-halo', 'text-halo-width': 1.4 } },
  ], { legend: [{ label: two(names.layers.border), color: '@map-border', shape: 'line', width: 2 }] }),
  layer('movers', names.group_live, 'movers', '/api/v1/movers/live', null),
]

/** A grey relief as a PNG, made on the spot. */
function relief(): Buffer {
  const size = 256
  const raw = Buffer.alloc(size * (size + 1))
  const height = (x: number, y: number): number => Math.sin(x / 31) * 20 + Math.sin(y / 23 + x / 47) * 25 + Math.sin((x + y) / 11) * 7
  for (let y = 0; y < size; y += 1) for (let x = 0; x < size; x += 1) raw[y * (size + 1) + 1 + x] = Math.max(120, Math.min(255, 225 + (height(x, y) - height(x + 1, y + 1)) * 9))
  const table = Array.from({ length: 256 }, (_, n) => { let c = n; for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1; return c >>> 0 })
  const crc = (data: Buffer): number => { let c = 0xffffffff; for (const byte of data) c = table[(c ^ byte) & 255] ^ (c >>> 8); return (c ^ 0xffffffff) >>> 0 }
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data])
    const out = Buffer.alloc(body.length + 8)
    out.writeUInt32BE(data.length, 0)
    body.copy(out, 4)
    out.writeUInt32BE(crc(body), body.length + 4)
    return out
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(size, 0)
  head.writeUInt32BE(size, 4)
  head.set([8, 0, 0, 0, 0], 8)
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(raw)), chunk('IEND', Buffer.alloc(0))])
}

const commands: Body[] = []
const jobs = new Map<string, Body>()

function session(): Body {
  return { person: { id: 'P1', name: `${names.person}01`, login: 'demo' }, organisation: { id: 'E0000', name: names.enterprise }, roles: ['administrator'], grants: [], permissions: ['*'], region: { code: '99', name: two(names.province.slice(1)) } }
}

function list(path: string, query: URLSearchParams): Answer {
  let found = rows[path]
  const q = (query.get('q') ?? '').toUpperCase()
  if (q) found = found.filter((row) => Object.values(row).some((value) => String(value).toUpperCase().includes(q)))
  for (const name of new Set(query.keys())) {
    if (!name.startsWith('filter.')) continue
    const wanted = new Set(query.getAll(name))
    found = found.filter((row) => wanted.has(String(row[name.slice(7)])))
  }
  const sort = query.get('sort')
  if (sort) {
    const name = sort.replace('-', '')
    found = [...found].sort((a, b) => (String(a[name]) < String(b[name]) ? -1 : 1) * (sort.startsWith('-') ? -1 : 1))
  }
  const from = Number(query.get('cursor') ?? 0)
  const limit = Number(query.get('limit') ?? 100)
  return { body: { items: found.slice(from, from + limit), next: from + limit < found.length ? String(from + limit) : null, total: found.length } }
}

function detail(i: number): Body {
  const k = i % 2000
  return {
    urn: fleet.urn[i], key: i + 1, label: fleet.label[i], kind: 'vehicle', category: fleet.category[i], region: fleet.region[i], organisation: { id: 'E0000', name: enterprises[i % 240].name },
    position: { lon: fleet.lon[i], lat: fleet.lat[i], speed_kmh: fleet.speed[i] / 10, heading_deg: fleet.heading[i], altitude_m: 42, time_ms: fleet.time[i], received_ms: fleet.time[i] + 40, alarm: fleet.alarm[i], status: 3, mileage_km: 12034.5, state: fleet.state[i], frame: '17:2048' },
    terminal: { urn: `urn:tongqu:terminal:100${String(k).padStart(8, '0')}`, label: `100${String(k).padStart(8, '0')}`, online: fleet.state[i] < 2 }, properties: [{ label: L('colour'), value: i % 7 === 0 ? names.colours[1][1] : names.colours[0][1] }], links: [],
  }
}

function track(i: number, from: number, to: number): Body {
  const rnd = random(i + 1)
  const made = { time_ms: [] as number[], lon: [] as number[], lat: [] as number[], speed_kmh: [] as number[], heading_deg: [] as number[], altitude_m: [] as number[], alarm: [] as number[], status: [] as number[], flags: [] as number[], frame: [] as string[] }
  const save = fleet.place[i]
  for (let time = from; time <= Math.min(to, Date.now()); time += 15_000) {
    fleet.move(i, 15)
    made.time_ms.push(time)
    const bad = rnd() < 0.004
    made.lon.push(fleet.lon[i] + (bad ? 0.2 : 0))
    made.lat.push(fleet.lat[i])
    made.speed_kmh.push(Math.max(0, Math.round(Math.abs(fleet.pace[i]) * (0.6 + 0.6 * Math.abs(Math.sin(time / 700_000))) * 10) / 10))
    made.heading_deg.push(fleet.heading[i])
    made.altitude_m.push(40)
    made.alarm.push(rnd() < 0.01 ? 2 : 0)
    made.status.push(3)
    made.flags.push(bad ? 4 : 0)
    made.frame.push(`17:${made.time_ms.length * 96}`)
  }
  fleet.place[i] = save
  return { columns: made, total: made.time_ms.length }
}

function columns(found: number[]): Body {
  const take = (from: ArrayLike<unknown>): unknown[] => found.map((i) => from[i])
  return { count: found.length, at_ms: Date.now(), columns: { urn: take(fleet.urn), key: found.map((i) => i + 1), label: take(fleet.label), kind: found.map(() => 'vehicle'), category: take(fleet.category), lon: take(fleet.lon), lat: take(fleet.lat), speed_kmh: found.map((i) => fleet.speed[i] / 10), heading_deg: take(fleet.heading), time_ms: take(fleet.time), state: take(fleet.state), alarm: take(fleet.alarm) } }
}

function overview(region: string | null): Body {
  const tally = (keep: (i: number) => boolean): Body => {
    const made = { count: 0, online: 0, moving: 0, stale: 0, alarm: 0 }
    for (let i = 0; i < fleet.count; i += 1) {
      if (!keep(i)) continue
      made.count += 1
      if (fleet.state[i] === 2) made.stale += 1
      else made.online += 1
      if (fleet.state[i] === 0) made.moving += 1
      if (fleet.alarm[i]) made.alarm += 1
    }
    return made
  }
  const inside = (i: number): boolean => !region || fleet.region[i].startsWith(region)
  const below = regions.filter((item) => item.parent === region)
  return { at_ms: Date.now(), region, ...tally(inside), categories: categories.map((item) => ({ category: item.id, ...tally((i) => inside(i) && fleet.category[i] === item.id) })), regions: (below.length ? below : regions.filter((item) => item.code === region)).map((item) => ({ region: item.code, ...tally((i) => fleet.region[i].startsWith(item.code)) })) }
}

const HEX = '7e020040220100000000010013800001000000010000000300d59f80064ec7280050028a00b4260301081530010400004e200304028a25040000000030011f31010c7d02aa7e'
const SPANS: [number, number, number, string, unknown, string?][] = [[0, 1, 0, '7e', null], [1, 17, 0, '', null], [1, 2, 1, '0200', '0x0200'], [3, 2, 1, '4022', '0x4022'], [3, 2, 2, '4022', 34], [6, 10, 1, '01000000000100138000', '10000000001'], [16, 2, 1, '0001', 1], [18, 28, 0, '', null], [18, 4, 1, '00000001', 1], [22, 4, 1, '00000003', 3], [26, 4, 1, '00d59f80', 13.999, '°'], [30, 4, 1, '064ec728', 105.826, '°'], [34, 2, 1, '0050', 80, 'm'], [36, 2, 1, '028a', 65, 'km/h'], [38, 2, 1, '00b4', 180, '°'], [40, 6, 1, '260301081530', '2026-03-01 08:15:30'], [46, 22, 0, '', null], [46, 6, 1, '010400004e20', 2000, 'km'], [68, 1, 0, 'aa', '0xAA']]

function frame(id: string): Body {
  return { frame: id, received_ms: Date.now() - 4000, source: '10000000001', hex: HEX, message_id: '0x0200', title: two(names.location_report), rows: SPANS.map(([offset, length, level, raw, value, unit], i) => ({ offset, length, path: String(i), label: two(names.frame[i]), raw, value, unit: unit ?? null, meaning: i === 9 ? two(names.acc_on) : null, level })) }
}

const kinds = [
  { id: 'text', since: 2011, fields: [{ name: 'text', type: 'text', required: true, max: 1024 }, { name: 'text_type', type: 'enum', default: 'notice', options: [{ value: 'notice', label: two(names.notice) }, { value: 'service', label: two(names.service) }] }, { name: 'urgent', type: 'boolean', default: false }, { name: 'display', type: 'boolean', default: true }, { name: 'speak', type: 'boolean', default: true }] },
  { id: 'circle', since: 2011, fields: [{ name: 'longitude_deg', type: 'number', required: true }, { name: 'latitude_deg', type: 'number', required: true }, { name: 'radius_m', type: 'integer', required: true }, { name: 'area_name', type: 'text' }, { name: 'entry_alarm', type: 'boolean', default: true }, { name: 'exit_alarm', type: 'boolean', default: true }, { name: 'max_speed_kmh', type: 'integer', unit: 'km/h', min: 1, max: 240 }] },
  { id: 'locate', since: 2011, fields: [] },
].map((kind) => ({ ...kind, title: two(names.commands[kind.id as keyof typeof names.commands]), fields: kind.fields.map((field) => ({ ...field, label: two(names.fields[field.name as keyof typeof names.fields]) })) }))

function command(terminal: string, json: Body): Body {
  const made: Body = { id: `C${commands.length + 1}`, terminal, urn: `urn:tongqu:terminal:${terminal}`, kind: json.kind, title: two(names.commands[json.kind as keyof typeof names.commands]), body: json.body, state: 'queued', queued_ms: Date.now(), sent_ms: null, answered_ms: null, result: null, outcome: null, reply: null }
  commands.unshift(made)
  setTimeout(() => Object.assign(made, { state: 'sent', sent_ms: Date.now() }), 1200).unref()
  setTimeout(() => Object.assign(made, { state: 'answered', answered_ms: Date.now(), result: 0, outcome: two(names.ack) }), 3500).unref()
  return made
}

function job(kind: 'import' | 'export', result: Body): Body {
  const made: Body = { id: `J${jobs.size + 1}`, kind: kind === 'import' ? 'imports.run' : 'exports.run', title: two(names.jobs[kind]), state: 'running', progress: 0, message: null, result: null, error: null, created_ms: Date.now(), started_ms: Date.now(), finished_ms: null }
  jobs.set(made.id as string, made)
  const timer = setInterval(() => {
    if (made.state !== 'running') return clearInterval(timer)
    made.progress = Math.min(1, (made.progress as number) + 0.12)
    made.message = two(names.jobs.working.map((text) => text.replace('{n}', String(Math.round((made.progress as number) * 400)))))
    if (made.progress === 1) Object.assign(made, { state: 'done', result, finished_ms: Date.now() })
  }, 700)
  timer.unref()
  return made
}

const importColumn = (name: keyof typeof names.labels, example: string, options: unknown[] = []): Body => ({ name, label: L(name), type: 'text', required: name === 'plate', example, options })

const OUTCOMES = ['created', 'updated', 'unchanged', 'refused'] as const
const reportRows = Array.from({ length: 400 }, (_, i) => {
  const outcome = OUTCOMES[i % 11 === 0 ? 3 : i % 3]
  return { row: i + 2, outcome, key: fleet.label[i], problems: outcome === 'refused' ? [{ code: 'fleets.colour', field: L('colour').zh, detail: two(names.problem) }] : [] }
})

const quarantine = Array.from({ length: 500 }, (_, i) => {
  const reasons = Object.keys(names.reasons) as (keyof typeof names.reasons)[]
  const reason = reasons[i % reasons.length]
  return { id: String(i), received_ms: Date.now() - i * 37_000, stream: 'positions', reason, reason_label: two(names.reasons[reason]), source: `100${String(i).padStart(8, '0')}`, remote: `127.0.0.1:${40000 + i}`, size: HEX.length / 2, hex: HEX }
})

type Handler = (query: URLSearchParams, json: Body, match: string[], cookie: string) => Answer
const plain = (body: () => unknown): Handler => () => ({ body: body() })

const routes: [string, RegExp, Handler][] = [
  ['GET', /^health$/, plain(() => ({ status: 'ok', checks: {}, demo: true, version: '0.1.0' }))],
  ['GET', /^meta$/, plain(() => ({ version: '0.1.0', demo: true, badge: two(names.badge), modules: [{ id: 'insight', title: two(['', '']), field: 'governance' }, { id: 'fleets', title: two(['', '']), field: 'production' }, { id: 'equipment', title: two(['', '']), field: 'production' }], bounds: BOUNDS, basemap: null, resources }))],
  ['GET', /^identity\/session$/, (_q, _j, _m, cookie) => (cookie.includes('tongqu_session=mock') ? { body: session() } : problem(401, 'identity.nobody', two(names.refused)))],
  ['POST', /^identity\/session$/, (_q, json) => {
    if (json.login !== 'demo' || json.password !== 'demo') return problem(401, 'identity.refused', two(names.refused))
    return { body: session(), headers: { 'Set-Cookie': 'tongqu_session=mock; Path=/; HttpOnly; SameSite=Lax' } }
  }],
  ['DELETE', /^identity\/session$/, () => ({ status: 204, headers: { 'Set-Cookie': 'tongqu_session=; Path=/; Max-Age=0' } })],
  ['GET', /^identity\/regions$/, plain(() => ({ items: regions }))],
  ['GET', /^search$/, (query) => {
    const q = (query.get('q') ?? '').toUpperCase()
    const found: Body[] = []
    for (let i = 0; i < fleet.count && found.length < 15; i += 1) if (fleet.label[i].includes(q)) found.push({ urn: fleet.urn[i], kind: 'vehicle', kind_label: L('vehicle'), title: fleet.label[i], subtitle: enterprises[i % 240].name, region: fleet.region[i], lon: fleet.lon[i], lat: fleet.lat[i] })
    for (const item of enterprises) if (found.length < 20 && item.name.includes(q)) found.push({ urn: item.urn, kind: 'enterprise', kind_label: L('enterprise'), title: item.name, subtitle: null, region: item.region })
    return { body: { items: found } }
  }],
  ['GET', /^movers$/, (query) => ({ body: columns(fleet.inside((query.get('bbox') ?? BOUNDS.join()).split(',').map(Number), query.get('region'))) })],
  ['GET', /^movers\/categories$/, plain(() => categories)],
  ['GET', /^movers\/labels$/, (query) => ({ body: Object.fromEntries((query.get('keys') ?? '').split(',').map(Number).filter((key) => fleet.urn[key - 1]).map((key) => [key, { urn: fleet.urn[key - 1], label: fleet.label[key - 1], category: fleet.category[key - 1] }])) })],
  ['GET', /^movers\/([^/]+)\/track$/, (query, _j, [, urn]) => ({ body: track(fleet.urn.indexOf(urn), Number(query.get('from')), Number(query.get('to'))) })],
  ['GET', /^movers\/([^/]+)$/, (_q, _j, [, urn]) => (fleet.urn.includes(urn) ? { body: detail(fleet.urn.indexOf(urn)) } : missing())],
  ['GET', /^layers$/, plain(() => layers)],
  ['GET', /^layers\/roads\/data.json$/, plain(roadsGeoJson)],
  ['GET', /^layers\/regions\/data.json$/, plain(regionsGeoJson)],
  ['GET', /^layers\/sea\/data.json$/, plain(seaGeoJson)],
  ['GET', /^layers\/relief\/image.png$/, () => ({ bytes: relief(), headers: { 'Content-Type': 'image/png' } })],
  ['GET', /^insight\/overview$/, (query) => ({ body: overview(query.get('region')) })],
  ['GET', /^equipment\/frames\/(.+)$/, (_q, _j, [, id]) => ({ body: frame(id) })],
  ['GET', /^equipment\/terminals\/([^/]+)\/detail$/, (_q, _j, [, id]) => {
    const row = rows['equipment/terminals'].find((item) => item.id === id)
    return row ? { body: { ...row, session_detail: { id: 'S1', remote: '127.0.0.1:40012', opened_ms: Date.now() - 3_600_000, frames: 1234, refused: 2 }, bindings: [{ vehicle: row.vehicle, label: row.vehicle_label, from_ms: 1_700_000_000_000, to_ms: null }] } } : missing()
  }],
  ['GET', /^equipment\/commands\/kinds$/, plain(() => kinds)],
  ['GET', /^equipment\/commands$/, (query) => ({ body: { items: commands.filter((item) => !query.get('terminal') || item.terminal === query.get('terminal')) } })],
  ['POST', /^equipment\/terminals\/([^/]+)\/commands$/, (_q, json, [, id]) => ({ body: command(id, json) })],
  ['GET', /^quarantine$/, (query) => {
    const from = Number(query.get('cursor') ?? 0)
    return { body: { items: quarantine.slice(from, from + 200), next: from + 200 < quarantine.length ? String(from + 200) : null, total: quarantine.length } }
  }],
  ['GET', /^imports$/, plain(() => [{ id: 'vehicles', title: L('vehicles'), columns: [importColumn('plate', fleet.label[0]), importColumn('colour', ''), importColumn('category', '', categoryOptions), importColumn('region', '9901')] }, { id: 'drivers', title: L('drivers'), columns: [importColumn('name', names.driver)] }])],
  ['POST', /^imports\/(\w+)$/, () => ({ body: { job: job('import', { created: 130, updated: 120, unchanged: 113, refused: 37 }).id } })],
  ['GET', /^imports\/runs\/(\w+)\/rows$/, (query) => ({ body: { items: reportRows.filter((row) => !query.get('filter.outcome') || row.outcome === query.get('filter.outcome')).slice(0, 200), next: null, total: 400 } })],
  ['GET', /^imports\/runs\/(\w+)$/, (_q, _j, [, id]) => ({ body: { job: id, importer: 'vehicles', file_name: 'vehicles.xlsx', dry_run: true, total: 400, counts: { created: 130, updated: 120, unchanged: 113, refused: 37 }, notes: [] } })],
  ['POST', /^exports$/, () => ({ body: { job: job('export', { document: 'D1' }).id } })],
  ['GET', /^jobs$/, plain(() => ({ items: [...jobs.values()] }))],
  ['POST', /^jobs\/(\w+)\/cancel$/, (_q, _j, [, id]) => ({ body: Object.assign(jobs.get(id)!, { state: 'cancelled' }) })],
  ['GET', /^jobs\/(\w+)$/, (_q, _j, [, id]) => (jobs.has(id) ? { body: jobs.get(id) } : missing())],
]

/** The answer to a request below `/api/v1/`. */
export function answer(method: string, path: string, query: URLSearchParams, json: Body, cookie: string): Answer {
  for (const [wanted, pattern, handler] of routes) {
    const match = pattern.exec(path)
    if (match && wanted === method) return handler(query, json, [...match], cookie)
  }
  if (rows[path]) return method === 'GET' ? list(path, query) : { status: 201, body: json }
  const parent = path.slice(0, path.lastIndexOf('/'))
  const row = rows[parent]?.find((item) => item.id === path.slice(path.lastIndexOf('/') + 1))
  if (!row) return missing()
  if (method === 'PATCH') Object.assign(row, json)
  return { body: row, headers: { ETag: `"${JSON.stringify(row).length}"` } }
}
