/** A mover: who it is, where it is and how old that is, its track, and what can be done with it. */
import { AimOutlined, FileSearchOutlined } from '@ant-design/icons'
import { Button, Tag } from 'antd'
import { lazy, type JSX, type ReactNode } from 'react'
import { categoryOf, useCategories, useRegionName } from '../api/queries'
import type { MoverDetail, Position } from '../api/types'
import { CloseButton } from '../frame/DetailPanel'
import { useMay } from '../frame/session'
import { engine } from '../map/port'
import type { MoverAction } from '../page'
import { Part } from '../parts/boundary'
import { Facts, type Fact } from '../parts/Facts'
import { useNow } from '../parts/hooks'
import { Link } from '../parts/link'
import { orDash, tell } from '../parts/states'
import { patch, useParam } from '../state/address'
import { clock } from '../state/clock'
import { both, t } from '../text/catalogue'
import { ago, coordinates, dateTime, number, zonedTime } from '../text/format'
import { color } from '../theme/theme'

const TrackPanel = lazy(() => import('./TrackPanel'))
const HOUR_MS = 3_600_000

interface Props {
  mover: MoverDetail
  actions: MoverAction[]
  failed: unknown
  children: ReactNode
}

/** The window of the track when none was asked for: two hours back from the moment of the clock. */
function trackWindow(): { from: number; to: number } {
  const to = Math.ceil((clock.get().moment_ms ?? Date.now()) / 60_000) * 60_000
  return { from: to - 2 * HOUR_MS, to }
}

export default function MoverPanel({ mover, actions, failed, children }: Props): JSX.Element {
  const tab = useParam('tab') ?? 'overview'
  const usable = actions.filter((action) => action.applies(mover))
  const action = usable.find((item) => item.id === tab)
  const Action = action?.component
  const tabs = [{ id: 'overview', title: 'mover.overview', permission: undefined }, { id: 'track', title: 'track.title', permission: undefined }, ...usable]
  return (
    <div className="tq-page tq-mover">
      <header className="tq-page-head">
        <h1 className="tq-plate">{mover.label}</h1>
        <Category mover={mover} />
        <span className="tq-grow" />
        {mover.position && <Button type="text" size="small" icon={<AimOutlined />} aria-label={t('mover.show')} title={t('mover.show')} onClick={() => mover.position && engine.get()?.fly(mover.position.lon, mover.position.lat, 13)} />}
        <CloseButton />
      </header>
      <State position={mover.position} failed={failed} />
      <nav className="tq-tabs" aria-label={t('mover.parts')}>
        {tabs.map((item) => (
          <Tab key={item.id} id={item.id} title={t(item.title)} here={tab === item.id} permission={item.permission} />
        ))}
      </nav>
      <div className="tq-page-body">
        <Part key={tab}>
          {tab === 'track' ? <TrackPanel mover={mover} /> : Action ? <Action mover={mover} /> : <Overview mover={mover}>{children}</Overview>}
        </Part>
      </div>
    </div>
  )
}

function Tab({ id, title, here, permission }: { id: string; title: string; here: boolean; permission?: string }): JSX.Element | null {
  const may = useMay(permission)
  if (!may) return null
  const target = id === 'overview' ? { tab: null, from: null, to: null } : id === 'track' ? { tab: id, ...trackWindow() } : { tab: id, from: null, to: null }
  return (
    <Link patch={target} aria-current={here ? 'page' : undefined}>
      {title}
    </Link>
  )
}

function Category({ mover }: { mover: MoverDetail }): JSX.Element | null {
  const { data } = useCategories()
  const found = categoryOf(data ?? [], mover.category, mover.kind)
  if (!found) return null
  return (
    <Tag className="tq-category">
      <i style={{ background: color(found.color) }} />
      {both(found.label)}
    </Tag>
  )
}

