/** The movers at a moment of the past: asked of the server, and never shown when its answer is of another time. */
import { useEffect, useState } from 'react'
import { get } from '../api/http'
import { categoryOf, useCategories } from '../api/queries'
import type { Movers } from '../api/types'
import { showPicture } from '../live/link'
import { useParam } from '../state/address'
import { clock } from '../state/clock'
import { store, useStore } from '../state/store'
import { useMap } from './port'

/** `none`: live; else whether the picture of the moment could be had. */
export const momentPicture = store<'none' | 'asked' | 'shown' | 'absent'>('none')

const NEAR_MS = 120_000
/** Pictures are to the second; the next is asked for this long after the last came. */
const STEP_MS = 1000
const PAUSE_MS = 400

export function useMoment(): void {
  const { moment_ms } = useStore(clock)
  const step = moment_ms === null ? null : Math.floor(moment_ms / STEP_MS) * STEP_MS
  const region = useParam('region')
  const view = useParam('m')
  const map = useMap()
  const { data: categories } = useCategories()
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    if (step === null) {
      momentPicture.set('none')
      return
    }
    if (!map || busy) return
    setBusy(true)
    if (momentPicture.get() === 'none') momentPicture.set('asked')
    const bounds = map.map.getBounds()
    const bbox = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((x) => x.toFixed(5)).join(',')
    get<Movers>('movers', { bbox, region, at: step, format: 'columns' })
      .then((answer) => {
        if (clock.get().moment_ms === null) return
        const near = Math.abs(answer.at_ms - step) <= NEAR_MS
        showPicture(near ? answer.columns : null, step, (value, i) => categoryOf(categories ?? [], value, answer.columns.kind[i])?.id ?? 0)
        momentPicture.set(near ? 'shown' : 'absent')
      })
      .catch(() => {
        if (clock.get().moment_ms !== null) momentPicture.set('absent')
      })
      .finally(() => setTimeout(() => setBusy(false), PAUSE_MS))
  }, [step, region, view, map, busy, categories])
}
