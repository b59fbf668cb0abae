/** Journeys that I follow: whether they still hold, what was told, and what to take instead. */
import { Empty, Failure, Link, Skeleton, t, useLanguage } from '@web/kit'
import type { JSX } from 'react'
import { useFollowed } from './followed'
import { FollowedJourney } from './FollowedJourney'
import './planner.css'

export default function FollowedPage(): JSX.Element {
  useLanguage()
  const { data, error, isPending, refetch } = useFollowed()
  if (isPending) return <Skeleton rows={6} />
  if (!data) return <Failure error={error} again={() => void refetch()} />
  if (!data.length) {
    return (
      <Empty title={t('travel.none_followed')} hint={t('travel.none_followed_hint')}>
        <Link to="/travel/planner">{t('travel.planner')}</Link>
      </Empty>
    )
  }
  return (
    <ul className="tq-pad tq-scroll tq-planner" aria-label={t('travel.journeys')}>
      {data.map((row) => (
        <li key={row.id}>
          <FollowedJourney row={row} />
        </li>
      ))}
    </ul>
  )
}
