/** The narrow rail: four fields and the platform; each opens to its domains and their pages. */
import { ApartmentOutlined, BlockOutlined, CarOutlined, CompassOutlined, RadarChartOutlined } from '@ant-design/icons'
import { useEffect, useRef, useState, type ComponentType, type JSX } from 'react'
import { useMeta } from '../api/queries'
import type { FieldId } from '../page'
import { Link } from '../parts/link'
import { usePath } from '../state/address'
import { t } from '../text/catalogue'
import { FIELDS, platform, PlatformIcon, type Pages } from './registry'

const ICONS: Record<FieldId, ComponentType> = {
  infrastructure: BlockOutlined,
  production: ApartmentOutlined,
  services: CarOutlined,
  governance: RadarChartOutlined,
}

export function Rail({ pages, current }: { pages: Pages | undefined; current?: string }): JSX.Element {
  const [open, setOpen] = useState<string | null>(null)
  const ref = useRef<HTMLElement>(null)
  const path = usePath()
  useEffect(() => setOpen(null), [path])
  useEffect(() => {
    if (!open) return
    const close = (event: Event): void => {
      if (event instanceof KeyboardEvent ? event.key === 'Escape' : !ref.current?.contains(event.target as Node)) setOpen(null)
      if (event instanceof KeyboardEvent && event.key === 'Escape') event.preventDefault()
    }
    window.addEventListener('pointerdown', close)
    window.addEventListener('keydown', close, true)
    return () => {
      window.removeEventListener('pointerdown', close)
      window.removeEventListener('keydown', close, true)
    }
  }, [open])
  const field = pages?.domains.find((page) => page.id === current)?.field
  const toggle = (id: string): void => setOpen(open === id ? null : id)
  return (
    <nav className="tq-rail" aria-label={t('frame.fields')} ref={ref}>
      {FIELDS.map((id) => (
        <RailButton key={id} icon={ICONS[id]} label={t(`field.${id}`)} open={open === id} here={field === id} onClick={() => toggle(id)} />
      ))}
      <span className="tq-grow" />
      <Link to="/map" className={`tq-rail-item${path === '/map' ? ' is-here' : ''}`}>
        <CompassOutlined />
        <span>{t('frame.map_only')}</span>
      </Link>
      <RailButton icon={PlatformIcon} label={t('platform.title')} open={open === 'platform'} here={current === 'platform'} onClick={() => toggle('platform')} />
      {open && (
        <div className="tq-flyout" id="tq-flyout">
          <FieldMenu field={open} pages={pages} />
        </div>
      )}
    </nav>
  )
}

function RailButton(props: { icon: ComponentType; label: string; open: boolean; here: boolean; onClick: () => void }): JSX.Element {
  const { icon: Icon, label, open, here, onClick } = props
  return (
    <button type="button" className={`tq-rail-item${here ? ' is-here' : ''}`} aria-expanded={open} aria-controls={open ? 'tq-flyout' : undefined} onClick={onClick}>
      <Icon />
      <span>{label}</span>
    </button>
  )
}

/** Domains of a field and their pages. */
export function FieldMenu({ field, pages }: { field: string; pages: Pages | undefined }): JSX.Element {
  const { data: meta } = useMeta()
  const path = usePath()
  const shown = field === 'platform' ? (pages?.all.filter((page) => page.id === platform.id) ?? []) : (pages?.domains.filter((page) => page.field === field) ?? [])
  return (
    <>
      <h2>{t(field === 'platform' ? 'platform.title' : `field.${field}`)}</h2>
      {!shown.length && <p className="tq-dim">{t('field.none')}</p>}
      {shown.map((page) => (
        <section key={page.id}>
          {field !== 'platform' && (
            <h3>
              <page.icon /> {t(page.title)}
            </h3>
          )}
          <ul>
            {page.entries.map((entry) => {
              const to = `/${page.id}/${entry.id}`
              return (
                <li key={entry.id}>
                  <Link to={to} aria-current={path === to ? 'page' : undefined}>
                    {t(entry.title)}
                  </Link>
                </li>
              )
            })}
          </ul>
        </section>
      ))}
      {field !== 'platform' && <p className="tq-dim tq-small">{t('field.installed', { n: shown.length, all: meta?.modules.filter((module) => module.field !== 'platform').length ?? 0 })}</p>}
    </>
  )
}
