/** A ship: particulars, voyage, and the last message of each type with every field explained. */
import { ago, both, dateTime, Empty, Facts, Failure, get, orDash, Skeleton, t, useNow, zonedTime, type Fact } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import { Collapse, Tag } from 'antd'
import type { JSX } from 'react'
import { Explained, type Field } from './Explained'
import './ships.css'

type Text = { zh: string; en: string }

interface Ship {
  id: string
  mmsi: number
  name: string | null
  call_sign: string | null
  imo: number | null
  transponder: string
  ship_type: number | null
  ship_type_label: Text | null
  length_m: number | null
  beam_m: number | null
  draught_m: number | null
  destination: string | null
  eta: string | null
  status: number | null
  status_label: Text | null
  mothership: number | null
  messages: number
  first_ms: number
  heard_ms: number
}

interface Message {
  type: number
  part: number
  at_ms: number
  title: Text
  sentences: string[]
  rows: Field[]
}

export default function ShipDetail({ urn }: { urn: string }): JSX.Element {
  const id = urn.split(':').slice(3).join(':')
  const now = useNow(1000)
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['navigation', 'ship', id],
    refetchInterval: 10_000,
    queryFn: ({ signal }) => get<Ship>(`navigation/ships/${encodeURIComponent(id)}`, {}, signal),
  })
  if (isPending) return <Skeleton />
  if (error) return <Failure error={error} again={() => void refetch()} />
  return (
    <>
      <section className="tq-block">
        <h2>
          {t('navigation.particulars')} {data.transponder && <Tag>AIS {data.transponder}</Tag>}
        </h2>
        <Facts facts={particulars(data)} />
      </section>
      <section className="tq-block">
        <h2>{t('navigation.voyage')}</h2>
        <Facts facts={voyage(data, now)} />
      </section>
      <Messages id={id} />
    </>
  )
}

function particulars(ship: Ship): Fact[] {
  const size = ship.length_m ? `${ship.length_m} × ${ship.beam_m ?? '—'}` : '—'
  const facts: Fact[] = [
    { label: 'MMSI', value: ship.id, copy: ship.id },
    { label: field('imo'), value: orDash(ship.imo) },
    { label: field('call_sign'), value: orDash(ship.call_sign) },
    { label: field('ship_type'), value: ship.ship_type_label ? both(ship.ship_type_label) : orDash(ship.ship_type) },
    { label: t('navigation.size'), value: size, unit: ship.length_m ? 'm' : undefined },
    { label: field('draught_m'), value: orDash(ship.draught_m), unit: ship.draught_m ? 'm' : undefined },
  ]
  if (ship.mothership) facts.push({ label: field('mothership'), value: String(ship.mothership) })
  return facts
}

function voyage(ship: Ship, now: number): Fact[] {
  return [
    { label: field('status'), value: ship.status_label ? both(ship.status_label) : t('navigation.not_said') },
    { label: field('destination'), value: orDash(ship.destination) },
    { label: field('eta'), value: orDash(ship.eta) },
    { label: field('heard_ms'), value: ship.heard_ms ? ago(ship.heard_ms, now) : '—', title: zonedTime(ship.heard_ms) },
    { label: field('first_ms'), value: dateTime(ship.first_ms) },
    { label: field('messages'), value: String(ship.messages) },
  ]
}

const field = (name: string): string => t(`navigation.field.${name}`)

function Messages({ id }: { id: string }): JSX.Element {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['navigation', 'messages', id],
    refetchInterval: 10_000,
    queryFn: ({ signal }) => get<{ items: Message[] }>(`navigation/ships/${encodeURIComponent(id)}/messages`, {}, signal),
  })
  if (isPending) return <Skeleton />
  if (error) return <Failure error={error} again={() => void refetch()} />
  return (
    <section className="tq-block">
      <h2>{t('navigation.messages')}</h2>
      {data.items.length === 0 && <Empty title={t('navigation.no_messages')} />}
      <Collapse
        size="small"
        items={data.items.map((message) => ({
          key: `${message.type}-${message.part}`,
          label: (
            <span title={zonedTime(message.at_ms)}>
              <span className="tq-num">{message.type}</span> {both(message.title)}
              {message.type === 24 && ` ${message.part === 0 ? 'A' : 'B'}`} <small className="tq-dim">{dateTime(message.at_ms)}</small>
            </span>
          ),
          children: (
            <>
              <pre className="tq-ais-raw">{message.sentences.join('\n')}</pre>
              <Explained rows={message.rows} />
            </>
          ),
        }))}
      />
    </section>
  )
}
