/** Over the map: zoom, home, layers, legend, and the place under the pointer. */
import { HomeOutlined, MinusOutlined, PlusOutlined, UnorderedListOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { lazy, Suspense, useState, type JSX } from 'react'
import { LayersIcon } from '../parts/icons'
import { useStore } from '../state/store'
import { t } from '../text/catalogue'
import { coordinates } from '../text/format'
import { Legend } from './Legend'
import { momentPicture } from './moment'
import { pointer, useMap } from './port'

const LayerList = lazy(() => import('./LayerList'))

export function Controls({ phone }: { phone: boolean }): JSX.Element {
  const map = useMap()
  const [open, setOpen] = useState<'legend' | 'layers' | null>(phone ? null : 'legend')
  const toggle = (what: 'legend' | 'layers'): void => setOpen(open === what ? null : what)
  const picture = useStore(momentPicture)
  return (
    <div className="tq-tools">
      {picture === 'absent' && (
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

function Pointer(): JSX.Element {
  const at = useStore(pointer)
  return <output className="tq-pointer tq-num">{at ? coordinates(at.lon, at.lat) : ''}</output>
}
