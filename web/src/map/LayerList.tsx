/** All layers by group: on or off, opacity, source, and whether the zoom of the moment shows them. */
import { Checkbox, Slider } from 'antd'
import type { JSX } from 'react'
import type { MapLayer } from '../api/types'
import { patch } from '../state/address'
import { both, t } from '../text/catalogue'
import { dateTime } from '../text/format'
import { Empty } from '../parts/states'
import { useLayerChoice } from './choice'

export default function LayerList(): JSX.Element {
  const { layers, shown, opacity } = useLayerChoice()
  const toggle = (layer: MapLayer): void => {
    const next = new Set(shown)
    if (!next.delete(layer.id)) next.add(layer.id)
    patch({ layers: [...next].join(',') || 'none' })
  }
  const fade = (layer: MapLayer, value: number): void => {
    const next = new Map(opacity)
    if (value >= 1) next.delete(layer.id)
    else next.set(layer.id, value)
    patch({ fade: [...next].map(([id, k]) => `${id}:${Math.round(k * 100)}`).join(',') }, true)
  }
  if (!layers.length) return <Empty title={t('layers.none')} />
  const groups = [...new Map(layers.map((layer) => [layer.group, both(layer.group_title) || layer.group]))]
  return (
    <div className="tq-layer-list">
      <h2>{t('map.layers')}</h2>
      {groups.map(([group, title]) => (
        <section key={group}>
          <h3>{title}</h3>
          <ul>
            {layers
              .filter((layer) => layer.group === group)
              .map((layer) => (
                <li key={layer.id}>
                  <Checkbox checked={shown.has(layer.id)} onChange={() => toggle(layer)}>
                    {both(layer.title)}
                  </Checkbox>
                  {layer.type !== 'movers' && (
                    <Slider min={0} max={100} step={5} value={Math.round((opacity.get(layer.id) ?? 1) * 100)} disabled={!shown.has(layer.id)} onChange={(value) => fade(layer, value / 100)} tooltip={{ formatter: (value) => `${value}%` }} ariaLabelForHandle={t('layers.opacity', { name: both(layer.title) })} />
                  )}
                  <p className="tq-dim tq-small">
                    {[both(layer.source), layer.time_ms ? dateTime(layer.time_ms) : '', layer.min_zoom ? t('layers.from_zoom', { n: layer.min_zoom }) : ''].filter(Boolean).join(' · ')}
                  </p>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </div>
  )
}
