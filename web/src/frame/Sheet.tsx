/** The phone's bottom sheet: three heights, by dragging its handle, by its button, or by the arrow keys. */
import { useEffect, useRef, useState, type JSX, type PointerEvent, type ReactNode } from 'react'
import { engine } from '../map/port'
import { t } from '../text/catalogue'

const HEIGHTS = ['low', 'half', 'full'] as const
type Height = (typeof HEIGHTS)[number]
const SHARE: Record<Height, number> = { low: 0.14, half: 0.5, full: 0.94 }

export function Sheet({ children, open }: { children: ReactNode; open: boolean }): JSX.Element | null {
  const [height, setHeight] = useState<Height>('half')
  const sheet = useRef<HTMLDivElement>(null)
  const drag = useRef<{ y: number; from: number; moved: boolean } | null>(null)
  const dragged = useRef(false)
  useEffect(() => {
    if (open) setHeight((now) => (now === 'low' ? 'half' : now))
  }, [open])
  useEffect(() => {
    const apply = (): void => {
      const stage = sheet.current?.parentElement?.clientHeight ?? 0
      engine.get()?.setPadding({ left: 0, right: 0, top: 0, bottom: children ? stage * Math.min(0.5, SHARE[height]) : 0 })
    }
    apply()
    return engine.follow(apply)
  }, [height, children])
  if (!children) return null
  const stage = (): number => sheet.current?.parentElement?.clientHeight ?? window.innerHeight
  const down = (event: PointerEvent<HTMLButtonElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId)
    drag.current = { y: event.clientY, from: SHARE[height] * stage(), moved: false }
  }
  const move = (event: PointerEvent): void => {
    if (!drag.current || !sheet.current) return
    const dy = event.clientY - drag.current.y
    if (Math.abs(dy) > 6) drag.current.moved = true
    if (drag.current.moved) sheet.current.style.height = `${Math.max(60, drag.current.from - dy)}px`
  }
  const up = (event: PointerEvent): void => {
    if (!drag.current || !sheet.current) return
    const { moved, from, y } = drag.current
    drag.current = null
    dragged.current = moved
    sheet.current.style.height = ''
    if (!moved) return
    const share = (from - (event.clientY - y)) / stage()
    setHeight(HEIGHTS.reduce((best, name) => (Math.abs(SHARE[name] - share) < Math.abs(SHARE[best] - share) ? name : best)))
  }
  const step = (by: number): void => setHeight(HEIGHTS[Math.max(0, Math.min(2, HEIGHTS.indexOf(height) + by))])
  return (
    <div className="tq-sheet" data-height={height} ref={sheet} style={{ '--share': SHARE[height] } as never}>
      <button
        type="button"
        className="tq-sheet-handle"
        aria-label={t('frame.sheet', { height: t(`frame.sheet_${height}`) })}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onClick={() => {
          if (!dragged.current) setHeight(height === 'full' ? 'low' : height === 'half' ? 'full' : 'half')
          dragged.current = false
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowUp') step(1)
          else if (event.key === 'ArrowDown') step(-1)
        }}
      >
        <span />
      </button>
      <div className="tq-sheet-body">{children}</div>
    </div>
  )
}
