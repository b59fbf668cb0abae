/** Where from, where to: typed in any form, or clicked on the map. The value is what the address and the API carry. */
import { AimOutlined, CloseOutlined } from '@ant-design/icons'
import { t, useDraw, useSettled } from '@web/kit'
import type { Geometry } from 'geojson'
import { useEffect, useId, useRef, useState, type JSX } from 'react'
import { usePlaces } from './journeys'

interface Props {
  label: string
  mark: string
  value: string
  name: string
  choosing: boolean
  onChoose: (choosing: boolean) => void
  onChange: (value: string, name: string) => void
}

export function PlaceInput({ label, mark, value, name, choosing, onChoose, onChange }: Props): JSX.Element {
  const id = useId()
  const [typed, setTyped] = useState(name)
  const [open, setOpen] = useState(false)
  const [at, setAt] = useState(0)
  const settled = useSettled(open ? typed : '', 150)
  const { data } = usePlaces(settled)
  const found = open ? (data?.items ?? []) : []
  const box = useRef<HTMLInputElement>(null)
  useEffect(() => setTyped(name), [name, value])
  useDraw(choosing ? 'point' : null, null, (geometry: Geometry | null) => {
    if (geometry?.type !== 'Point') return
    const [lon, lat] = geometry.coordinates
    onChoose(false)
    onChange(`${lon},${lat}`, `${t('travel.point')} ${lat.toFixed(4)}, ${lon.toFixed(4)}`)
  })
  const take = (index: number): void => {
    const place = found[index]
    if (!place) return
    setOpen(false)
    onChange(`${place.lon},${place.lat}`, place.name)
  }
  return (
    <div className="tq-place">
      <label htmlFor={id}>
        <b aria-hidden="true">{mark}</b> {label}
      </label>
      <div className="tq-place-box">
        <input
          id={id}
          ref={box}
          className="tq-input"
          role="combobox"
          aria-expanded={found.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={found.length ? `${id}-${at}` : undefined}
          placeholder={choosing ? t('travel.choosing') : t('travel.from_hint')}
          value={choosing ? '' : typed}
          onFocus={(event) => event.target.select()}
          onBlur={() => setTimeout(() => setOpen(false), 150)}
          onChange={(event) => {
            setTyped(event.target.value)
            setOpen(true)
            setAt(0)
          }}
          onKeyDown={(event) => {
            if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
              event.preventDefault()
              setAt((now) => Math.max(0, Math.min(found.length - 1, now + (event.key === 'ArrowDown' ? 1 : -1))))
            } else if (event.key === 'Enter') take(at)
            else if (event.key === 'Escape') setOpen(false)
          }}
        />
        {value && (
          <button type="button" aria-label={`${label}: ${t('action.clear')}`} onClick={() => onChange('', '')}>
            <CloseOutlined />
          </button>
        )}
        <button type="button" aria-pressed={choosing} aria-label={`${label}: ${t('travel.choose_on_map')}`} title={t('travel.choose_on_map')} onClick={() => onChoose(!choosing)}>
          <AimOutlined />
        </button>
      </div>
      {found.length > 0 && (
        <ul id={`${id}-list`} role="listbox" className="tq-place-list tq-card" aria-label={label}>
          {found.map((place, index) => (
            <li key={place.id} id={`${id}-${index}`} role="option" aria-selected={index === at} onMouseDown={() => take(index)}>
              <span className="tq-cut">{place.name}</span>
              <small className="tq-dim">{t(`travel.options.place.${place.kind}`)}</small>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
