/** Send a command to the terminal of a mover, and see its reply arrive. */
import type { MoverDetail } from '@web/kit'
import type { JSX } from 'react'
import { idOf } from './api'
import { Commander } from './Commander'
import { CommandList } from './CommandList'

export default function CommandPanel({ mover }: { mover: MoverDetail }): JSX.Element {
  const terminal = idOf(mover.terminal!.urn)
  return (
    <div className="tq-pad">
      <Commander terminal={terminal} online={mover.terminal!.online} near={mover.position} />
      <CommandList terminal={terminal} />
    </div>
  )
}
