/** At the door: what can be seen without signing in. */
import type { JSX } from 'react'
import { Link } from '../parts/link'
import { t } from '../text/catalogue'
import { useOpenPages } from './registry'

export default function OpenLinks(): JSX.Element | null {
  const pages = useOpenPages()
  if (!pages?.length) return null
  return (
    <nav className="tq-open-links" aria-label={t('frame.open')}>
      <span>{t('frame.open')}</span>
      {pages.map((one) => (
        <Link key={one.to} to={one.to}>
          {t(one.entry.title)}
        </Link>
      ))}
    </nav>
  )
}
