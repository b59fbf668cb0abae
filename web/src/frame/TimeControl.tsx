/** Live, or a moment of the last day that a slider moves and that plays at a chosen speed. */
import { CaretRightOutlined, ClockCircleOutlined, PauseOutlined } from '@ant-design/icons'
import { Button, Popover, Select } from 'antd'
import { useState, type JSX } from 'react'
import { useNow } from '../parts/hooks'
import { TimeInput } from '../parts/TimeInput'
import { clock, PACES, pause, play, setMoment, setPace } from '../state/clock'
import { useStore } from '../state/store'
import { t } from '../text/catalogue'
import { dateTime, shortTime, zonedTime } from '../text/format'

const DAY_MS = 86_400_000

export function TimeControl(): JSX.Element {
  const [open, setOpen] = useState(false)
  const { moment_ms } = useStore(clock)
  return (
    <Popover open={open} onOpenChange={setOpen} trigger="click" placement="bottom" content={() => <TimePanel />} destroyOnHidden>
      <Button className={moment_ms === null ? 'tq-time' : 'tq-time is-past'} icon={<ClockCircleOutlined />} aria-expanded={open} title={zonedTime(moment_ms ?? Date.now())}>
        {moment_ms === null ? t('time.live') : shortTime(moment_ms)}
      </Button>
    </Popover>
  )
}

function TimePanel(): JSX.Element {
  const now = useNow(10_000)
  const { moment_ms, playing, pace } = useStore(clock)
  const [start] = useState(() => Math.min(Date.now() - DAY_MS, moment_ms ?? Number.POSITIVE_INFINITY))
  const shown = moment_ms ?? now
  return (
    <div className="tq-time-panel">
      <div className="tq-row">
        <Button type={moment_ms === null ? 'primary' : 'default'} size="small" onClick={() => setMoment(null)}>
          {t('time.live')}
        </Button>
        <Button type={moment_ms === null ? 'default' : 'primary'} size="small" onClick={() => moment_ms === null && setMoment(now - 3_600_000)}>
          {t('time.moment')}
        </Button>
      </div>
      <input type="range" min={start} max={now} step={1000} value={shown} aria-label={t('time.slider')} aria-valuetext={dateTime(shown)} onChange={(event) => setMoment(Number(event.target.value), false)} onPointerUp={() => setMoment(clock.get().moment_ms)} onKeyUp={() => setMoment(clock.get().moment_ms)} />
      <div className="tq-row">
        <Button size="small" icon={playing ? <PauseOutlined /> : <CaretRightOutlined />} disabled={moment_ms === null} onClick={() => (playing ? pause() : play(Date.now()))}>
          {t(playing ? 'time.pause' : 'time.play')}
        </Button>
        <Select size="small" value={pace} aria-label={t('time.pace')} onChange={setPace} options={PACES.map((value) => ({ value, label: t('time.times', { n: value }) }))} />
        <span className="tq-grow" />
        <TimeInput label={t('time.moment')} value={Math.floor(shown / 1000) * 1000} onChange={(value) => setMoment(value)} />
      </div>
      <p className="tq-dim tq-small">{t('time.zone')}</p>
    </div>
  )
}
