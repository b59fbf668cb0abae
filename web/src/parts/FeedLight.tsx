import type { JSX } from 'react'
import type { FeedState } from '../live/events'
import { t } from '../text/catalogue'
import { shortTime, span, zonedTime } from '../text/format'
import { useNow } from './hooks'

/** How a stream does, in words and since when; nothing while it is well, unless `always`. */
export function FeedLight({ feed, always = false }: { feed: FeedState; always?: boolean }): JSX.Element | null {
  const now = useNow(5000)
  if (feed.status === 'absent' || (!always && feed.status !== 'broken')) return null
  const broken = feed.status === 'broken'
  return (
    <span className={`tq-light is-${feed.status}`} role="status" title={zonedTime(feed.since_ms)}>
      <i aria-hidden="true" />
      <span>{broken ? t('live.feed_broken', { time: shortTime(feed.since_ms), span: span(now - feed.since_ms) }) : t(`live.${feed.status}`)}</span>
    </span>
  )
}
