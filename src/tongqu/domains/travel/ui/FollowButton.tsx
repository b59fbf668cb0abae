/** Follow a journey, or follow it no longer. */
import { StarFilled, StarOutlined } from '@ant-design/icons'
import { go, t, tell, toast } from '@web/kit'
import { Button } from 'antd'
import type { JSX } from 'react'
import { useFollow, useFollowed, useUnfollow } from './followed'
import type { Journey } from './journeys'

export function FollowButton({ journey }: { journey: Journey }): JSX.Element | null {
  const { data } = useFollowed()
  const follow = useFollow()
  const unfollow = useUnfollow()
  const row = data?.find((one) => one.itinerary === journey.id)
  if (!journey.legs.some((leg) => leg.ride)) return null
  const failed = (error: Error): void => toast({ key: 'travel.follow', title: tell(error).text, tone: 'bad' })
  const press = (): void => {
    if (row) unfollow.mutate(row.id, { onError: failed })
    else follow.mutate(journey.id, { onError: failed, onSuccess: () => toast({ key: 'travel.follow', title: t('travel.followed'), text: t('travel.followed_hint'), tone: 'good', open: () => go('/travel/journeys') }) })
  }
  return (
    <Button size="small" icon={row ? <StarFilled /> : <StarOutlined />} aria-pressed={Boolean(row)} loading={follow.isPending || unfollow.isPending} onClick={press}>
      {t(row ? 'travel.unfollow' : 'travel.follow')}
    </Button>
  )
}
