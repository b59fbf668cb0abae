/** Plays a window of time: a slider, a speed, and the moment in words. */
import { CaretRightOutlined, PauseOutlined } from '@ant-design/icons'
import { Button, Select } from 'antd'
import type { JSX } from 'react'
import { clock, PACES, pause, play, setMoment, setPace } from '../state/clock'
import { useStore } from '../state/store'
import { t } from '../text/catalogue'
import { dateTime, zonedTime } from '../text/format'

export function Player({ first, last, at_ms }: { first: number; last: number; at_ms: number }): JSX.Element {
  const { playing, pace } = useStore(clock)
  return (
    <div className="tq-player">
      <Button
        type="primary"
        shape="circle"
        icon={playing ? <PauseOutlined /> : <CaretRightOutlined />}
        aria-label={t(playing ? 'time.pause' : 'time.play')}
        onClick={() => (playing ? pause() : play(last, at_ms >= last ? first : at_ms))}
      />
      <input type="range" min={first} max={last} step={1000} value={at_ms} aria-label={t('time.slider')} aria-valuetext={dateTime(at_ms)} onChange={(event) => setMoment(Number(event.target.value), false)} onPointerUp={() => setMoment(clock.get().moment_ms)} onKeyUp={() => setMoment(clock.get().moment_ms)} />
      <output className="tq-num" title={zonedTime(at_ms)}>
        {dateTime(at_ms)}
      </output>
      <Select size="small" value={pace} aria-label={t('time.pace')} onChange={setPace} popupMatchSelectWidth={false} options={PACES.map((value) => ({ value, label: t('time.times', { n: value }) }))} />
    </div>
  )
}
