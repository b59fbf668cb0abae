/** The receivers: whether they talk, how much of it is good, what was refused and why. */
import { ago, Empty, Failure, get, Link, number, Skeleton, t, useNow, zonedTime } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import { Tag } from 'antd'
import './ships.css'
import type { JSX } from 'react'

interface Receiver {
  id: string
  name: string
  transport: 'tcp' | 'udp' | 'dial'
  address: string
  online: boolean
  lines: number
  sentences: number
  messages: number
  refused: number
  doubled: number
  last_reason: string | null
  heard_ms: number
}

export default function Receivers(): JSX.Element {
  const now = useNow(1000)
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['navigation', 'receivers'],
    refetchInterval: 3000,
    queryFn: ({ signal }) => get<{ items: Receiver[] }>('navigation/receivers', { limit: 200 }, signal),
  })
  if (isPending) return <Skeleton rows={6} />
  if (error) return <Failure error={error} again={() => void refetch()} />
  if (!data.items.length) return <Empty title={t('navigation.no_receivers')} hint={t('navigation.no_receivers_hint')} />
  return (
    <div className="tq-pad tq-scroll">
      {data.items.map((one) => (
        <section className="tq-block" key={one.id}>
          <h2 className="tq-spread">
            <span>{one.name}</span>
            <Tag>{t(one.online ? 'navigation.online' : 'navigation.offline')}</Tag>
          </h2>
          <p className="tq-dim">
            {t(`navigation.transport.${one.transport}`)} · {one.address}
            {one.heard_ms > 0 && (
              <>
                {' · '}
                <span title={zonedTime(one.heard_ms)}>{ago(one.heard_ms, now)}</span>
              </>
            )}
          </p>
          <table className="tq-ais-fields">
            <tbody>
              <Count label={t('navigation.lines')} value={one.lines} />
              <Count label={t('navigation.good')} value={one.messages} />
              <Count label={t('navigation.doubled')} value={one.doubled} />
              <tr>
                <th scope="row">{t('navigation.bad')}</th>
                <td className="tq-num">
                  {number(one.refused)}
                  {one.last_reason && <small className="tq-dim"> {t(`navigation.reason.${one.last_reason}`)}</small>}
                </td>
              </tr>
            </tbody>
          </table>
          {one.refused > 0 && <Link to="/platform/quarantine">{t('navigation.quarantine')}</Link>}
        </section>
      ))}
    </div>
  )
}

function Count({ label, value }: { label: string; value: number }): JSX.Element {
  return (
    <tr>
      <th scope="row">{label}</th>
      <td className="tq-num">{number(value)}</td>
    </tr>
  )
}
