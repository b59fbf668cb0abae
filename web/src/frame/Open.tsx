/** The frame of what everybody may see, phone first; within another site's page, the widget alone. */
import type { JSX } from 'react'
import { useHealth, useMeta } from '../api/queries'
import { Part } from '../parts/boundary'
import { Link } from '../parts/link'
import { Empty, Failure, Skeleton } from '../parts/states'
import { usePath } from '../state/address'
import { both, t } from '../text/catalogue'
import { Badge } from './Badge'
import { LanguageButton } from './LanguageButton'
import { useOpenPages } from './registry'
import { Toasts } from './Toasts'

export default function Open({ framed }: { framed: boolean }): JSX.Element {
  const path = usePath()
  const health = useHealth()
  const meta = useMeta()
  const pages = useOpenPages()
  const badge = both(meta.data?.badge) || (health.data?.demo ? t('frame.badge') : '')
  const [, , domain, id] = path.split('/')
  const shown = pages?.find((one) => (!domain || one.page.id === domain) && (!id || one.entry.id === id) && (!framed || one.entry.widget))
  const Body = framed ? shown?.entry.widget : shown?.entry.component
  return (
    <div className={framed ? 'tq-open is-framed' : 'tq-open'}>
      <a className="tq-skip" href="#tq-page">
        {t('frame.skip')}
      </a>
      <header className="tq-open-head">
        {framed ? <strong>{shown ? t(shown.entry.title) : t('frame.name')}</strong> : <Link to="/public">{t('frame.short_name')}</Link>}
        <Badge text={badge} />
        <LanguageButton />
        {!framed && <a href="/">{t('login.enter')}</a>}
      </header>
      {!framed && pages && pages.length > 1 && (
        <nav className="tq-tabs" aria-label={t('frame.open')}>
          {pages.map((one) => (
            <Link key={one.to} to={one.to} aria-current={one === shown ? 'page' : undefined}>
              {t(one.entry.title)}
            </Link>
          ))}
        </nav>
      )}
      <main className="tq-open-body" id="tq-page" tabIndex={-1}>
        {!framed && shown && <h1 className="tq-hidden">{t(shown.entry.title)}</h1>}
        {meta.error ? (
          <Failure error={meta.error} again={() => void meta.refetch()} />
        ) : !pages ? (
          <Skeleton rows={6} />
        ) : Body && shown ? (
          <Part key={shown.to}>
            <Body />
          </Part>
        ) : (
          <Empty title={t('frame.no_page')} hint={path} />
        )}
        <Toasts />
      </main>
    </div>
  )
}
