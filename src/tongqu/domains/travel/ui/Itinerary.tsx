/** A journey leg by leg, with what one can do with it: take it along, send it, follow it, see the boards of its stops. */
import { CalendarOutlined, LinkOutlined } from '@ant-design/icons'
import { both, Link, number, t, toast } from '@web/kit'
import { Button } from 'antd'
import type { JSX, ReactNode } from 'react'
import { FollowButton } from './FollowButton'
import { calendarPath, clockOf, dayClockOf, telephone, worthTelling, type Booking, type End, type Journey, type Leg } from './journeys'
import { Notices } from './Notices'
import { boardLink, shareAddress, useSetting } from './setting'
import { Summary } from './Summary'

export function Itinerary({ journey, zone }: { journey: Journey; zone: string }): JSX.Element {
  const setting = useSetting()
  const share = (): void => void navigator.clipboard?.writeText(shareAddress(journey.id)).then(() => toast({ key: 'travel.share', title: t('travel.shared'), tone: 'good' }))
  return (
    <>
      <div className="tq-option is-head">
        <Summary journey={journey} zone={zone} />
      </div>
      {journey.beeline && <p className="tq-help">{t('travel.beeline')}</p>}
      <div className="tq-row">
        {setting === 'frame' && <FollowButton journey={journey} />}
        <Button size="small" icon={<CalendarOutlined />} href={calendarPath(journey.id)} download="journey.ics">
          {t('travel.calendar')}
        </Button>
        {setting === 'widget' ? (
          <Button size="small" icon={<LinkOutlined />} href={shareAddress(journey.id)} target="_blank" rel="noopener">
            {t('travel.open_page')}
          </Button>
        ) : (
          <Button size="small" icon={<LinkOutlined />} onClick={share}>
            {t('travel.share')}
          </Button>
        )}
      </div>
      <ol className="tq-legs">
        {worthTelling(journey.legs).map((leg, index) => (
          <li key={index} className={`is-${leg.kind}`}>
            {leg.wait_s && leg.wait_s >= 60 ? <small className="tq-dim">{t('travel.wait', { n: Math.round(leg.wait_s / 60) })}</small> : null}
            <p>
              <b className="tq-num">{clockOf(leg.departure_ms, zone)}</b> {both(leg.words)}
            </p>
            {leg.rental && <Free rental={leg.rental} />}
            {leg.booking && <HowToBook booking={leg.booking} zone={zone} />}
            {leg.ride && <Ride leg={leg} ride={leg.ride} zone={zone} />}
            <Notices of={leg.notices ?? []} />
            {leg.steps && leg.steps.length > 2 && (
              <More title={t(leg.kind === 'walk' ? 'travel.steps' : 'travel.steps_ridden')}>
                {leg.steps.map((step, order) => (
                  <li key={order}>
                    {both(step.words)} {step.length_m > 0 && <span className="tq-num tq-dim">{number(step.length_m)} m</span>}
                  </li>
                ))}
              </More>
            )}
          </li>
        ))}
      </ol>
    </>
  )
}

function Ride({ leg, ride, zone }: { leg: Leg; ride: NonNullable<Leg['ride']>; zone: string }): JSX.Element {
  return (
    <>
      <p className="tq-row tq-small">
        {ride.delay_s !== null && ride.delay_s >= 60 && <b className="tq-late">{t('travel.late', { n: Math.round(ride.delay_s / 60) })}</b>}
        {ride.headway_s > 0 && <span className="tq-dim">{t('travel.every', { n: Math.round(ride.headway_s / 60) })}</span>}
        <Board stop={leg.from} />
      </p>
      {ride.calls.length > 2 && (
        <More title={t('travel.stops_between', { n: ride.calls.length - 2 })}>
          {ride.calls.slice(1, -1).map((call, order) => (
            <li key={order}>
              <span className="tq-num tq-dim">{clockOf(call.arrival_ms, zone)}</span> {call.name}
            </li>
          ))}
        </More>
      )}
    </>
  )
}

/** What is free at both ends of a ride on a shared bike; nothing where that is not known now. */
function Free({ rental: { vehicles, places } }: { rental: NonNullable<Leg['rental']> }): JSX.Element | null {
  if (vehicles === null) return null
  return <p className="tq-dim tq-small">{places === null ? t('travel.bikes_free_unlimited', { vehicles }) : t('travel.bikes_free', { vehicles, places })}</p>
}

/** Until when and how a ride on request is booked. */
function HowToBook({ booking, zone }: { booking: Booking; zone: string }): JSX.Element {
  const { type, until_ms, from_ms, phone, url, message } = booking
  return (
    <div className="tq-note">
      <p className="tq-row">
        <b>{type === 'real_time' ? t('travel.book_any_time') : t('travel.book_by', { at: dayClockOf(until_ms, zone) })}</b>
        {phone && <a href={telephone(phone)}>{phone}</a>}
        {url && (
          <a href={url} target="_blank" rel="noopener noreferrer">
            {t('travel.book_online')}
          </a>
        )}
      </p>
      {from_ms !== null && <p className="tq-dim tq-small">{t('travel.book_from', { at: dayClockOf(from_ms, zone) })}</p>}
      {message && <p className="tq-small">{message}</p>}
    </div>
  )
}

function Board({ stop }: { stop: End }): JSX.Element | null {
  const link = boardLink(useSetting(), stop.feed, stop.stop_id)
  return link ? <Link {...link}>{t('travel.board_of', { stop: stop.name })}</Link> : null
}

const More = ({ title, children }: { title: string; children: ReactNode }): JSX.Element => (
  <details>
    <summary>{title}</summary>
    <ol className="tq-calls">{children}</ol>
  </details>
)
