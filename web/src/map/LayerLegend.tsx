import type { JSX } from 'react'
import type { MapLayer } from '../api/types'
import { both } from '../text/catalogue'
import { themed } from './theming'

/** The legend that a layer brings. */
export function LayerLegend({ layer }: { layer: MapLayer }): JSX.Element {
  return (
    <details className="tq-layer-legend">
      <summary>{both(layer.title)}</summary>
      <ul>
        {(layer.legend ?? []).map((item, i) => (
          <li key={i}>
            <i className={`is-${item.shape ?? 'fill'}${item.dash ? ' is-dashed' : ''}`} style={{ '--mark': themed(item.color ?? '@line-strong'), '--thick': `${Math.min(8, Math.max(1.5, item.width ?? 3))}px` } as never} aria-hidden="true" />
            <span>{both(item.label)}</span>
          </li>
        ))}
      </ul>
    </details>
  )
}