function State({ position, failed }: { position: Position | null; failed: unknown }): JSX.Element {
  const now = useNow(1000)
  if (!position) return <p className="tq-state is-2">{t('mover.no_position')}</p>
  const state = position.state ?? (now - position.time_ms > 300_000 ? 2 : (position.speed_kmh ?? 0) > 1 ? 0 : 1)
  return (
    <p className={`tq-state is-${state}`}>
      <strong>{state === 0 ? `${number(position.speed_kmh)} km/h` : t(`mover.state_${state}`)}</strong>
      <span title={zonedTime(position.time_ms)}>{ago(position.time_ms, now)}</span>
      {position.alarm_level ? <span className="tq-alarm-word">{t('alarm.level', { n: position.alarm_level })}</span> : null}
      {failed ? <span className="tq-bad">{tell(failed).text}</span> : null}
    </p>
  )
}

const DIRECTIONS = ['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw']
const heading = (degrees: number | null | undefined): string =>
  typeof degrees === 'number' ? `${number(degrees)}° ${t(`direction.${DIRECTIONS[Math.round(degrees / 45) % 8]}`)}` : '—'

function Overview({ mover, children }: { mover: MoverDetail; children: ReactNode }): JSX.Element {
  const regionName = useRegionName()
  const { position, terminal, organisation } = mover
  const region = typeof mover.region === 'string' ? regionName(mover.region) : both(mover.region?.name)
  const where: Fact[] = position
    ? [
        { label: t('position.time'), value: dateTime(position.time_ms), title: zonedTime(position.time_ms) },
        ...(position.received_ms ? [{ label: t('position.received'), value: dateTime(position.received_ms), title: zonedTime(position.received_ms) }] : []),
        { label: t('position.place'), value: coordinates(position.lon, position.lat, 6), copy: `${position.lon},${position.lat}` },
        { label: t('position.speed'), value: number(position.speed_kmh, 1), unit: 'km/h' },
        { label: t('position.heading'), value: heading(position.heading_deg) },
        { label: t('position.altitude'), value: number(position.altitude_m), unit: 'm' },
        ...(typeof position.mileage_km === 'number' ? [{ label: t('position.mileage'), value: number(position.mileage_km, 1), unit: 'km' }] : []),
      ]
    : []
  const who: Fact[] = [
    ...(organisation ? [{ label: t('mover.organisation'), value: organisation.name }] : []),
    ...(region ? [{ label: t('mover.region'), value: region }] : []),
    ...mover.properties.map((item) => ({ label: both(item.label), value: showValue(item.value), unit: item.unit ?? undefined })),
    { label: 'URN', value: mover.urn, copy: mover.urn },
  ]
  return (
    <>
      {position && (
        <section className="tq-block">
          <h2>{t('position.title')}</h2>
          <Facts facts={where} />
          {position.frame && (
            <Button size="small" icon={<FileSearchOutlined />} onClick={() => patch({ frame: position.frame })}>
              {t('mover.open_frame')}
            </Button>
          )}
        </section>
      )}
      {terminal && (
        <section className="tq-block">
          <h2>{t('mover.terminal')}</h2>
          <p className="tq-row">
            <Link patch={{ sel: terminal.urn, tab: null }}>{terminal.label}</Link>
            <Tag>{t(terminal.online ? 'mover.online' : 'mover.offline')}</Tag>
          </p>
        </section>
      )}
      <section className="tq-block">
        <h2>{t('mover.registered')}</h2>
        <Facts facts={who} />
      </section>
      {mover.links.length > 0 && (
        <section className="tq-block">
          <h2>{t('mover.links')}</h2>
          <ul className="tq-links">
            {mover.links.map((item, i) => (
              <li key={i}>{item.urn ? <Link patch={{ sel: item.urn, tab: null }}>{both(item.title)}</Link> : item.href ? <a href={item.href}>{both(item.title)}</a> : both(item.title)}</li>
            ))}
          </ul>
        </section>
      )}
      {children}
    </>
  )
}

function showValue(value: unknown): string {
  if (typeof value === 'boolean') return t(value ? 'action.yes' : 'action.no')
  if (typeof value === 'number') return String(value)
  if (value && typeof value === 'object') return both(value as { zh: string; en: string }) || JSON.stringify(value)
  return orDash(value as string)
}
