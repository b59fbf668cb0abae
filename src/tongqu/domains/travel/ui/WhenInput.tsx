/** A moment on the clocks of the timetable's zone; none is now. */
import { t } from '@web/kit'
import { Button } from 'antd'
import type { JSX } from 'react'
import { instant, local } from './zones'

export function WhenInput({ label, at, zone, onChange }: { label: string; at: number | null; zone: string; onChange: (at: number | null) => void }): JSX.Element {
  return (
    <>
      <input className="tq-input tq-plan-when" type="datetime-local" aria-label={label} value={at ? local(at, zone) : ''} onChange={(event) => onChange(event.target.value ? instant(event.target.value, zone) : null)} />
      {at !== null && (
        <Button size="small" onClick={() => onChange(null)}>
          {t('travel.now')}
        </Button>
      )}
    </>
  )
}
