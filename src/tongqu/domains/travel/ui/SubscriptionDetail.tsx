/** The journey that a notice in the inbox is about. */
import { Empty, Failure, Link, Skeleton, t } from '@web/kit'
import type { JSX } from 'react'
import { useFollowed } from './followed'
import { FollowedJourney } from './FollowedJourney'
import './planner.css'

export default function SubscriptionDetail({ urn }: { urn: string }): JSX.Element {
  const { data, error, isPending, refetch } = useFollowed()
  const row = data?.find((one) => urn.endsWith(`:${one.id}`))
  if (isPending) return <Skeleton rows={4} />
  if (!data) return <Failure error={error} again={() => void refetch()} />
  if (!row) return <Empty title={t('travel.not_followed')} hint={t('travel.not_followed_hint')} />
  return (
    <div className="tq-pad">
      <FollowedJourney row={row} />
      <Link to="/travel/journeys" patch={{ sel: null }}>
        {t('travel.journeys')}
      </Link>
    </div>
  )
}
