/** One box for everything: plate, terminal, place, URN. `/` or Ctrl-K goes there, arrows choose, Enter opens. */
import { SearchOutlined } from '@ant-design/icons'
import { Button, Input, type InputRef } from 'antd'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState, type JSX, type KeyboardEvent } from 'react'
import { flushSync } from 'react-dom'
import { get } from '../api/http'
import { client, useRegionName } from '../api/queries'
import type { Found, Region } from '../api/types'
import { engine } from '../map/port'
import { useKey, useSettled } from '../parts/hooks'
import { tell } from '../parts/states'
import { go, patch } from '../state/address'
import { both, t } from '../text/catalogue'
import { KindMark } from './kinds'
import { chooseRegion } from './RegionPath'

export function openFound(found: Found): void {
  const code = found.kind === 'region' ? (found.region ?? found.urn.split(':').at(-1)) : null
  const region = code ? client.getQueryData<Region[]>(['regions'])?.find((item) => item.code === code) : undefined
  if (region) {
    chooseRegion(region)
    return
  }
  if (found.href) {
    go(found.href)
    return
  }
  patch({ sel: found.urn, tab: null, frame: null })
  if (typeof found.lon === 'number' && typeof found.lat === 'number') engine.get()?.fly(found.lon, found.lat, 13)
}

export function SearchBox({ phone = false }: { phone?: boolean }): JSX.Element {
  const [text, setText] = useState('')
  const [open, setOpen] = useState(false)
  const [at, setAt] = useState(0)
  const box = useRef<HTMLDivElement>(null)
  const input = useRef<InputRef>(null)
  const settled = useSettled(text.trim(), 180)
  const regionName = useRegionName()
  const { data, error, isFetching } = useQuery({
    queryKey: ['search', settled],
    enabled: settled.length > 0,
    staleTime: 10_000,
    queryFn: async ({ signal }) => (await get<{ items: Found[] }>('search', { q: settled, limit: 20 }, signal)).items,
  })
  const enter = (): void => {
    // At once, so that what is typed right after the key is not lost.
    flushSync(() => setOpen(true))
    input.current?.focus({ cursor: 'all' })
  }
  useKey((event) => event.key === '/' && !event.ctrlKey && !event.metaKey, (event) => (event.preventDefault(), enter()))
  useKey((event) => event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey), (event) => (event.preventDefault(), enter()), true)
  useEffect(() => setAt(0), [data])
  useEffect(() => {
    if (!open) return
    const outside = (event: PointerEvent): void => {
      if (!box.current?.contains(event.target as Node)) setOpen(false)
    }
    window.addEventListener('pointerdown', outside)
    return () => window.removeEventListener('pointerdown', outside)
  }, [open])
  const pick = (found: Found): void => {
    openFound(found)
    setOpen(false)
    input.current?.blur()
  }
  const key = (event: KeyboardEvent): void => {
    const list = data ?? []
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      setAt((now) => Math.max(0, Math.min(list.length - 1, now + (event.key === 'ArrowDown' ? 1 : -1))))
    } else if (event.key === 'Enter' && list[at]) pick(list[at])
    else if (event.key === 'Escape') {
      event.preventDefault()
      setOpen(false)
      input.current?.blur()
    }
  }
  const listed = open && settled.length > 0
  const field = (
    <Input
      ref={input}
      value={text}
      role="combobox"
      aria-expanded={listed}
      aria-controls="tq-found"
      aria-activedescendant={listed && data?.length ? `tq-found-${at}` : undefined}
      aria-label={t('search.title')}
      placeholder={t(phone ? 'search.title' : 'search.hint')}
      prefix={<SearchOutlined />}
      suffix={phone ? undefined : <kbd>/</kbd>}
      allowClear
      onFocus={() => setOpen(true)}
      onChange={(event) => {
        setText(event.target.value)
        setOpen(true)
      }}
      onKeyDown={key}
    />
  )
  const results = listed && (
    <div className="tq-found">
      <ul id="tq-found" role="listbox" aria-label={t('search.results')}>
        {(data ?? []).map((found, i) => (
          <li key={found.urn} id={`tq-found-${i}`} role="option" aria-selected={i === at} onPointerEnter={() => setAt(i)} onPointerDown={(event) => event.preventDefault()} onClick={() => pick(found)}>
            <span className="tq-found-mark" aria-hidden="true">
              <KindMark kind={found.kind} />
            </span>
            <span className="tq-found-title">{found.title}</span>
            <span className="tq-kind">{both(found.kind_label) || found.kind}</span>
            <span className="tq-found-more">{[found.subtitle, regionName(found.region)].filter(Boolean).join(' · ')}</span>
          </li>
        ))}
      </ul>
      {error ? <p role="alert">{tell(error).text}</p> : null}
      {!error && data && !data.length && !isFetching ? <p>{t('search.none', { text: settled })}</p> : null}
      {isFetching && !data ? <p>{t('state.loading')}</p> : null}
    </div>
  )
  if (phone) {
    return (
      <div ref={box}>
        <Button type="text" icon={<SearchOutlined />} aria-label={t('search.title')} onClick={enter} />
        {open && (
          <div className="tq-search is-over">
            {field}
            <Button type="text" onClick={() => setOpen(false)}>
              {t('action.close')}
            </Button>
            {results}
          </div>
        )}
      </div>
    )
  }
  return (
    <div className="tq-search" ref={box}>
      {field}
      {results}
    </div>
  )
}
