/** The points one by one; a row opens its raw frame. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, type JSX } from 'react'
import type { TrackColumns } from '../api/types'
import { useMap } from '../map/port'
import { patch } from '../state/address'
import { clock, setMoment } from '../state/clock'
import { t } from '../text/catalogue'
import { number, shortTime, zonedTime } from '../text/format'

const ROW_PX = 28

export function TrackPoints({ track, at }: { track: TrackColumns; at: number }): JSX.Element {
  const map = useMap()
  const box = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({ count: track.time_ms.length, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 8 })
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at, { align: 'auto' })
  }, [at, rows])
  const open = (i: number): void => {
    setMoment(track.time_ms[i])
    map?.track.choose(i)
    map?.reveal(track.lon[i], track.lat[i])
  }
  return (
    <section className="tq-block">
      <h2>{t('track.points')}</h2>
      <div className="tq-points" ref={box} tabIndex={0} role="list" aria-label={t('track.points')}>
        <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {rows.getVirtualItems().map(({ index: i, start }) => (
            <div key={i} role="listitem" className={i === at && clock.get().moment_ms !== null ? 'tq-point is-here' : 'tq-point'} style={{ transform: `translateY(${start}px)`, height: ROW_PX }}>
              <button type="button" onClick={() => open(i)} title={zonedTime(track.time_ms[i])}>
                <span className="tq-num">{shortTime(track.time_ms[i])}</span>
                <span className="tq-num">
                  {number(track.speed_kmh[i])} <small>km/h</small>
                </span>
                <span className="tq-num">{number(track.heading_deg[i])}°</span>
                <span>
                  {track.alarm[i] ? <b className="tq-alarm-word">{t('track.alarm')}</b> : ''}
                  {track.flags[i] ? <span className="tq-dim">{t('track.suspicious')}</span> : ''}
                </span>
              </button>
              {track.frame[i] && (
                <button type="button" className="tq-open-frame" onClick={() => patch({ frame: track.frame[i] })} aria-label={t('track.open_frame', { time: shortTime(track.time_ms[i]) })}>
                  {t('track.frame')}
                </button>
              )}
            </div>
          ))}
        </div>
      </div>
    </section>
  )
}
