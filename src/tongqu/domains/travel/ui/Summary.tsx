/** A journey in three lines: when, by what, how far on foot. */
import { number, t } from '@web/kit'
import type { JSX } from 'react'
import { clockOf, worthTelling, type Journey } from './journeys'

/** The name of a line, framed; never colour alone. */
export const Line = ({ name, mode }: { name: string | undefined; mode: string | undefined }): JSX.Element => <span className={`tq-line is-${mode ?? 'bus'}`}>{name || t(`travel.mode_name_${mode ?? 'bus'}`)}</span>

export function Summary({ journey, zone }: { journey: Journey; zone: string }): JSX.Element {
  const rides = journey.legs.some((leg) => leg.ride)
  const only = journey.legs.length === 1 ? journey.legs[0].kind : 'ride'
  const how = !rides && journey.legs.some((leg) => leg.booking) ? t('travel.by_on_demand') : !rides && journey.legs.some((leg) => leg.rental) ? t('travel.by_bike') : only === 'walk' ? t('travel.no_ride') : only === 'cycle' ? t('travel.cycling') : only === 'drive' ? t('travel.driving') : journey.transfers ? t('travel.transfers', { n: journey.transfers }) : t('travel.no_transfer')
  return (
    <>
      <span className="tq-spread">
        <b className="tq-num">
          {clockOf(journey.departure_ms, zone)} – {clockOf(journey.arrival_ms, zone)}
        </b>
        <span className="tq-num">{t('travel.minutes', { n: Math.round(journey.duration_s / 60) })}</span>
      </span>
      <span className="tq-row tq-chain">
        {worthTelling(journey.legs).map((leg, index) =>
          leg.ride ? (
            <Line key={index} name={leg.ride.line} mode={leg.ride.mode} />
          ) : leg.on_demand ? (
            <Line key={index} name={leg.on_demand.line || leg.on_demand.agency} mode="bus" />
          ) : (
            <small key={index} className="tq-dim tq-num">
              {t(`travel.mode_${leg.kind}`)} {Math.max(1, Math.round(leg.duration_s / 60))}′
            </small>
          ),
        )}
      </span>
      <small className="tq-dim">
        {how}
        {journey.walk_m > 0 && only === 'ride' ? ` · ${t('travel.walked', { m: number(journey.walk_m) })}` : ''}
      </small>
    </>
  )
}
