/** A stop that was selected on the map, found by the search box, or named in a journey: its board. */
import { ApiError, Empty, Link, t, useParam } from '@web/kit'
import type { JSX } from 'react'
import { Board } from './Board'
import { useBoard } from './board'
import { boardId } from './journeys'

export default function StopDetail({ urn }: { urn: string }): JSX.Element {
  const stop = boardId(urn)
  const { error } = useBoard(stop, Number(useParam('within') ?? 60))
  if (error instanceof ApiError && error.status === 404) return <Empty title={t('travel.no_stop')} hint={t('travel.no_stop_hint')} />
  return (
    <div className="tq-pad">
      <Board key={stop} stop={stop} />
      <Link to="/travel/board" patch={{ stop, sel: null }}>
        {t('travel.board_alone')}
      </Link>
    </div>
  )
}
