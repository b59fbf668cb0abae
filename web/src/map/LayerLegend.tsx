import { useEffect, useState, type JSX } from 'react'
import type { LegendItem, MapLayer } from '../api/types'
import { both } from '../text/catalogue'
import { number } from '../text/format'
import { useMap } from './port'
import { themed } from './theming'

const EVERY_MS = 2000

/** How many features of each point entry are in view, while the legend is open. Lines and areas are drawn, not counted. */
function useCounts(layer: MapLayer, open: boolean): Map<string, number> {
  const map = useMap()
  const [found, setFound] = useState<Map<string, number>>(new Map())
  useEffect(() => {
    const kinds = (layer.legend ?? []).filter((item) => item.shape === 'point' && item.kind).map((item) => item.kind!)
    if (!map || !open || !kinds.length) return
    const count = (): void => setFound(new Map(kinds.map((kind) => [kind, map.features.count(layer, kind)])))
    count()
    const timer = setInterval(count, EVERY_MS)
    return () => clearInterval(timer)
  }, [map, layer, open])
  return found
}

/** The legend that a layer brings. */
export function LayerLegend({ layer }: { layer: MapLayer }): JSX.Element {
  const [open, setOpen] = useState(false)
  const counts = useCounts(layer, open)
  return (
    <details className="tq-layer-legend" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{both(layer.title)}</summary>
      <ul>
        {(layer.legend ?? []).map((item, i) => (
          <li key={i}>
            <i className={`is-${item.shape ?? 'fill'}${item.dash ? ' is-dashed' : ''}`} style={look(item) as never} aria-hidden="true" />
            <span className="tq-grow">{both(item.label)}</span>
            {counts.has(item.kind ?? '') && <b className="tq-num">{number(counts.get(item.kind!))}</b>}
          </li>
        ))}
      </ul>
    </details>
  )
}

const look = (item: LegendItem): Record<string, string> => ({ '--mark': themed(item.color ?? '@line-strong'), '--thick': `${Math.min(8, Math.max(1.5, item.width ?? 3))}px` })
