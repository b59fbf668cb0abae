/** What the address says about layers and hidden movers. */
import { useMemo } from 'react'
import { useLayers } from '../api/queries'
import type { MapLayer } from '../api/types'
import { useParam } from '../state/address'

/** Layers that are on by default: those that do not say otherwise. */
export const shownByDefault = (layer: MapLayer): boolean => layer.visible !== false

/** The ids that the address names as shown, else the default; and the opacity of those that have one. */
export function useLayerChoice(): { layers: MapLayer[]; shown: Set<string>; opacity: Map<string, number> } {
  const { data } = useLayers()
  const asked = useParam('layers')
  const faded = useParam('fade')
  return useMemo(() => {
    const layers = data ?? []
    const shown = new Set(asked === null ? layers.filter(shownByDefault).map((layer) => layer.id) : asked.split(',').filter((id) => id !== 'none'))
    const opacity = new Map((faded ?? '').split(',').filter(Boolean).map((part) => [part.slice(0, part.lastIndexOf(':')), Number(part.slice(part.lastIndexOf(':') + 1)) / 100]))
    return { layers, shown, opacity }
  }, [data, asked, faded])
}

/** Categories and states switched off in the legend: `hide=3,5,s2`. */
export function useHidden(): { categories: Set<number>; states: Set<number> } {
  const hide = useParam('hide')
  return useMemo(() => {
    const parts = (hide ?? '').split(',').filter(Boolean)
    return {
      categories: new Set(parts.filter((part) => !part.startsWith('s')).map(Number)),
      states: new Set(parts.filter((part) => part.startsWith('s')).map((part) => Number(part.slice(1)))),
    }
  }, [hide])
}
