/** What the planner found, and why it is not more. */
import { both, Empty, patch, t } from '@web/kit'
import type { JSX } from 'react'
import type { Plan } from './journeys'
import { Summary } from './Summary'

export function Options({ plan }: { plan: Plan }): JSX.Element {
  return (
    <>
      {plan.reason && (
        <div className="tq-note" role="status">
          <strong>{t('travel.none')}</strong>
          <p>{both(plan.reason.detail)}</p>
        </div>
      )}
      {plan.bikes?.reason && (
        <p className="tq-help" role="status">
          {both(plan.bikes.reason.detail)}
        </p>
      )}
      {(plan.on_demand?.reason?.code === 'hours' || plan.on_demand?.reason?.code === 'booking') && (
        <p className="tq-help" role="status">
          {both(plan.on_demand.reason.detail)}
        </p>
      )}
      {plan.journeys.length > 0 && (
        <ul className="tq-options" aria-label={t('travel.options')}>
          {plan.journeys.map((one) => (
            <li key={one.id}>
              <button type="button" className="tq-option" onClick={() => patch({ j: one.id })}>
                <Summary journey={one} zone={plan.zone} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {!plan.reason && !plan.journeys.length && <Empty title={t('travel.none')} hint={t('travel.none_hint')} />}
    </>
  )
}
