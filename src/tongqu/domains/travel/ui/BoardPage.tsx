/** A stop is typed, its departures stand below; the stop is in the address. */
import { Empty, patch, t, useLanguage, useParam } from '@web/kit'
import type { JSX } from 'react'
import { Board } from './Board'
import { useBoard } from './board'
import { PlaceInput } from './PlaceInput'
import './planner.css'

export default function BoardPage(): JSX.Element {
  useLanguage()
  const stop = useParam('stop')
  const name = useBoard(stop, 60).data?.name ?? ''
  return (
    <div className="tq-pad tq-scroll tq-planner">
      <PlaceInput label={t('travel.stop')} value={stop ?? ''} name={name} onChange={(_, __, place) => patch({ stop: place?.id ?? null })} />
      {stop ? <Board key={stop} stop={stop} /> : <Empty title={t('travel.board_empty')} hint={t('travel.board_empty_hint')} />}
    </div>
  )
}
