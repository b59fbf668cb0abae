/** A stop is typed, its departures stand below; the stop is in the address. */
import { Empty, patch, t, useLanguage, useParam } from '@web/kit'
import type { JSX } from 'react'
import { Board } from './Board'
import { useBoard } from './board'
import { PlaceInput } from './PlaceInput'
import { WhenInput } from './WhenInput'
import './planner.css'

export default function BoardPage(): JSX.Element {
  useLanguage()
  const stop = useParam('stop')
  const at = Number(useParam('at')) || null
  const board = useBoard(stop, Number(useParam('within') ?? 60), at).data
  return (
    <div className="tq-pad tq-scroll tq-planner">
      <PlaceInput label={t('travel.stop')} value={stop ?? ''} name={board?.name ?? ''} onChange={(_, __, place) => patch({ stop: place?.id ?? null })} />
      <div className="tq-row">
        <span className="tq-dim tq-small">{t('travel.board_at')}</span>
        <WhenInput label={t('travel.board_at')} at={at} zone={board?.zone ?? 'Asia/Shanghai'} onChange={(value) => patch({ at: value })} />
      </div>
      {stop ? <Board key={stop} stop={stop} at={at} /> : <Empty title={t('travel.board_empty')} hint={t('travel.board_empty_hint')} />}
    </div>
  )
}
