/** What is wrong with the connection, since when, and what to do. Nothing while all is well. */
import { Button } from 'antd'
import type { JSX } from 'react'
import { link, reconnect } from '../live/link'
import { useNow, useOnline } from '../parts/hooks'
import { useStore } from '../state/store'
import { shortTime, span, zonedTime } from '../text/format'
import { t } from '../text/catalogue'

export function Banner(): JSX.Element | null {
  const online = useOnline()
  const state = useStore(link)
  const now = useNow(5000)
  if (online && state.status !== 'broken') return null
  return (
    <div className="tq-banner" role="status" title={zonedTime(state.since_ms)}>
      <span>{online ? t('live.broken', { time: shortTime(state.since_ms), span: span(now - state.since_ms) }) : t('live.offline')}</span>
      <Button size="small" onClick={reconnect}>
        {t('live.reconnect')}
      </Button>
    </div>
  )
}
