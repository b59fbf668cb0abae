/** What there is instead of a journey that does not hold. */
import { Failure, get, Skeleton, t } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import type { JSX } from 'react'
import type { Plan } from './journeys'
import { Options } from './Options'

export function Alternatives({ id }: { id: string }): JSX.Element {
  const { data, error, isPending, refetch } = useQuery<Plan>({ queryKey: ['travel', 'alternatives', id], queryFn: ({ signal }) => get<Plan>(`travel/itineraries/${id}/alternatives`, {}, signal) })
  return (
    <section className="tq-planner tq-part" aria-label={t('travel.alternatives')}>
      <h2>{t('travel.alternatives')}</h2>
      {isPending && <Skeleton rows={3} />}
      {error && <Failure error={error} again={() => void refetch()} />}
      {data && <Options plan={data} />}
    </section>
  )
}
