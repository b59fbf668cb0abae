/** What the pages of travel make of answers, without a browser. */
import { describe, expect, it, vi } from 'vitest'
import { bikesToRent, stationOf } from './bikes'
import { freshness, lateMinutes, whereabouts, type BoardAnswer, type Departure } from './board'
import { standing, stateOf, type Subscription } from './followed'
import { boardId, calledBy, dayClockOf, endsOf, lookOf, stopUrn, telephone, worthTelling, type Leg, type Opened } from './journeys'
import { chosen, effect, headline, type Alert } from './notices'
import { readPoints } from './points'
import { areaLook, drawnAreas, type Areas } from './reach'
import { boardLink } from './setting'
import { instant, local } from './zones'

vi.mock('@web/kit', async () => ({ t: (key: string) => key, language: () => 'zh', both: (words: { zh: string }) => words.zh, ...(await import('@web/map/shapes')), ...(await import('@web/text/format')) }))

const departure = (given: Partial<Departure>): Departure => ({ stop: 'A', platform: null, notices: [], feed: 'f', trip_id: 't', service_day: '20260301', line: '1', mode: 'bus', headsign: 'B', departure_ms: 0, planned_ms: 0, live: true, state: 'runs', delay_s: 0, minutes_away: 1, stops_away: 2, vehicle: null, ...given })
const board = (given: Partial<BoardAnswer>): BoardAnswer => ({ name: 'A', lon: 0, lat: 0, at_ms: 0, zone: 'Asia/Shanghai', realtime: [], notices: [], departures: [departure({})], ...given })

describe('what is worth telling', () => {
  const leg = (given: Partial<Leg>): Leg => ({ kind: 'walk', from: { name: '', lon: 0, lat: 0 }, to: { name: '', lon: 0, lat: 0 }, departure_ms: 0, arrival_ms: 0, duration_s: 1, length_m: 0, beeline: false, words: { zh: '', en: '' }, line: [], ...given })

  it('leaves out the step from a stop to the place that stands at it, and nothing else', () => {
    const ride = leg({ kind: 'ride', duration_s: 600, length_m: 4000 })
    expect(worthTelling([leg({ length_m: 165, duration_s: 124 }), ride, leg({})])).toHaveLength(2)
    expect(worthTelling([ride, leg({ duration_s: 120 })])).toHaveLength(2)
    expect(worthTelling([leg({})])).toHaveLength(1)
  })

  it('counts bikes where something is told of them', () => {
    expect(bikesToRent([{ vehicles: 3 }, { vehicles: null }])).toBe(3)
  })
})

describe('a board', () => {
  it('says how late a vehicle is and where, but not of what does not leave', () => {
    expect([lateMinutes(departure({ delay_s: 170 })), lateMinutes(departure({ delay_s: null }))]).toEqual([3, null])
    expect(whereabouts(departure({ stops_away: 0 }))).toBe('travel.is_here')
    expect(whereabouts(departure({ state: 'cancelled' }))).toBe('')
    expect(whereabouts(departure({ stops_away: null }))).toBe('')
  })

  it('is as fresh as the oldest message of its own feeds', () => {
    const flag = (feed: string, age_s: number, kind = 'trip_updates'): BoardAnswer['realtime'][number] => ({ feed, kind, age_s, stale: age_s > 300 })
    expect(freshness(board({}))).toBeNull()
    expect(freshness(board({ realtime: [flag('f', 20), flag('f', 400, 'vehicle_positions'), flag('other', 9000), flag('f', 9000, 'alerts'), flag('f', 9000, 'situations')] }))).toEqual({ age_s: 400, stale: true })
  })
})

describe('a notice', () => {
  it('is read in the reader\u2019s language, else in English, else in what there is', () => {
    const texts = { de: 'Hindernis', en: 'Obstacle', 'zh-CN': '\u969c\u788d' }
    expect([chosen(texts), chosen(texts, 'en'), chosen(texts, 'it')]).toEqual(['\u969c\u788d', 'Obstacle', 'Obstacle'])
    expect([chosen({ de: 'Hindernis' }), chosen({ und: 'x', de: 'y' }), chosen({})]).toEqual(['Hindernis', 'x', ''])
  })

  it('begins with its effect, where that says more than that there is a notice', () => {
    const one = (effect: string): Alert => ({ feed: 'f', id: 'a', effect, effect_words: { zh: '\u505c\u8fd0', en: 'No service' }, severity: 'unknown', header: { en: 'Obstacle' }, description: {}, url: null })
    expect([effect(one('no_service')), effect(one('unknown_effect'))]).toEqual(['\u505c\u8fd0', 'travel.noticed'])
    expect([headline(one('no_service')), headline(one('unknown_effect'))]).toEqual(['\u505c\u8fd0 \u00b7 Obstacle', 'Obstacle'])
  })
})

describe('a stop', () => {
  it('keeps any id through its URN', () => {
    for (const id of ['s1', "12/3 (a)*'!", '\u7ad9~:%41']) {
      const urn = stopUrn('bus', id)
      expect(urn).toMatch(/^urn:tongqu:stop:[A-Za-z0-9._~:@%-]+$/)
      expect(boardId(urn)).toBe(`bus:${id}`)
    }
    expect(boardId('urn:tongqu:place:FEED:12')).toBe('FEED:12')
    expect(stationOf('urn:tongqu:bike_station:town-bikes:a%3A1%2Fb')).toEqual({ feed: 'town-bikes', station: 'a:1/b' })
  })

  it('opens beside the journey in the frame, on its own page for the public, not in a widget', () => {
    expect(boardLink('frame', 'f', 's')).toEqual({ patch: { sel: 'urn:tongqu:stop:f:s', tab: null } })
    expect(boardLink('public', 'f', 's')).toEqual({ to: '/public/travel/board', patch: { stop: 'f:s' } })
    expect(boardLink('widget', 'f', 's')).toBeNull()
    expect(boardLink('frame', undefined, 's')).toBeNull()
  })
})

