import type { JSX } from 'react'
import LayerList from '../map/LayerList'

/** The layer list as a page of its own. */
export default function LayersPage(): JSX.Element {
  return (
    <div className="tq-pad">
      <LayerList />
    </div>
  )
}
