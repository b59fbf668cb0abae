/** A terminal: what it says of itself, its session, what it is fitted to, and its commands. */
import { both, dateTime, Facts, Failure, get, Link, orDash, shortTime, Skeleton, t, useNow, zonedTime, ago, type Fact } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import { Tag } from 'antd'
import type { JSX } from 'react'
import { idOf } from './api'
import { Commander } from './Commander'
import { CommandList } from './CommandList'

interface Session {
  id: string
  remote?: string | null
  opened_ms?: number | null
  started_ms?: number | null
  seen_ms?: number | null
  ended_ms?: number | null
  state?: string
  frames?: number | null
  version?: number | null
}

interface Binding {
  id?: string
  thing?: string
  urn?: string
  label: string
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
  session?: Session | string | null
  bindings?: Binding[]
}

export default function TerminalDetail({ urn }: { urn: string }): JSX.Element {
  const id = idOf(urn)
  const { data, error, isPending, refetch } = useQuery({ queryKey: ['equipment', 'terminal', id], refetchInterval: 5000, queryFn: ({ signal }) => get<Terminal>(`equipment/terminals/${encodeURIComponent(id)}`, {}, signal) })
  const now = useNow(1000)
  if (isPending) return <Skeleton />
  if (error) return <Failure error={error} again={() => void refetch()} />
  const session = typeof data.session === 'object' ? data.session : null
  const facts: Fact[] = [
    { label: t('equipment.phone'), value: data.phone, copy: data.phone },
    { label: t('equipment.terminal_id'), value: orDash(data.terminal_id) },
    { label: t('equipment.maker'), value: [data.maker, data.model].filter(Boolean).join(' ') || '—' },
    { label: t('equipment.edition'), value: data.protocol ? `JT/T 808-${data.protocol}` : '—' },
    { label: t('equipment.software'), value: orDash(data.software) },
    { label: t('equipment.seen'), value: data.seen_ms ? ago(data.seen_ms, now) : '—', title: zonedTime(data.seen_ms) },
    { label: t('equipment.registered'), value: dateTime(data.registered_ms) },
  ]
  const started = session?.opened_ms ?? session?.started_ms
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
              { label: t('equipment.since'), value: started ? shortTime(started) : '—', title: zonedTime(started) },
              ...(typeof session.frames === 'number' ? [{ label: t('equipment.frames'), value: String(session.frames) }] : []),
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
                <Link patch={{ sel: binding.urn ?? binding.thing ?? null, tab: null }}>{both(binding.label)}</Link>{' '}
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
