/** A place: typed in any form, clicked on the map where there is one, or where one is. The value is what the address and the API carry. */
import { AimOutlined, CloseOutlined, EnvironmentOutlined } from '@ant-design/icons'
import { t, toast, useDraw, useMap, useSettled } from '@web/kit'
import type { Geometry } from 'geojson'
import { useEffect, useId, useState, type JSX } from 'react'
import { usePlaces, written, type PlaceRow } from './journeys'
import { useSetting } from './setting'

interface Props {
  label: string
  mark?: string
  value: string
  name: string
  /** A click on the map is waited for; absent: places are not chosen on the map here. */
  choosing?: boolean
  onChoose?: (choosing: boolean) => void
  /** `name`: what a value without a name is called here; `place`: the one that was chosen from the list. */
  onChange: (value: string, name: string, place?: PlaceRow) => void
}

export function PlaceInput({ label, mark, value, name, choosing = false, onChoose, onChange }: Props): JSX.Element {
  const id = useId()
  const map = useMap() !== null && onChoose !== undefined
  const located = useSetting() === 'public' && onChoose !== undefined && 'geolocation' in navigator
  const [typed, setTyped] = useState(name)
  const [open, setOpen] = useState(false)
  const [at, setAt] = useState(0)
  const settled = useSettled(open ? typed : '', 150)
  const { data, error } = usePlaces(settled)
  const found = open ? (data?.items ?? []) : []
  useEffect(() => setTyped(name), [name, value])
  useDraw(choosing ? 'point' : null, null, (geometry: Geometry | null) => {
    if (geometry?.type !== 'Point') return
    const [lon, lat] = geometry.coordinates
    onChoose?.(false)
    onChange(`${lon},${lat}`, `${t('travel.point')} ${lat.toFixed(4)}, ${lon.toFixed(4)}`)
  })
  const take = (index: number): void => {
    const place = found[index]
    if (!place) return
    setOpen(false)
    onChange(written(place), '', place)
  }
  const here = (): void =>
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => onChange(`${coords.longitude.toFixed(6)},${coords.latitude.toFixed(6)}`, t('travel.here')),
      () => toast({ key: 'travel.here', title: t('travel.here_unknown'), tone: 'bad' }),
      { timeout: 10_000, maximumAge: 60_000 },
    )
  const none = open && data && !found.length && settled === typed
  return (
    <div className="tq-place">
      <label htmlFor={id}>
        {mark && <b aria-hidden="true">{mark}</b>} {label}
      </label>
      <div className="tq-place-box">
        <input
          id={id}
          className="tq-input"
          role="combobox"
          aria-expanded={found.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={found.length ? `${id}-${at}` : undefined}
          placeholder={t(choosing ? 'travel.choosing' : map ? 'travel.from_hint' : 'travel.stop_hint')}
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
        {map && (
          <button type="button" aria-pressed={choosing} aria-label={`${label}: ${t('travel.choose_on_map')}`} title={t('travel.choose_on_map')} onClick={() => onChoose(!choosing)}>
            <AimOutlined />
          </button>
        )}
        {located && (
          <button type="button" aria-label={`${label}: ${t('travel.here')}`} title={t('travel.here')} onClick={here}>
            <EnvironmentOutlined />
          </button>
        )}
      </div>
      {found.length > 0 && (
        <ul id={`${id}-list`} role="listbox" className="tq-place-list tq-card" aria-label={label}>
          {found.map((place, index) => (
            <li key={place.id} id={`${id}-${index}`} role="option" aria-selected={index === at} onMouseDown={() => take(index)}>
              <span className="tq-cut">{place.name}</span>
              <small className="tq-dim">{t(`travel.kind_${place.kind}`)}</small>
            </li>
          ))}
        </ul>
      )}
      {(none || (open && error)) && (
        <p className="tq-help" role="status">
          {t(error ? 'travel.places_failed' : 'travel.no_place')}
        </p>
      )}
    </div>
  )
}