describe('a place', () => {
  it('is called as it is written, as it was chosen, or by its coordinates', () => {
    expect(calledBy('120.1,27.2,A, B', 'x')).toBe('A, B')
    expect(calledBy('120.1,27.2', 'x')).toBe('x')
    expect(calledBy('120.1,27.2', null)).toBe('120.1,27.2')
  })
})

describe('a journey that is followed', () => {
  const row = (given: Partial<Subscription>): Subscription => ({ id: 'a', itinerary: 'j', endpoint: null, threshold_s: 300, departure_ms: 0, arrival_ms: 1000, state: 'watching', notices: [], created_ms: 0, ...given })
  const end = { name: '', lon: 120.5, lat: 27.9 }
  const opened = (state: Opened['state']): Opened => ({ state, journey: null, from: { ...end, name: 'A' }, to: end })

  it('is in the state that its opening says, later than told, or over', () => {
    expect(stateOf(row({}), opened('gone'), 2000)).toBe('gone')
    expect(stateOf(row({ state: 'late' }), opened('as_planned'), 2000)).toBe('changed')
    expect(stateOf(row({}), undefined, 2000)).toBeUndefined()
    expect(stateOf(row({}), opened('as_planned'), 86_400_000)).toBe('over')
  })

  it('shows the last notice while it holds', () => {
    const notice = { at_ms: 1, reason: 'late', line: '1', stop: '', late_s: 400, instead: null, instead_departure_ms: null, instead_arrival_ms: null } as const
    expect(standing(row({ state: 'late', notices: [notice] }))).toEqual(notice)
    expect(standing(row({ notices: [notice] }))).toBeUndefined()
  })

  it('is named by its ends, or by where they are', () => {
    expect(endsOf(opened('gone'))).toMatchObject({ from: 'A', to: expect.stringContaining('120.500') })
  })
})

describe('a ride on request', () => {
  it('is booked by a number that a telephone rings, until a moment on the clocks there', () => {
    expect(telephone('(877) 230-6045')).toBe('tel:8772306045')
    expect(telephone('+86 577-12 34')).toBe('tel:+865771234')
    expect(dayClockOf(Date.UTC(2021, 0, 16, 5, 30), 'America/Denver')).toBe('01-15 22:30')
  })

  it('is drawn unlike a bus and unlike a shared bike', () => {
    const colours = (['on_demand', 'ride', 'bike'] as const).map((kind) => lookOf({ kind } as Leg).color)
    expect(new Set(colours).size).toBe(3)
  })
})

describe('reach', () => {
  const square = (size: number, hole = 0): [number, number][][] => {
    const ring = (r: number): [number, number][] => [[-r, -r], [r, -r], [r, r], [-r, r], [-r, -r]]
    return hole ? [ring(size), ring(hole)] : [ring(size)]
  }
  const areas: Areas = { type: 'FeatureCollection', features: [[60, 0.1], [30, 0.05]].map(([minutes, size]) => ({ type: 'Feature', geometry: { type: 'Polygon', coordinates: square(size, 0.001) }, properties: { minutes, mode: 'transit', area_km2: 1, stops: 1 } })) }

  it('tells areas apart by colour and by stroke, the smallest first', () => {
    const looks = [15, 30, 45].map((n) => areaLook(n, [45, 30, 15]))
    expect(new Set(looks.map((look) => look.color)).size).toBe(3)
    expect(looks.map((look) => look.dash)).toEqual([false, true, false])
  })

  it('draws no inside of blocks, names each area at an edge of its own, and leaves what was sent as it is', () => {
    const drawn = drawnAreas(areas, [0, 0], (n) => `${n}`)
    const [far, near, ...points] = drawn.features
    expect([far, near].map((one) => (one.geometry as unknown as { coordinates: unknown[][] }).coordinates[0].length)).toEqual([1, 1])
    expect(points.map((one) => one.properties?.label)).toEqual(['60', '30', undefined])
    expect(points[0].geometry).toMatchObject({ coordinates: [0.1, 0.1] })
    expect(points[1].geometry).toMatchObject({ coordinates: [-0.05, -0.05] })
    expect(areas.features[0].geometry.coordinates).toHaveLength(2)
  })

  it('reads people from a table with or without a heading, and names lines that are no place', () => {
    expect(readPoints('lon,lat,people\n120.6,27.9,1500\n\n120.7;28\n')).toEqual({ points: [[120.6, 27.9, 1500], [120.7, 28, 1]], wrong: [] })
    expect(readPoints('120.6,27.9,-3\n27.9\n500,27.9,1\n1,2,x').wrong).toEqual([1, 2, 3, 4])
  })
})

describe('clocks', () => {
  it('are those of the timetable, there and back', () => {
    const ms = Date.UTC(2026, 6, 1, 22, 15)
    expect(local(ms, 'Asia/Shanghai')).toBe('2026-07-02T06:15')
    for (const zone of ['Asia/Shanghai', 'America/Sao_Paulo']) expect(instant(local(ms, zone), zone)).toBe(ms)
  })
})
