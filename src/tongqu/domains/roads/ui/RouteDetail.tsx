/** A route: its stakes, broken chains and calibration, and a strip of what lies along it. */
import { both, dateTime, engine, Facts, Failure, get, Link, number, Skeleton, t, useMay, useOverlay, useRegionName, useResource } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import { Button, Select, Tag } from 'antd'
import type { FeatureCollection } from 'geojson'
import { useMemo, useState, type JSX } from 'react'
import { idOf, nameOf, useAlong, useRoute, type Line, type Mark, type Route } from './api'
import { Calibrate } from './Calibrate'
import { Strip } from './Strip'

export default function RouteDetail({ urn }: { urn: string }): JSX.Element {
  const id = idOf(urn)
  const { data, error, isPending, refetch } = useRoute(id)
  if (isPending) return <Skeleton />
  if (error) return <Failure error={error} again={() => void refetch()} />
  return <Shown route={data} again={() => void refetch()} />
}

function Shown({ route, again }: { route: Route; again: () => void }): JSX.Element {
  const regionName = useRegionName()
  const resource = useResource('roads.routes')
  const [line, setLine] = useState(route.lines[0]?.id ?? 0)
  const chosen = route.lines.find((one) => one.id === line) ?? route.lines[0]
  const shape = useQuery<FeatureCollection>({ queryKey: ['roads', 'shape', route.id], queryFn: ({ signal }) => get(`roads/routes/${route.id}/shape`, {}, signal) })
  const drawn = useMemo<FeatureCollection | null>(() => (shape.data ? withChains(shape.data, route.lines) : null), [shape.data, route.lines])
  useOverlay('roads.route', drawn, { fit: `route:${route.id}` })
  const option = (column: string, value: string): string => {
    const found = resource?.columns.find((one) => one.name === column)?.options?.find((one) => one.value === value)
    return found ? both(found.label) : value
  }
  return (
    <>
      <section className="tq-block">
        <h2>
          <span className="tq-num">{route.number}</span> {nameOf(route)} <Tag>{route.calibrated ? t('roads.is_calibrated') : t('roads.not_calibrated')}</Tag>
        </h2>
        <Facts
          facts={[
            { label: t('roads.field_road_class'), value: option('road_class', route.road_class) },
            { label: t('roads.field_region'), value: regionName(route.region) || route.region },
            { label: t('roads.stake_range'), value: route.first_stake ? `${route.first_stake} – ${route.last_stake}` : '—' },
            { label: t('roads.field_length_km'), value: number(route.length_km, 1), unit: 'km', title: t('roads.length_hint') },
            { label: t('roads.field_source'), value: route.source },
          ]}
        />
      </section>
      <Along route={route} />
      {chosen && (
        <section className="tq-block">
          <h2>{t('roads.calibration')}</h2>
          {route.lines.length > 1 && <Select size="small" style={{ width: '100%' }} aria-label={t('roads.line')} value={chosen.id} onChange={setLine} options={route.lines.map((one) => ({ value: one.id, label: lineName(one) }))} />}
          <Calibration key={chosen.id} route={route} line={chosen} again={again} />
        </section>
      )}
    </>
  )
}

const lineName = (line: Line): string => [t(`roads.direction.${line.direction}`), line.prefix, line.first_stake ? `${line.first_stake} – ${line.last_stake}` : t('roads.not_calibrated')].filter(Boolean).join(' · ')

function withChains(shape: FeatureCollection, lines: Line[]): FeatureCollection {
  const chains = lines.flatMap((line) => line.chains.map((chain) => ({ type: 'Feature' as const, geometry: { type: 'Point' as const, coordinates: [chain.lon, chain.lat] }, properties: { label: `${chain.back} = ${chain.ahead}`, color: 'accent', shape: 'ring' } })))
  return { type: 'FeatureCollection', features: [...shape.features.map((feature) => ({ ...feature, properties: { color: 'accent', width: 3 } })), ...chains] }
}

function Along({ route }: { route: Route }): JSX.Element {
  const { data, error, isPending, refetch } = useAlong(route.id)
  const chains = useMemo(() => route.lines.filter((line) => line.direction !== 'down').flatMap((line) => line.chains), [route.lines])
  const ends = stakeEnds(route)
  return (
    <section className="tq-block">
      <h2>{t('roads.along')}</h2>
      {isPending && <Skeleton rows={3} />}
      {error && <Failure error={error} again={() => void refetch()} />}
      {data && (ends && data.items.length ? <Strip low_m={ends[0]} high_m={ends[1]} items={data.items} chains={chains} /> : <p className="tq-dim">{t('roads.nothing_along')}</p>)}
      <Link to="/roads/facilities" patch={{ 'f.number': route.number, id: null }}>
        {t('roads.as_list')}
      </Link>
    </section>
  )
}

function stakeEnds(route: Route): [number, number] | null {
  const metres = (stake: string): number => {
    const found = /K(\d+)\+(\d+)/.exec(stake)
    return found ? Number(found[1]) * 1000 + Number(found[2]) : 0
  }
  return route.first_stake && route.last_stake ? [metres(route.first_stake), metres(route.last_stake)] : null
}

function Calibration({ route, line, again }: { route: Route; line: Line; again: () => void }): JSX.Element {
  const may = useMay('roads.edit')
  const [all, setAll] = useState(false)
  const shown = all ? line.marks : line.marks.slice(0, 6)
  return (
    <>
      {line.chains.length > 0 && (
        <>
          <h3>{t('roads.chains')}</h3>
          <ul className="tq-plain">
            {line.chains.map((chain) => (
              <li key={chain.along_m}>
                <Tag>{t(`roads.chain_${chain.chain}`)}</Tag>
                <Fly mark={chain}>{`${chain.back} = ${chain.ahead}`}</Fly> <small className="tq-dim">{t('roads.chain_by', { n: number(Math.abs(chain.back_m - chain.ahead_m)) })}</small>
              </li>
            ))}
          </ul>
        </>
      )}
      <h3>{t('roads.marks', { n: number(line.marks.length) })}</h3>
      {line.marks.length === 0 && <p className="tq-dim">{t('roads.no_marks')}</p>}
      {line.marks.length > 0 && (
        <table className="tq-num" style={{ width: '100%' }}>
          <thead>
            <tr>
              <th style={{ textAlign: 'left' }}>{t('roads.field_stake')}</th>
              <th style={{ textAlign: 'right' }}>{t('roads.along_m')}</th>
              <th style={{ textAlign: 'left', paddingLeft: 12 }}>{t('roads.mark_source')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((mark) => (
              <tr key={mark.along_m}>
                <td>
                  <Fly mark={mark}>{mark.chain ? `${mark.back} = ${mark.ahead}` : mark.ahead}</Fly>
                </td>
                <td style={{ textAlign: 'right' }}>{number(mark.along_m, 1)} m</td>
                <td style={{ paddingLeft: 12 }}>{t(`roads.mark_${mark.source}`)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {line.marks.length > shown.length && (
        <Button type="link" size="small" onClick={() => setAll(true)}>
          {t('roads.all_marks')}
        </Button>
      )}
      <p className="tq-dim">{t('roads.valid_from', { when: line.valid_from_ms ? dateTime(line.valid_from_ms) : t('roads.ever') })}</p>
      {may && <Calibrate route={route} line={line} done={again} />}
    </>
  )
}

function Fly({ mark, children }: { mark: Mark; children: string }): JSX.Element {
  return (
    <Button type="link" size="small" style={{ padding: 0 }} onClick={() => engine.get()?.fly(mark.lon, mark.lat, 14)}>
      {children}
    </Button>
  )
}
