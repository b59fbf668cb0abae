/** A place on the map: drawn there by clicks, or given as coordinates or GeoJSON. */
import { Button, Input, InputNumber } from 'antd'
import type { Geometry } from 'geojson'
import { useEffect, useState, type JSX } from 'react'
import { useDraw, useMap, useOverlay, type DrawKind } from '../map/port'
import { sayGeometry } from '../map/describe'
import { box } from '../map/shapes'
import { t } from '../text/catalogue'

interface Props {
  id: string
  label: string
  shapes: DrawKind[]
  value: Geometry | null
  onChange: (value: Geometry | null) => void
  'aria-describedby'?: string
}

const KINDS: Record<string, DrawKind> = { Point: 'point', LineString: 'line', Polygon: 'polygon' }

export function GeometryInput({ id, label, shapes, value, onChange, ...aria }: Props): JSX.Element {
  const map = useMap()
  const [drawing, setDrawing] = useState<DrawKind | null>(null)
  useDraw(drawing, value && KINDS[value.type] === drawing ? value : null, (geometry, done) => {
    if (geometry || !done) onChange(geometry)
    if (done) setDrawing(null)
  })
  useOverlay(`form.${id}`, drawing ? null : value)
  const see = (): void => {
    const found = value && box([{ type: 'Feature', properties: {}, geometry: value }])
    if (found) map?.fit(found)
  }
  return (
    <div className="tq-geometry" id={id} role="group" aria-label={label} tabIndex={-1} {...aria}>
      <div className="tq-row">
        {shapes.map((kind) => (
          <Button key={kind} size="small" type={drawing === kind ? 'primary' : 'default'} disabled={!map} aria-pressed={drawing === kind} onClick={() => setDrawing(drawing === kind ? null : kind)}>
            {t(`shape.draw_${kind}`)}
          </Button>
        ))}
        {value && (
          <>
            <Button size="small" onClick={see}>
              {t('shape.show')}
            </Button>
            <Button size="small" onClick={() => onChange(null)}>
              {t('shape.clear')}
            </Button>
          </>
        )}
      </div>
      {drawing && (
        <p className="tq-note" role="status">
          {t(`shape.how_${drawing}`)}
        </p>
      )}
      <p className="tq-num tq-small">{value ? sayGeometry(value) : t('shape.none')}</p>
      {shapes.includes('point') && (!value || value.type === 'Point') && <PointInputs value={value} onChange={onChange} />}
      {!(shapes.length === 1 && shapes[0] === 'point') && <AsText value={value} shapes={shapes} onChange={onChange} />}
    </div>
  )
}

function PointInputs({ value, onChange }: Pick<Props, 'value' | 'onChange'>): JSX.Element {
  const [lon, lat] = value?.type === 'Point' ? value.coordinates : [null, null]
  const [typed, setTyped] = useState<[number | null, number | null]>([lon, lat])
  useEffect(() => setTyped([lon, lat]), [lon, lat])
  const set = (next: [number | null, number | null]): void => {
    setTyped(next)
    if (next[0] !== null && next[1] !== null) onChange({ type: 'Point', coordinates: [next[0], next[1]] })
  }
  return (
    <div className="tq-two">
      <InputNumber size="small" min={-180} max={180} value={typed[0]} placeholder={t('shape.lon')} aria-label={t('shape.lon')} onChange={(next) => set([next, typed[1]])} />
      <InputNumber size="small" min={-90} max={90} value={typed[1]} placeholder={t('shape.lat')} aria-label={t('shape.lat')} onChange={(next) => set([typed[0], next])} />
    </div>
  )
}

function AsText({ value, shapes, onChange }: Pick<Props, 'value' | 'shapes' | 'onChange'>): JSX.Element {
  const [text, setText] = useState('')
  const [wrong, setWrong] = useState(false)
  const take = (): void => {
    const found = readGeometry(text, shapes)
    setWrong(!found)
    if (found) {
      onChange(found)
      setText('')
    }
  }
  return (
    <details className="tq-how">
      <summary>{t('shape.as_text')}</summary>
      <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} value={text} placeholder={value ? JSON.stringify(value).slice(0, 400) : '{"type":"Polygon", …}'} aria-label={t('shape.as_text')} status={wrong ? 'error' : undefined} onChange={(event) => setText(event.target.value)} />
      {wrong && <p className="tq-wrong">{t('shape.not_geojson')}</p>}
      <Button size="small" disabled={!text.trim()} onClick={take}>
        {t('shape.take')}
      </Button>
    </details>
  )
}

/** A geometry of one of the shapes in a text of GeoJSON (also the first feature of a collection); null if there is none. */
export function readGeometry(text: string, shapes: DrawKind[]): Geometry | null {
  try {
    const read = JSON.parse(text) as { type?: string; geometry?: Geometry; features?: { geometry: Geometry }[] }
    const found = (read.features?.[0]?.geometry ?? read.geometry ?? read) as Geometry
    if (!KINDS[found?.type] || !shapes.includes(KINDS[found.type])) return null
    const around = box([{ type: 'Feature', properties: {}, geometry: found }])
    return around && around[0] >= -180 && around[2] <= 180 && around[1] >= -90 && around[3] <= 90 ? found : null
  } catch {
    return null
  }
}
