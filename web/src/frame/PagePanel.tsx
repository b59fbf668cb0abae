/** What stands at the left: the page that the address names. */
import { CloseOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { lazy, type JSX } from 'react'
import { useResource } from '../api/queries'
import { Part } from '../parts/boundary'
import { usePhone } from '../parts/hooks'
import { Link } from '../parts/link'
import { Empty } from '../parts/states'
import { go } from '../state/address'
import { t } from '../text/catalogue'
import type { resolve } from './registry'

const ResourcePage = lazy(() => import('../lists/ResourcePage'))

export function PagePanel({ place, path }: { place: ReturnType<typeof resolve>; path: string }): JSX.Element {
  const phone = usePhone()
  const resource = useResource(place?.entry.resource)
  if (!place) {
    return (
      <Empty title={t('frame.no_page')} hint={path}>
        <Link to="/">{t('frame.to_start')}</Link>
      </Empty>
    )
  }
  const { page, entry } = place
  const Body = entry.component
  const siblings = page.entries.length > 1 && page.entries.length <= 6 && 'field' in page
  return (
    <div className="tq-page">
      <header className="tq-page-head">
        <h1>{t(entry.title)}</h1>
        {!phone && <Button type="text" size="small" icon={<CloseOutlined />} aria-label={t('action.close_list')} onClick={() => go('/map')} />}
      </header>
      {siblings && (
        <nav className="tq-tabs" aria-label={t(page.title)}>
          {page.entries.map((item) => (
            <Link key={item.id} to={`/${page.id}/${item.id}`} aria-current={item.id === entry.id ? 'page' : undefined}>
              {t(item.title)}
            </Link>
          ))}
        </nav>
      )}
      <div className="tq-page-body">
        <Part key={`${page.id}/${entry.id}`}>{Body ? <Body /> : resource ? <ResourcePage resource={resource} /> : null}</Part>
      </div>
    </div>
  )
}
