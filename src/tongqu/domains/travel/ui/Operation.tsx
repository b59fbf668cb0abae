/** How our own buses run a feed: who runs what, how late, when it is at the next stop, and how good forecasts have been. */
import { dateTime, Empty, Failure, get, Link, number, orDash, Skeleton, t, zonedTime } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import type { JSX } from 'react'
import './planner.css'

interface Running {
  vehicle: { urn: string; label: string } | null
  trip_id: string
  line: string
  delay_s: number
  standing: boolean
  next_stop: string
  arrival_ms: number
  arrival_low_ms: number
  arrival_high_ms: number
}

interface Horizon {
  horizon_min: number
  arrivals: number
  forecast_s: number
  schedule_s: number
  last_delay_s: number
}

interface Answer {
  at_ms: number | null
  vehicles: Running[]
  errors: Horizon[]
}

const SHOWN = 200
const LATE_S = 180
const clock = (ms: number): string => dateTime(ms).slice(11, 16)

export function Operation({ feed }: { feed: string }): JSX.Element {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['travel', 'operation', feed],
    refetchInterval: 15_000,
    queryFn: ({ signal }) => get<Answer>(`travel/feeds/${encodeURIComponent(feed)}/operation`, {}, signal),
  })
  if (isPending) return <Skeleton rows={4} />
  if (error) return <Failure error={error} again={() => void refetch()} />
  return (
    <section className="tq-block">
      <h2>{t('travel.operation')}</h2>
      {data.errors.length > 0 && <Errors errors={data.errors} />}
      {!data.vehicles.length && <Empty title={t('travel.nobody_runs')} hint={t('travel.nobody_runs_hint')} />}
      {data.vehicles.length > 0 && (
        <div style={{ overflowX: 'auto' }}>
          <table className="tq-grid">
            <thead>
              <tr>
                {['line', 'vehicle', 'delay', 'next_stop'].map((name) => (
                  <th key={name} scope="col">
                    {t(`travel.running_${name}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.vehicles.slice(0, SHOWN).map((one) => (
                <tr key={`${one.trip_id} ${one.vehicle?.urn ?? ''}`} title={one.trip_id}>
                  <td>{one.line}</td>
                  <td className="tq-nowrap">{one.vehicle ? <Link patch={{ sel: one.vehicle.urn, tab: null }}>{one.vehicle.label}</Link> : orDash(null)}</td>
                  <td className={`tq-num tq-nowrap${one.delay_s > LATE_S ? ' tq-bad' : ''}`}>{t(one.delay_s < 0 ? 'travel.early' : 'travel.late', { n: number(Math.abs(one.delay_s) / 60, 1) })}</td>
                  <td title={`${zonedTime(one.arrival_low_ms)} – ${zonedTime(one.arrival_high_ms)}`}>
                    {one.next_stop} <span className="tq-num">{clock(one.arrival_ms)}</span>{' '}
                    <small className="tq-dim tq-num tq-nowrap">
                      {clock(one.arrival_low_ms)}–{clock(one.arrival_high_ms)}
                    </small>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {data.vehicles.length > SHOWN && <p className="tq-dim">{t('travel.more_running', { n: number(data.vehicles.length - SHOWN) })}</p>}
    </section>
  )
}

/** Mean absolute errors, beside what the timetable alone and the last delay would have said of the same arrivals. */
function Errors({ errors }: { errors: Horizon[] }): JSX.Element {
  return (
    <details className="tq-how" open>
      <summary>{t('travel.errors_of_forecasts')}</summary>
      <div style={{ overflowX: 'auto' }}>
        <table className="tq-grid">
          <thead>
            <tr>
              {['ahead', 'forecast', 'schedule', 'last_delay', 'arrivals'].map((name) => (
                <th key={name} scope="col">
                  {t(`travel.error_${name}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {errors.map((one) => (
              <tr key={one.horizon_min}>
                <td className="tq-num">{t('travel.minutes', { n: one.horizon_min })}</td>
                {[one.forecast_s, one.schedule_s, one.last_delay_s].map((seconds, i) => (
                  <td key={i} className="tq-num">
                    {number(seconds, 0)} s
                  </td>
                ))}
                <td className="tq-num">{number(one.arrivals)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
