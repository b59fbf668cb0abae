/** What is under the pointer: the mover's name and speed, the cell's counts, the point's time. */
import { useQuery } from '@tanstack/react-query'
import type { JSX } from 'react'
import { moverNames, useCategories } from '../api/queries'
import { movers } from '../live/link'
import { useSettled } from '../parts/hooks'
import { useStore } from '../state/store'
import { both, t } from '../text/catalogue'
import { number, shortTime, span } from '../text/format'
import { hover } from './port'
import { shownTrack } from './shownTrack'

export function HoverCard(): JSX.Element | null {
  const at = useStore(hover)
  const key = useSettled(at?.mover ?? null, 120)
  const { data } = useQuery({ queryKey: ['label', key], enabled: key !== null, staleTime: 600_000, queryFn: async () => (await moverNames([key!])).get(key!) ?? null })
  const { data: categories } = useCategories()
  const track = useStore(shownTrack)
  if (!at) return null
  const lines: string[] = []
  if (at.mover !== undefined) {
    const slot = movers.slot(at.mover)
    if (slot < 0) return null
    const state = Math.min(2, movers.marks[slot * 4 + 1])
    const alarm = movers.marks[slot * 4 + 2]
    const category = categories?.find((item) => item.id === movers.marks[slot * 4 + 3])
    lines.push(key === at.mover && data ? data.label : '…', both(category?.label))
    lines.push(state === 0 ? `${number(movers.speed[slot] / 10)} km/h` : t(`mover.state_${state}`))
    if (state === 2) lines.push(movers.age[slot] >= 255 ? t('mover.age_over', { span: span(255_000) }) : t('mover.age', { span: span(movers.age[slot] * 1000) }))
    if (alarm) lines.push(t('alarm.level', { n: alarm }))
  } else if (at.feature) {
    lines.push(at.feature.name, at.feature.more)
  } else if (at.cell) {
    lines.push(t('map.cell', { n: number(at.cell.count) }))
    if (at.cell.alarms) lines.push(t('map.cell_alarms', { n: number(at.cell.alarms) }))
  } else if (at.point !== undefined && track) {
    lines.push(shortTime(track.time_ms[at.point]), `${number(track.speed_kmh[at.point])} km/h`)
    if (track.alarm[at.point]) lines.push(t('track.alarm'))
    if (track.flags[at.point]) lines.push(t('track.suspicious'))
  }
  if (!lines.some(Boolean)) return null
  return (
    <div className="tq-hover" style={{ transform: `translate(${at.x + 14}px, ${at.y + 14}px)` }} aria-hidden="true">
      {lines.filter(Boolean).map((line, i) => (
        <span key={i} className={i ? '' : 'tq-strong'}>
          {line}
        </span>
      ))}
    </div>
  )
}
