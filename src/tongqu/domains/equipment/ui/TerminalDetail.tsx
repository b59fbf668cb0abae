/** A terminal: what it says of itself, its session, what it is fitted to, and its commands. */
import { dateTime, Facts, Failure, get, Link, number, orDash, shortTime, Skeleton, t, useNow, zonedTime, ago, type Fact } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import { Tag } from 'antd'
import type { JSX } from 'react'
import { idOf } from './api'
import { Commander } from './Commander'
import { CommandList } from './CommandList'

interface Session {
  id: string
  remote: string
  opened_ms: number
  frames: number
  refused: number
}

interface Binding {
  vehicle: string
  vehicle_label?: string
  from_ms: number
  to_ms: number | null
}

interface Terminal {
  id: string
  urn: string
  phone: string
  terminal_id?: string
  maker?: string
  model?: string
  imei?: string
  software?: string
  protocol?: number
  profile?: string
  state?: string
  online?: boolean
  seen_ms?: number | null
  registered_ms?: number | null
  vehicle?: string | null
  vehicle_label?: string
  session_detail?: Session | null
  bindings?: Binding[]
}

export default function TerminalDetail({ urn }: { urn: string }): JSX.Element {
  const id = idOf(urn)
  const { data, error, isPending, refetch } = useQuery({ queryKey: ['equipment', 'terminal', id], refetchInterval: 5000, queryFn: ({ signal }) => get<Terminal>(`equipment/terminals/${encodeURIComponent(id)}/detail`, {}, signal) })
  const now = useNow(1000)
  if (isPending) return <Skeleton />
  if (error) return <Failure error={error} again={() => void refetch()} />
  const session = data.session_detail
  const facts: Fact[] = [
    { label: t('equipment.phone'), value: data.phone, copy: data.phone },
    { label: t('equipment.terminal_id'), value: orDash(data.terminal_id) },
    { label: t('equipment.maker'), value: [data.maker, data.model].filter(Boolean).join(' ') || '—' },
    { label: t('equipment.edition'), value: data.protocol ? `JT/T 808-${data.protocol}` : '—' },
    { label: t('equipment.software'), value: orDash(data.software) },
    { label: t('equipment.seen'), value: data.seen_ms ? ago(data.seen_ms, now) : '—', title: zonedTime(data.seen_ms) },
    { label: t('equipment.registered'), value: dateTime(data.registered_ms) },
  ]
  return (
    <>
      <section className="tq-block">
        <h2>
          {t('equipment.terminal')} <span className="tq-num">{data.phone}</span> <Tag>{t(data.online ? 'equipment.online' : 'equipment.offline')}</Tag>
        </h2>
        <Facts facts={facts} />
        {data.vehicle && (
          <p>
            {t('equipment.fitted')} <Link patch={{ sel: data.vehicle, tab: null }}>{data.vehicle_label || data.vehicle}</Link>
          </p>
        )}
      </section>
      {session && (
        <section className="tq-block">
          <h2>{t('equipment.session')}</h2>
          <Facts
            facts={[
              { label: t('equipment.remote'), value: orDash(session.remote) },
              { label: t('equipment.since'), value: shortTime(session.opened_ms), title: zonedTime(session.opened_ms) },
              { label: t('equipment.frames'), value: number(session.frames) },
              { label: t('equipment.refused'), value: number(session.refused) },
            ]}
          />
        </section>
      )}
      {data.bindings && data.bindings.length > 0 && (
        <section className="tq-block">
          <h2>{t('equipment.bindings')}</h2>
          <ul className="tq-links">
            {data.bindings.map((binding, i) => (
              <li key={i}>
                <Link patch={{ sel: binding.vehicle, tab: null }}>{binding.vehicle_label || binding.vehicle}</Link>{' '}
                <span className="tq-dim">
                  {dateTime(binding.from_ms)} – {binding.to_ms ? dateTime(binding.to_ms) : t('equipment.until_now')}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <div className="tq-pad">
        <Commander terminal={id} online={Boolean(data.online)} near={null} />
        <CommandList terminal={id} />
      </div>
    </>
  )
}
