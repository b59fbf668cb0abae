/** The keys of the frame, and the sheet that names them. */
import { lazy, Suspense, useState, type JSX } from 'react'
import { engine } from '../map/port'
import { useKey } from '../parts/hooks'
import { go, pagePath } from '../state/address'
import { setMoment } from '../state/clock'
import { applyTheme, mode } from '../theme/theme'

const KeySheet = lazy(() => import('./KeySheet'))

const plain = (event: KeyboardEvent): boolean => !event.ctrlKey && !event.metaKey && !event.altKey

export function Keys(): JSX.Element {
  const [open, setOpen] = useState(false)
  useKey((event) => plain(event) && event.key === '?', () => setOpen(true))
  useKey((event) => plain(event) && event.key === 'm', () => go(pagePath() === '/map' ? '/' : '/map'))
  useKey((event) => plain(event) && event.key === 'l', () => setMoment(null))
  useKey((event) => plain(event) && event.key === 'd', () => applyTheme(mode.get() === 'dark' ? 'light' : 'dark'))
  useKey((event) => plain(event) && (event.key === '+' || event.key === '='), () => engine.get()?.zoom(1))
  useKey((event) => plain(event) && event.key === '-', () => engine.get()?.zoom(-1))
  return <Suspense fallback={null}>{open && <KeySheet onClose={() => setOpen(false)} />}</Suspense>
}
