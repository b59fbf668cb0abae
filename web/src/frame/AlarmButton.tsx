/** Device alarms in view; opens their list. */
import { BellOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import type { JSX } from 'react'
import { counts } from '../live/link'
import { go } from '../state/address'
import { useStore } from '../state/store'
import { t } from '../text/catalogue'
import { number } from '../text/format'

export function AlarmButton({ compact = false }: { compact?: boolean }): JSX.Element {
  const { alarms } = useStore(counts)
  const label = t('alarm.in_view', { n: number(alarms) })
  return (
    <Button type="text" icon={<BellOutlined />} aria-label={label} title={label} className="tq-alarm-button" onClick={() => go('/platform/movers', { 'f.alarm': '1' })}>
      {compact && !alarms ? null : <span className={alarms ? 'tq-count' : 'tq-count is-zero'}>{number(alarms)}</span>}
    </Button>
  )
}
