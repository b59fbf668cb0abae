import type { JSX } from 'react'
import { CommandList } from './CommandList'

/** All commands that the person may see, newest first. */
export default function Commands(): JSX.Element {
  return (
    <div className="tq-pad tq-scroll">
      <CommandList />
    </div>
  )
}
