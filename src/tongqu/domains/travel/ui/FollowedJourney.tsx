/** A journey that is followed: from where to where, its state, the notice that holds, and what can be done. */
import { CalendarOutlined } from '@ant-design/icons'
import { dateTime, Failure, Link, shortTime, t, tell, toast, useNow, zonedTime } from '@web/kit'
import { Button, Popconfirm } from 'antd'
import type { JSX } from 'react'
import { standing, stateOf, useUnfollow, type Notice, type Subscription } from './followed'
import { calendarPath, clockOf, endsOf, useOpened } from './journeys'
import { Summary } from './Summary'

const ZONE = 'Asia/Shanghai'
/** Words that warn; the others are plain. */
const TONES = { as_planned: 'tq-strong', changed: 'tq-note-word', broken: 'tq-late', gone: 'tq-late', over: 'tq-dim' } as const

export function FollowedJourney({ row }: { row: Subscription }): JSX.Element {
  const now = useNow(30_000)
  const opened = useOpened(row.itinerary, 30_000)
  const unfollow = useUnfollow()
  const state = stateOf(row, opened.data, now)
  const notice = standing(row)
  const journey = opened.data?.journey
  return (
    <article className="tq-option is-head">
      <span className="tq-spread">
        <b>{opened.data ? t('travel.from_to', endsOf(opened.data)) : '…'}</b>
        {state && <span className={`tq-nowrap ${TONES[state]}`}>{t(`travel.is_${state}`)}</span>}
      </span>
      <small className="tq-num" title={zonedTime(row.departure_ms)}>
        {dateTime(row.departure_ms).slice(0, 16)}
      </small>
      {journey && <Summary journey={journey} zone={ZONE} />}
      {opened.error && <Failure error={opened.error} again={() => void opened.refetch()} />}
      {notice && state !== 'over' && <Told notice={notice} />}
      {row.endpoint && <small>{t('travel.to_webhook')}</small>}
      <span className="tq-row">
        <Link to="/travel/planner" patch={{ j: row.itinerary, sel: null }}>
          {t('travel.open_journey')}
        </Link>
        {journey && (
          <Button size="small" icon={<CalendarOutlined />} href={calendarPath(row.itinerary)} download="journey.ics">
            {t('travel.calendar')}
          </Button>
        )}
        <Popconfirm title={t('travel.unfollow_sure')} okText={t('travel.unfollow')} onConfirm={() => unfollow.mutate(row.id, { onError: (error) => toast({ key: 'travel.follow', title: tell(error).text, tone: 'bad' }) })}>
          <Button size="small" loading={unfollow.isPending}>
            {t('travel.unfollow')}
          </Button>
        </Popconfirm>
      </span>
    </article>
  )
}

function Told({ notice }: { notice: Notice }): JSX.Element {
  return (
    <div className="tq-note" role="status">
      <p>
        <span className="tq-num" title={zonedTime(notice.at_ms)}>
          {shortTime(notice.at_ms)}
        </span>{' '}
        {t(`travel.told_${notice.reason}`, { line: notice.line, stop: notice.stop, n: Math.max(1, Math.round(notice.late_s / 60)) })}
      </p>
      {notice.instead && notice.instead_departure_ms !== null && notice.instead_arrival_ms !== null ? (
        <Link to="/travel/planner" patch={{ j: notice.instead, sel: null }}>
          {t('travel.take_instead', { departure: clockOf(notice.instead_departure_ms, ZONE), arrival: clockOf(notice.instead_arrival_ms, ZONE) })}
        </Link>
      ) : (
        <p>{t('travel.nothing_instead')}</p>
      )}
    </div>
  )
}
