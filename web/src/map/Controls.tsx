/** Over the map: zoom, home, layers, legend, and the place under the pointer. */
import { HomeOutlined, MinusOutlined, PlusOutlined, UnorderedListOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { lazy, Suspense, useState, type JSX } from 'react'
import { counts } from '../live/link'
import { useWidth } from '../parts/hooks'
import { LayersIcon } from '../parts/icons'
import { useParam, usePath } from '../state/address'
import { useStore } from '../state/store'
import { t } from '../text/catalogue'
import { number } from '../text/format'
import { Legend } from './Legend'
import { momentPicture } from './moment'
import { Pointer } from './Pointer'
import { useMap } from './port'
import { shownTrack } from './shownTrack'

const LayerList = lazy(() => import('./LayerList'))

export function Controls({ phone }: { phone: boolean }): JSX.Element {
  const map = useMap()
  const [chosen, setOpen] = useState<'legend' | 'layers' | 'none' | null>(null)
  const roomy = useRoom(phone)
  const open = chosen ?? (roomy ? 'legend' : 'none')
  const toggle = (what: 'legend' | 'layers'): void => setOpen(open === what ? 'none' : what)
  const picture = useStore(momentPicture)
  const track = useStore(shownTrack)
  return (
    <div className="tq-tools">
      {picture === 'absent' && !track && (
        <p className="tq-tool-note" role="status">
          {t('time.no_picture')}
        </p>
      )}
      <div className="tq-tool-buttons" role="group" aria-label={t('map.tools')}>
        <Button icon={<PlusOutlined />} aria-label={t('map.zoom_in')} title={t('map.zoom_in')} onClick={() => map?.zoom(1)} />
        <Button icon={<MinusOutlined />} aria-label={t('map.zoom_out')} title={t('map.zoom_out')} onClick={() => map?.zoom(-1)} />
        <Button icon={<HomeOutlined />} aria-label={t('map.home')} title={t('map.home')} onClick={() => map?.home()} />
        <Button icon={<LayersIcon />} aria-label={t('map.layers')} title={t('map.layers')} aria-expanded={open === 'layers'} onClick={() => toggle('layers')} />
        <Button icon={<UnorderedListOutlined />} aria-label={t('map.legend')} title={t('map.legend')} aria-expanded={open === 'legend'} onClick={() => toggle('legend')} />
      </div>
      {open === 'legend' && <Legend />}
      {open === 'none' && !phone && <Pill onOpen={() => setOpen('legend')} />}
      {open === 'layers' && (
        <div className="tq-card tq-layers">
          <Suspense fallback={null}>
            <LayerList />
          </Suspense>
        </div>
      )}
      <Pointer />
    </div>
  )
}

/** Pixels that the map must have between its panels for the legend to stand open by itself. */
const ROOM_PX = 900
const PANELS_PX = { left: 380, right: 420, rail: 84 }

/** Whether the map has room for its legend: not on a phone, and not beside panels on a small desk. */
function useRoom(phone: boolean): boolean {
  const path = usePath()
  const selected = useParam('sel')
  const raw = useParam('frame')
  const width = useWidth()
  const left = path === '/map' ? 0 : PANELS_PX.left
  const right = selected || raw ? PANELS_PX.right : 0
  return !phone && width - PANELS_PX.rail - left - right >= ROOM_PX
}

/** What a closed legend still says: how many are in view. */
function Pill({ onOpen }: { onOpen: () => void }): JSX.Element {
  const { total } = useStore(counts)
  return (
    <button type="button" className="tq-card tq-pill" onClick={onOpen} title={t('map.legend')}>
      {t('map.in_view', { n: number(total) })}
    </button>
  )
}
