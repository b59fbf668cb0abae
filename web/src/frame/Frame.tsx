/** The frame: rail, top bar, the one map, and the panels over it. */
import { lazy, useEffect, useRef, type JSX } from 'react'
import { followJobs, leaveJobs } from '../api/jobs'
import type { Session } from '../api/types'
import { engine, legendWidth } from '../map/port'
import { Part } from '../parts/boundary'
import { useKey, usePhone } from '../parts/hooks'
import { Skeleton } from '../parts/states'
import { go, patch, pagePath, param, useParam, usePath } from '../state/address'
import { useStore } from '../state/store'
import { t } from '../text/catalogue'
import { layout } from '../theme/theme'
import { Banner } from './Banner'
import { DetailPanel } from './DetailPanel'
import { Keys } from './Keys'
import { PagePanel } from './PagePanel'
import { Rail } from './Rail'
import { resolve, usePages, wallEntries } from './registry'
import { SessionContext } from './session'
import { Sheet } from './Sheet'
import { bottomSlot } from './slots'
import { Toasts } from './Toasts'
import { TopBar } from './TopBar'
import { WallPanel } from './WallPanel'

/** Buttons of the map and their margins, beside the legend. */
const TOOLS_PX = 60

const MapHost = lazy(() => import('../map/MapHost'))

export default function Frame({ session, badge }: { session: Session; badge: string }): JSX.Element {
  const pages = usePages(session)
  const path = usePath()
  const phone = usePhone()
  const selected = useParam('sel')
  const raw = useParam('frame')
  const wide = useParam('wide') === '1'
  const mapOnly = path === '/map'
  const place = pages ? resolve(pages, path) : null

  useEffect(() => {
    void followJobs().catch(() => undefined)
    return leaveJobs
  }, [])
  useKey(
    (event) => event.key === 'Escape',
    () => {
      if (param('frame')) patch({ frame: null })
      else if (param('sel')) patch({ sel: null, tab: null })
      else if (pagePath() !== '/map' && !phone) go('/map')
    },
  )

  const wall = useStore(layout) === 'wall' && !phone && (path === '/' || mapOnly)
  const page = wall && pages ? <WallPanel pages={pages} side="left" /> : pages ? <PagePanel place={place} path={path} /> : <Skeleton rows={10} />
  const detail = selected || raw ? <DetailPanel urn={selected} pages={pages} /> : wall && pages && wallEntries(pages, 'right').length ? <WallPanel pages={pages} side="right" /> : null
  return (
    <SessionContext value={session}>
      <div className={`tq-frame${phone ? ' is-phone' : ''}`}>
        <a className="tq-skip" href="#tq-page">
          {t('frame.skip')}
        </a>
        <TopBar badge={badge} pages={pages} phone={phone} />
        {!phone && <Rail pages={pages} current={place?.page.id} />}
        <main className="tq-stage" id="tq-page" tabIndex={-1}>
          <div className="tq-map-slot">
            <Part quiet>
              <MapHost phone={phone} />
            </Part>
          </div>
          <Banner />
          <Toasts />
          <Keys />
          {phone ? (
            <Sheet key={path} open={detail !== null}>
              {detail ?? (mapOnly ? null : page)}
            </Sheet>
          ) : (
            <Panels left={mapOnly && !wall ? null : page} right={detail} wide={wide && !mapOnly && !wall} />
          )}
        </main>
      </div>
    </SessionContext>
  )
}

function Panels({ left, right, wide }: { left: JSX.Element | null; right: JSX.Element | null; wide: boolean }): JSX.Element {
  const bottom = useRef<HTMLDivElement>(null)
  useEffect(() => {
    bottomSlot.set(bottom.current)
    return () => bottomSlot.set(null)
  }, [])
  useEffect(() => {
    const measure = (): void => {
      const size = (name: string): DOMRect | undefined => document.querySelector(name)?.getBoundingClientRect()
      engine.get()?.setPadding({
        left: size('.tq-panel.left')?.width ?? 0,
        right: (size('.tq-panel.right')?.width ?? 0) + (legendWidth.get() ? legendWidth.get() + TOOLS_PX : 0),
        top: 0,
        bottom: size('.tq-bottom')?.height ?? 0,
      })
    }
    measure()
    const stops = [engine.follow(measure), legendWidth.follow(measure)]
    const watch = new ResizeObserver(measure)
    if (bottom.current) watch.observe(bottom.current)
    return () => {
      for (const stop of stops) stop()
      watch.disconnect()
    }
  }, [left === null, right === null, wide])
  return (
    <div className={`tq-panels${left ? ' has-left' : ''}${right ? ' has-right' : ''}${wide ? ' is-wide' : ''}`}>
      {left && (
        <section className="tq-panel left" aria-label={t('frame.list')}>
          <Part>{left}</Part>
        </section>
      )}
      <div className="tq-bottom" ref={bottom} />
      {right && (
        <section className="tq-panel right" aria-label={t('frame.detail')}>
          <Part>{right}</Part>
        </section>
      )}
    </div>
  )
}
