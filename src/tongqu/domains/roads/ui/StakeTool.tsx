/** Point to stake and stake to point: two answers, one, or none with the reason; a number in several counties is asked about. */
import { both, coordinates, Empty, engine, Failure, get, Link, number, Skeleton, t, useDraw, useOverlay, useParam, useRegion, useRegionName, useSettled, patch } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import { Button, Input, InputNumber, Segmented, Select, Tag } from 'antd'
import type { FeatureCollection, Geometry, Point } from 'geojson'
import { useMemo, useState, type JSX } from 'react'
import { nameOf, type Answer, type Place } from './api'

const DATUMS = ['wgs84', 'gcj02', 'bd09'] as const

export default function StakeTool(): JSX.Element {
  const mode = useParam('mode') ?? 'stake'
  return (
    <div className="tq-pad tq-scroll">
      <Segmented block value={mode} onChange={(value) => patch({ mode: String(value) === 'stake' ? null : String(value) })} options={[{ value: 'stake', label: t('roads.stake_to_point') }, { value: 'point', label: t('roads.point_to_stake') }]} />
      {mode === 'point' ? <FromPoint /> : <FromStake />}
    </div>
  )
}

function FromStake(): JSX.Element {
  const asked = useParam('q') ?? ''
  const [text, setText] = useState(asked)
  const q = useSettled(text.trim(), 300)
  const region = useRegion()
  const [chosen, setChosen] = useState<string | null>(null)
  const { data, error, isFetching, refetch } = useQuery<Answer>({
    queryKey: ['roads', 'find', q, chosen ?? region],
    enabled: q.length > 1,
    retry: false,
    placeholderData: (before) => before,
    queryFn: ({ signal }) => get<Answer>('geo/stakes/find', { q, region: chosen ?? region }, signal),
  })
  useOverlay('roads.found', useMemo(() => drawn(data?.places ?? []), [data]), { fit: data?.places.length ? `find:${q}:${chosen ?? ''}` : null })
  return (
    <>
      <Input
        style={{ marginTop: 12 }}
        value={text}
        allowClear
        autoFocus
        aria-label={t('roads.stake_asked')}
        placeholder="G9901 K45+200"
        onChange={(event) => {
          setText(event.target.value)
          setChosen(null)
          patch({ q: event.target.value || null })
        }}
      />
      <p className="tq-dim">{t('roads.stake_forms')}</p>
      {isFetching && !data && <Skeleton rows={2} />}
      {error && <Failure error={error} again={() => void refetch()} />}
      {q.length > 1 && !error && data && (
        <>
          {data.reason && <p role="status">{data.code === 'geo.which_region' ? t('roads.which_region') : both(data.reason)}</p>}
          <Routes answer={data} choose={setChosen} />
          <Places places={data.places} />
          {data.places.length > 1 && data.places.some((place) => place.branch) && <p className="tq-dim">{t('roads.two_answers')}</p>}
        </>
      )}
      {q.length <= 1 && <Empty title={t('roads.ask_stake')} hint={t('roads.ask_stake_hint')} />}
    </>
  )
}

function Routes({ answer, choose }: { answer: Answer; choose: (region: string) => void }): JSX.Element | null {
  const regionName = useRegionName()
  if (!answer.routes.length) return null
  return (
    <ul className="tq-plain">
      {answer.routes.map((route) => (
        <li key={route.id}>
          <Button type="link" onClick={() => choose(route.region)}>
            {regionName(route.region) || route.region} · {route.number} {nameOf(route)}
          </Button>
        </li>
      ))}
    </ul>
  )
}

