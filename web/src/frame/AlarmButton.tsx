/** The bell: alarms that wait for somebody; where the platform tells none, device alarms in view. */
import { BellOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import type { JSX } from 'react'
import { ALARMS_PAGE, useAlarms } from '../api/alarms'
import { counts } from '../live/link'
import { useNow } from '../parts/hooks'
import { go } from '../state/address'
import { useStore } from '../state/store'
import { t } from '../text/catalogue'
import { number, span } from '../text/format'

export function AlarmButton({ compact = false }: { compact?: boolean }): JSX.Element {
  const { alarms } = useStore(counts)
  const { waiting, feed } = useAlarms()
  const now = useNow(10_000)
  const n = waiting ?? alarms
  const broken = feed.status === 'broken'
  const label = (waiting === undefined ? t('alarm.in_view', { n: number(alarms) }) : t('alarm.waiting', { n: number(waiting) })) + (broken ? ` ${t('live.broken_short', { span: span(now - feed.since_ms) })}` : '')
  const open = (): void => (waiting === undefined ? go('/platform/movers', { 'f.alarm': '1' }) : go(ALARMS_PAGE))
  return (
    <Button type="text" icon={<BellOutlined />} aria-label={label} title={label} className={`tq-alarm-button${broken ? ' is-broken' : ''}`} onClick={open}>
      {compact && !n ? null : <span className={n ? 'tq-count' : 'tq-count is-zero'}>{n > 999 ? '999+' : number(n)}</span>}
    </Button>
  )
}
