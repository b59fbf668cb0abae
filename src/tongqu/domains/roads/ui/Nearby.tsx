/** What stands within some kilometres of a stake, by stake. */
import { Failure, Link, number, Skeleton, t } from '@web/kit'
import type { JSX } from 'react'
import { useAlong } from './api'
import { KINDS } from './kinds'

const WITHIN_M = 3000

export function Nearby({ route, stake_m, besides }: { route: number; stake_m: number; besides?: string }): JSX.Element {
  const { data, error, isPending, refetch } = useAlong(route, Math.max(0, stake_m - WITHIN_M), stake_m + WITHIN_M)
  const items = (data?.items ?? []).filter((item) => item.id !== besides)
  return (
    <section className="tq-block">
      <h2>{t('roads.nearby', { n: number(WITHIN_M / 1000) })}</h2>
      {isPending && <Skeleton rows={3} />}
      {error && <Failure error={error} again={() => void refetch()} />}
      {data && items.length === 0 && <p className="tq-dim">{t('roads.nothing_along')}</p>}
      <ul className="tq-plain">
        {items.map((item) => (
          <li key={item.id}>
            <b aria-hidden="true">{KINDS[item.kind]?.letter}</b> <Link patch={{ sel: item.urn, tab: null }}>{item.name}</Link> <small className="tq-num tq-dim">{`${item.stake} ${item.direction === 'both' ? '' : t(`roads.direction.${item.direction}`)}`}</small>
          </li>
        ))}
      </ul>
    </section>
  )
}