function FromPoint(): JSX.Element {
  const [point, setPoint] = useState<Geometry | null>(null)
  const [picking, setPicking] = useState(true)
  const [datum, setDatum] = useState<string>('wgs84')
  const [within, setWithin] = useState(200)
  useDraw(picking ? 'point' : null, null, (geometry, finished) => {
    setPoint(geometry)
    if (finished) setPicking(false)
  })
  const at = point ? (point as Point).coordinates : null
  const { data, error, isFetching, refetch } = useQuery<{ places: Place[] }>({
    queryKey: ['roads', 'near', at?.[0], at?.[1], datum, within],
    enabled: at !== null,
    retry: false,
    queryFn: ({ signal }) => get<{ places: Place[] }>('geo/stakes', { lon: at![0], lat: at![1], datum, within_m: within }, signal),
  })
  useOverlay('roads.near', useMemo(() => drawn(data?.places ?? [], at), [data, at]))
  const set = (lon: number | null, lat: number | null): void => {
    if (lon !== null && lat !== null) setPoint({ type: 'Point', coordinates: [lon, lat] })
  }
  return (
    <>
      <div className="tq-row" style={{ marginTop: 12 }}>
        <Button type={picking ? 'primary' : 'default'} onClick={() => setPicking(!picking)}>
          {t('roads.pick_on_map')}
        </Button>
        <Select value={datum} onChange={setDatum} aria-label={t('roads.datum')} options={DATUMS.map((one) => ({ value: one, label: t(`roads.datum_${one}`) }))} />
      </div>
      <div className="tq-row" style={{ marginTop: 8 }}>
        <InputNumber style={{ flex: 1 }} aria-label={t('roads.field_lon')} placeholder={t('roads.field_lon')} value={at?.[0] ?? null} min={-180} max={180} step={0.0001} onChange={(value) => set(value, at?.[1] ?? 0)} />
        <InputNumber style={{ flex: 1 }} aria-label={t('roads.field_lat')} placeholder={t('roads.field_lat')} value={at?.[1] ?? null} min={-90} max={90} step={0.0001} onChange={(value) => set(at?.[0] ?? 0, value)} />
      </div>
      <div className="tq-row" style={{ marginTop: 8 }}>
        <label>
          {t('roads.within')} <InputNumber size="small" min={10} max={2000} value={within} addonAfter="m" onChange={(value) => setWithin(value ?? 200)} />
        </label>
      </div>
      {isFetching && <Skeleton rows={2} />}
      {error && <Failure error={error} again={() => void refetch()} />}
      {data && data.places.length === 0 && <Empty title={t('roads.no_route_near')} hint={t('roads.no_route_near_hint', { n: number(within) })} />}
      {data && <Places places={data.places} />}
      {!at && <Empty title={t('roads.ask_point')} hint={t('roads.ask_point_hint')} />}
    </>
  )
}

function Places({ places }: { places: Place[] }): JSX.Element {
  const regionName = useRegionName()
  return (
    <ul className="tq-plain">
      {places.map((place) => (
        <li key={`${place.route}${place.direction}${place.stake}`} style={{ margin: '10px 0' }}>
          <Button type="link" style={{ padding: 0 }} onClick={() => engine.get()?.fly(place.lon, place.lat, 15)}>
            <b className="tq-num">{both(place.text)}</b>
          </Button>{' '}
          {place.branch && <Tag>{t('roads.on_long_chain')}</Tag>}
          {place.estimated && <Tag>{t('roads.estimated')}</Tag>}
          <div className="tq-dim tq-num">
            {coordinates(place.lon, place.lat)}
            {Math.abs(place.offset_m) >= 0.05 && ` · ${t(`roads.off_${place.side}`, { n: number(Math.abs(place.offset_m), 1) })}`}
          </div>
          <small>
            {regionName(place.region) || place.region} · <Link patch={{ sel: `urn:tongqu:route:${place.route}`, tab: null }}>{t('roads.open_route')}</Link>
          </small>
        </li>
      ))}
    </ul>
  )
}

function drawn(places: Place[], at: number[] | null = null): FeatureCollection | null {
  if (!places.length && !at) return null
  const features = places.map((place) => ({ type: 'Feature' as const, geometry: { type: 'Point' as const, coordinates: [place.lon, place.lat] }, properties: { label: both(place.text), color: 'accent', radius: 6 } }))
  const lines = at ? places.map((place) => ({ type: 'Feature' as const, geometry: { type: 'LineString' as const, coordinates: [at, [place.lon, place.lat]] }, properties: { color: 'accent', width: 1.5, dash: true } })) : []
  const own = at ? [{ type: 'Feature' as const, geometry: { type: 'Point' as const, coordinates: at }, properties: { color: 'ink', shape: 'ring' } }] : []
  return { type: 'FeatureCollection', features: [...lines, ...features, ...own] }
}
