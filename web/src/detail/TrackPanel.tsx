/** Where the mover was: a window of time, the line on the map coloured by speed, a player, and each point's frame. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { lazy, useEffect, useMemo, useState, type JSX } from 'react'
import { get } from '../api/http'
import type { MoverDetail, Track, TrackColumns } from '../api/types'
import { Bottom } from '../frame/slots'
import { picked, useMap } from '../map/port'
import { shownTrack } from '../map/shownTrack'
import { GAP_MS, lastAtOrBefore, momentOf } from '../map/trackMath'
import { Part } from '../parts/boundary'
import { Facts } from '../parts/Facts'
import { Empty, Failure, Skeleton } from '../parts/states'
import { TimeInput } from '../parts/TimeInput'
import { param, patch, useParam } from '../state/address'
import { clock, setMoment } from '../state/clock'
import { useStore } from '../state/store'
import { t } from '../text/catalogue'
import { number, span } from '../text/format'
import { Player } from './Player'
import { TrackPoints } from './TrackPoints'

const SpeedChart = lazy(() => import('./SpeedChart'))
const HOUR_MS = 3_600_000
/** The track was opened in the present: who leaves it is back there. */
let cameLive = false
const WINDOWS: [string, number][] = [['1', HOUR_MS], ['4', 4 * HOUR_MS], ['24', 24 * HOUR_MS]]

export default function TrackPanel({ mover }: { mover: MoverDetail }): JSX.Element {
  const [fallback] = useState(() => Math.ceil(Date.now() / 60_000) * 60_000)
  const to = Number(useParam('to')) || fallback
  const from = Number(useParam('from')) || to - 2 * HOUR_MS
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['track', mover.urn, from, to],
    staleTime: 60_000,
    queryFn: ({ signal }) => get<Track>(`movers/${encodeURIComponent(mover.urn)}/track`, { from, to, format: 'columns' }, signal),
  })
  const track = data?.columns
  useEffect(() => {
    if (clock.get().moment_ms === null) cameLive = true
    return () => {
      if (!cameLive || param('tab') === 'track') return
      cameLive = false
      setMoment(null)
    }
  }, [])
  return (
    <>
      <Range from={from} to={to} />
      {isPending && <Skeleton />}
      {error && <Failure error={error} again={() => void refetch()} />}
      {track && !track.time_ms.length && <Empty title={t('track.empty')} hint={t('track.empty_hint')} />}
      {track && track.time_ms.length > 0 && <Shown track={track} total={data.total} />}
    </>
  )
}

function Range({ from, to }: { from: number; to: number }): JSX.Element {
  const choose = (start: number, end: number): void => {
    if (Number.isFinite(start) && Number.isFinite(end) && start < end) patch({ from: start, to: end })
  }
  return (
    <div className="tq-range">
      <div className="tq-row">
        {WINDOWS.map(([hours, length]) => (
          <Button key={hours} size="small" type={to - from === length ? 'primary' : 'default'} onClick={() => choose(Date.now() - length, Date.now())}>
            {t('track.last', { n: hours })}
          </Button>
        ))}
      </div>
      <label>
        <span>{t('track.from')}</span>
        <TimeInput value={from} onChange={(value) => value !== null && choose(value, to)} />
      </label>
      <label>
        <span>{t('track.to')}</span>
        <TimeInput value={to} onChange={(value) => value !== null && choose(from, value)} />
      </label>
    </div>
  )
}

/** Length in km of the line as it is drawn: without suspicious points and without gaps. */
function measure(track: TrackColumns): { length_km: number; most_kmh: number; alarms: number; suspicious: number; gaps: number } {
  const made = { length_km: 0, most_kmh: 0, alarms: 0, suspicious: 0, gaps: 0 }
  const rad = Math.PI / 180
  let last = -1
  for (let i = 0; i < track.time_ms.length; i += 1) {
    if (track.alarm[i]) made.alarms += 1
    if (track.flags[i]) {
      made.suspicious += 1
      continue
    }
    made.most_kmh = Math.max(made.most_kmh, track.speed_kmh[i])
    if (last >= 0) {
      if (track.time_ms[i] - track.time_ms[last] > GAP_MS) made.gaps += 1
      else {
        const dy = (track.lat[i] - track.lat[last]) * 111.195
        const dx = (track.lon[i] - track.lon[last]) * 111.195 * Math.cos(track.lat[i] * rad)
        made.length_km += Math.hypot(dx, dy)
      }
    }
    last = i
  }
  return made
}

function Shown({ track, total }: { track: TrackColumns; total: number }): JSX.Element {
  const map = useMap()
  const { moment_ms } = useStore(clock)
  const first = track.time_ms[0]
  const last = track.time_ms[track.time_ms.length - 1]
  const facts = useMemo(() => measure(track), [track])
  const inside = moment_ms !== null && moment_ms >= first && moment_ms <= last
  const at_ms = inside ? moment_ms : last
  const chosen = lastAtOrBefore(track.time_ms, at_ms)
  const click = useStore(picked)
  useEffect(() => {
    shownTrack.set(track)
    map?.track.set(track)
    map?.fitTrack()
    return () => {
      shownTrack.set(null)
      map?.track.set(null)
    }
  }, [map, track])
  useEffect(() => map?.track.at(momentOf(track, at_ms)), [map, track, at_ms])
  useEffect(() => {
    if (!click || Date.now() - click.at > 500) return
    const frame = track.frame[click.point]
    setMoment(track.time_ms[click.point])
    map?.track.choose(click.point)
    if (frame) patch({ frame })
  }, [click, track, map])
  return (
    <>
      <Bottom label={t('track.replay')}>
        <Player first={first} last={last} at_ms={at_ms} />
        <Part quiet>
          <SpeedChart track={track} at_ms={at_ms} />
        </Part>
      </Bottom>
      <Facts
        facts={[
          { label: t('track.points'), value: total > track.time_ms.length ? t('track.of', { n: number(track.time_ms.length), total: number(total) }) : number(total) },
          { label: t('track.length'), value: number(facts.length_km, 1), unit: 'km', title: t('track.length_how') },
          { label: t('track.duration'), value: span(last - first) },
          { label: t('track.most'), value: number(facts.most_kmh), unit: 'km/h' },
          { label: t('track.alarms'), value: number(facts.alarms) },
          { label: t('track.suspicious_points'), value: number(facts.suspicious), title: t('track.suspicious_how') },
          { label: t('track.gaps'), value: number(facts.gaps), title: t('track.gaps_how') },
        ]}
      />
      <TrackPoints track={track} at={chosen} />
    </>
  )
}
