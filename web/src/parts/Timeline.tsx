/** What happened, in order, by day: steps of a case, notes of a shift, messages. What is still to come is hollow. */
import type { JSX, ReactNode } from 'react'
import { t } from '../text/catalogue'
import { dateTime, span, zonedTime } from '../text/format'
import { useNow } from './hooks'
import { Empty } from './states'

export interface TimelineItem {
  id: string | number
  at_ms: number
  title: ReactNode
  /** Who did it, where it came from. */
  by?: string
  /** Text, figures, buttons below the title. */
  body?: ReactNode
  tone?: 'plain' | 'good' | 'bad' | 'alarm' | 'note'
  /** Still to come: a deadline. One that has passed is told as overdue. */
  due?: boolean
}

export function Timeline({ items, label, newestFirst = false, empty }: { items: TimelineItem[]; label: string; newestFirst?: boolean; empty?: string }): JSX.Element {
  const now = useNow(30_000)
  if (!items.length) return <Empty title={empty ?? t('timeline.empty')} />
  const sorted = [...items].sort((a, b) => (newestFirst ? b.at_ms - a.at_ms : a.at_ms - b.at_ms))
  let day = ''
  return (
    <ol className="tq-timeline" aria-label={label}>
      {sorted.map((item) => {
        const at = dateTime(item.at_ms)
        const first = at.slice(0, 10) !== day
        day = at.slice(0, 10)
        const late = item.due && item.at_ms < now
        return (
          <li key={item.id} className={`is-${late ? 'bad' : (item.tone ?? 'plain')}${item.due ? ' is-due' : ''}`}>
            {first && <p className="tq-timeline-day tq-num">{day}</p>}
            <i aria-hidden="true" />
            <time className="tq-num" dateTime={new Date(item.at_ms).toISOString()} title={zonedTime(item.at_ms)}>
              {at.slice(11, 16)}
              <small>{at.slice(16)}</small>
            </time>
            <div>
              <p className="tq-timeline-title">
                {item.title}
                {item.due && <small> {t(late ? 'timeline.late' : 'timeline.left', { span: span(Math.abs(item.at_ms - now)) })}</small>}
              </p>
              {item.by && <p className="tq-dim tq-small">{item.by}</p>}
              {item.body}
            </div>
          </li>
        )
      })}
    </ol>
  )
}
