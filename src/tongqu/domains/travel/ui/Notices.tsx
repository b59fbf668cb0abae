/** Alerts beside what they concern: headline, text, where more is told. */
import { t } from '@web/kit'
import type { JSX } from 'react'
import { chosen, headline, type Alert } from './notices'

export function Notices({ of }: { of: Alert[] }): JSX.Element | null {
  if (!of.length) return null
  return (
    <ul className="tq-plain" aria-label={t('travel.notices_here')}>
      {of.map((one) => (
        <li key={`${one.feed}/${one.id}`} className="tq-note">
          <b className={one.severity === 'severe' ? 'tq-late' : undefined}>{headline(one)}</b> {chosen(one.description)}{' '}
          {one.url && (
            <a href={one.url} target="_blank" rel="noopener noreferrer">
              {t('travel.notice_more')}
            </a>
          )}
        </li>
      ))}
    </ul>
  )
}
