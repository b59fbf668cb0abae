/** What is told of a feed now: real-time messages and shared bikes, how old they are and what was left out of them. */
import { both, Empty, Failure, get, number, Skeleton, span, t } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import { Tag } from 'antd'
import type { JSX } from 'react'
import { bikesToRent, useBikes } from './bikes'
import type { Told } from './feeds'

const EVERY_MS = 15_000

export function Now({ feed, code, live }: { feed: string; code: string; live: boolean }): JSX.Element {
  const messages = useQuery({
    queryKey: ['travel', 'realtime'],
    refetchInterval: EVERY_MS,
    enabled: live,
    queryFn: async ({ signal }) => (await get<{ items: Told[] }>('travel/realtime', {}, signal)).items,
  })
  const bikes = useBikes(feed, EVERY_MS)
  if (bikes.isPending || (live && messages.isPending)) return <Skeleton rows={3} />
  const own = (messages.data ?? []).filter((one) => one.feed === code)
  const system = bikes.data?.state
  const failure = messages.error ?? bikes.error
  return (
    <section className="tq-block">
      <h2>{t('travel.told_now')}</h2>
      {failure && <Failure error={failure} again={() => void Promise.all([messages.refetch(), bikes.refetch()])} />}
      {!failure && !own.length && !system && <Empty title={t('travel.nothing_told')} hint={t('travel.nothing_told_hint')} />}
      <ul className="tq-plain">
        {own.map((one) => (
          <Message key={one.kind} title={t(`travel.kind_${one.kind}`)} what={t('travel.entities_n', { n: number(one.entities) })} told={one} />
        ))}
        {system && bikes.data && (
          <Message
            title={both(system.system) || t('travel.kind_gbfs')}
            what={t('travel.stations_n', { n: number(system.stations), vehicles: number(bikesToRent(bikes.data.items)) })}
            told={{ ...system, skipped: sum(system.files.map((one) => one.skipped)), notices: system.files.flatMap((one) => one.notices) }}
          />
        )}
      </ul>
    </section>
  )
}

const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0)

function Message({ title, what, told }: { title: string; what: string; told: Pick<Told, 'age_s' | 'stale' | 'failure' | 'skipped' | 'notices'> }): JSX.Element {
  return (
    <li>
      <div className="tq-spread">
        <b>{title}</b>
        <Tag color={told.stale ? 'orange' : 'green'}>{told.age_s === null ? t('travel.never_told') : t('travel.asked_ago', { span: span(told.age_s * 1000) })}</Tag>
      </div>
      <small className="tq-dim">
        {what}
        {told.skipped > 0 && ` · ${t('travel.skipped_n', { n: number(told.skipped) })}`}
      </small>
      {told.failure && <p className="tq-late tq-small">{told.failure}</p>}
      {told.notices.length > 0 && (
        <details>
          <summary>{t('travel.notices_n', { n: number(told.notices.length) })}</summary>
          <ul className="tq-small">
            {told.notices.map((one, order) => (
              <li key={order}>
                <code>{one.code}</code> {one.entity} {both(one.detail)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  )
}
