/** A circle by its centre and radius: drawn on the map, or typed. */
import { t, useMap, type Circle } from '@web/kit'
import { Button, InputNumber } from 'antd'
import { useEffect, useState, type JSX } from 'react'

interface Props {
  value: Circle | null
  near: { lon: number; lat: number } | null
  onChange: (circle: Circle) => void
  missing: boolean
}

export function CirclePicker({ value, near, onChange, missing }: Props): JSX.Element {
  const map = useMap()
  const [drawing, setDrawing] = useState(false)
  useEffect(() => {
    if (!map || !drawing) return
    return map.drawCircle(value, onChange)
    // The tool keeps its own circle while it draws.
  }, [map, drawing])
  useEffect(() => {
    if (map && drawing) map.circle.set(value)
  }, [map, drawing, value])
  const set = (change: Partial<Circle>): void => {
    const from = value ?? { lon: near?.lon ?? 0, lat: near?.lat ?? 0, radius_m: 500 }
    onChange({ ...from, ...change })
    setDrawing(true)
  }
  const field = (name: keyof Circle, label: string, min: number, max: number, step: number, unit: string): JSX.Element => (
    <div className="tq-field">
      <label htmlFor={`circle-${name}`}>
        {label} <small>{unit}</small>
      </label>
      <InputNumber id={`circle-${name}`} value={value?.[name] ?? null} min={min} max={max} step={step} onChange={(next) => typeof next === 'number' && set({ [name]: next })} style={{ width: '100%' }} />
    </div>
  )
  return (
    <fieldset className="tq-circle">
      <legend>{t('equipment.circle.title')}</legend>
      <div className="tq-row">
        <Button size="small" type={drawing ? 'primary' : 'default'} aria-pressed={drawing} onClick={() => setDrawing(!drawing)} disabled={!map}>
          {t(drawing ? 'equipment.circle.drawing' : 'equipment.circle.draw')}
        </Button>
        {near && (
          <Button size="small" onClick={() => set({ lon: near.lon, lat: near.lat })}>
            {t('equipment.circle.here')}
          </Button>
        )}
      </div>
      {drawing && <p className="tq-help">{t('equipment.circle.how')}</p>}
      {missing && (
        <p className="tq-wrong" role="alert">
          {t('equipment.circle.missing')}
        </p>
      )}
      <div className="tq-two">
        {field('lon', t('equipment.circle.lon'), -180, 180, 0.001, '°')}
        {field('lat', t('equipment.circle.lat'), -90, 90, 0.001, '°')}
      </div>
      {field('radius_m', t('equipment.circle.radius'), 1, 1_000_000, 50, 'm')}
    </fieldset>
  )
}
