/** Departures at a stop: planned and real times, how far away the vehicle is, what does not leave. */
import { Empty, Failure, patch, Skeleton, span, t, useNow, useOverlay, useParam, zonedTime } from '@web/kit'
import { Button, Select } from 'antd'
import type { FeatureCollection } from 'geojson'
import { useMemo, type JSX } from 'react'
import { freshness, lateMinutes, useBoard, whereabouts, WINDOWS, type BoardAnswer, type Departure } from './board'
import { clockOf } from './journeys'
import { effect } from './notices'
import { Notices } from './Notices'
import { Line } from './Summary'
import './board.css'
import './planner.css'

export function Board({ stop, at = null }: { stop: string; at?: number | null }): JSX.Element {
  const minutes = Number(useParam('within') ?? 60)
  const { data, error, isPending, refetch } = useBoard(stop, minutes, at)
  const longest = Math.max(...WINDOWS)
  useDrawing(data ?? null)
  if (isPending) return <Skeleton rows={8} />
  if (!data) return <Failure error={error} again={() => void refetch()} />
  return (
    <section className="tq-board" aria-label={data.name}>
      <header className="tq-spread">
        <h2>{data.name}</h2>
        <Select size="small" value={minutes} aria-label={t('travel.board_window')} options={WINDOWS.map((n) => ({ value: n, label: t('travel.within_min', { n }) }))} onChange={(n) => patch({ within: n === 60 ? null : n })} />
      </header>
      {at === null && <Freshness answer={data} failed={error !== null} />}
      {error && <Failure error={error} again={() => void refetch()} />}
      <Notices of={data.notices} />
      {!data.departures.length && (
        <Empty title={t('travel.no_departures', { n: minutes })} hint={t('travel.no_departures_hint')}>
          {minutes < longest && <Button onClick={() => patch({ within: longest })}>{t('travel.look_further', { n: longest / 60 })}</Button>}
        </Empty>
      )}
      <ol className="tq-departures">
        {data.departures.map((one) => (
          <Row key={`${one.feed}/${one.trip_id}/${one.service_day}/${one.stop}/${one.planned_ms ?? one.departure_ms}`} one={one} board={data} />
        ))}
      </ol>
    </section>
  )
}

function Row({ one, board }: { one: Departure; board: BoardAnswer }): JSX.Element {
  const off = one.state !== 'runs'
  const late = lateMinutes(one)
  const where = whereabouts(one)
  const planned = one.planned_ms ?? one.departure_ms
  return (
    <li className={off ? 'is-off' : one.live ? 'is-live' : undefined}>
      <Line name={one.line} mode={one.mode} />
      <span className="tq-departure-to">
        <span>{t('travel.towards', { to: one.headsign })}</span>
        <small>
          {off && <b className="tq-late">{t(`travel.state_${one.state}`)}</b>}
          {!off && where && <b>{where}</b>}
          {!off && late !== null && <span className={late >= 1 ? 'tq-late' : undefined}>{late >= 1 ? t('travel.late', { n: late }) : late <= -1 ? t('travel.early', { n: -late }) : t('travel.on_time')}</span>}
          {!off && !one.live && <span>{t('travel.as_timetable')}</span>}
          {one.stop !== board.name && <span>{one.stop}</span>}
          {one.platform && <span>{t('travel.platform', { code: one.platform })}</span>}
          {one.notices.map((which) => (
            <b key={which} className="tq-late">
              {effect(board.notices[which]!)}
            </b>
          ))}
        </small>
      </span>
      <span className="tq-departure-when tq-num" title={zonedTime(one.departure_ms)}>
        <b>{off ? <s>{clockOf(planned, board.zone)}</s> : one.minutes_away < 1 ? t('travel.due') : one.minutes_away < 60 ? t('travel.minutes', { n: one.minutes_away }) : clockOf(one.departure_ms, board.zone)}</b>
        {!off && (
          <small>
            {one.planned_ms !== null && one.planned_ms !== one.departure_ms && <s>{clockOf(one.planned_ms, board.zone)}</s>} {clockOf(one.departure_ms, board.zone)}
          </small>
        )}
      </span>
    </li>
  )
}

/** How old what is known of now is; a feed that is silent says so. */
function Freshness({ answer, failed }: { answer: BoardAnswer; failed: boolean }): JSX.Element {
  const now = useNow(5_000)
  const fresh = freshness(answer)
  const age = Math.max(now - answer.at_ms, 0)
  const asked = <small className={failed ? 'tq-late' : undefined}>{t('travel.asked_ago', { span: span(age) })}</small>
  if (!fresh) {
    return (
      <p className="tq-spread tq-small">
        <span className="tq-dim">{t('travel.no_realtime')}</span>
        {asked}
      </p>
    )
  }
  return (
    <p className={fresh.stale ? 'tq-note tq-spread' : 'tq-spread tq-small'} role={fresh.stale ? 'status' : undefined}>
      <span>{t(fresh.stale ? 'travel.stale' : 'travel.fresh', { span: span(fresh.age_s * 1000) })}</span>
      {asked}
    </p>
  )
}

function useDrawing(answer: BoardAnswer | null): void {
  const data = useMemo<FeatureCollection | null>(() => {
    if (!answer) return null
    const vehicles = answer.departures.flatMap((one) => (one.vehicle ? [{ ...one.vehicle, label: one.line }] : []))
    const place = { type: 'Feature' as const, properties: { color: 'accent', radius: 8, shape: 'ring' }, geometry: { type: 'Point' as const, coordinates: [answer.lon, answer.lat] } }
    return { type: 'FeatureCollection', features: [place, ...vehicles.map(({ lon, lat, label }) => ({ type: 'Feature' as const, properties: { color: 'category-4', radius: 6, label }, geometry: { type: 'Point' as const, coordinates: [lon, lat] } }))] }
  }, [answer])
  useOverlay('travel.board', data, { fit: answer ? `${answer.lon},${answer.lat}` : null })
}
