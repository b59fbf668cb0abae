/**
 * The address is the state: page, region, layers, time, selection, filters and map view stand in the URL, so that any
 * view can be copied and opens the same. Parameters of a page (filters, sort, columns) end with the page.
 */
import { useSyncExternalStore } from 'react'

/** Parameters that stay when the page changes. */
const LASTING = ['region', 'layers', 'fade', 't', 'pace', 'm', 'sel', 'hide']

export type Patch = Record<string, string | number | null | undefined>

let path = location.pathname
let query = new URLSearchParams(location.search)
/** What the page was opened with: a view that a link brought is kept. */
export const openedWith: ReadonlyMap<string, string> = new Map(query)
let version = 0
const listeners = new Set<() => void>()

function changed(): void {
  version += 1
  for (const listener of listeners) listener()
}

window.addEventListener('popstate', () => {
  path = location.pathname
  query = new URLSearchParams(location.search)
  changed()
})

function apply(target: URLSearchParams, patch: Patch): URLSearchParams {
  for (const [name, value] of Object.entries(patch)) {
    if (value === null || value === undefined || value === '') target.delete(name)
    else target.set(name, String(value))
  }
  return target
}

/** Readable form: commas, colons and slashes of lists, URNs and views are left as they are. */
function write(params: URLSearchParams): string {
  const text = params.toString().replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%2F', '/')
  return text ? `?${text}` : ''
}

function lasting(): URLSearchParams {
  const kept = new URLSearchParams()
  for (const name of LASTING) {
    const value = query.get(name)
    if (value !== null) kept.set(name, value)
  }
  return kept
}

/** The address of a page as a link, with what lasts and the patch applied. */
export function href(to: string, patch: Patch = {}): string {
  return to + write(apply(lasting(), patch))
}

/** Go to a page. */
export function go(to: string, patch: Patch = {}, replace = false): void {
  query = apply(to === path ? new URLSearchParams(query) : lasting(), patch)
  path = to
  const target = path + write(query)
  if (target !== location.pathname + location.search) history[replace ? 'replaceState' : 'pushState'](null, '', target)
  changed()
}

/** Change parameters of the page one is on. `replace` for what moves by itself (map view, playing time). */
export function patch(values: Patch, replace = false): void {
  go(path, values, replace)
}

export const param = (name: string): string | null => query.get(name)
export const params = (): URLSearchParams => query
export const pagePath = (): string => path

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** One parameter; the component renders again when this one changes. */
export const useParam = (name: string): string | null => useSyncExternalStore(subscribe, () => query.get(name))

/** The page's path. */
export const usePath = (): string => useSyncExternalStore(subscribe, () => path)

/** The filters `f.<column>` of the page, as one string so that equal ones are equal, and as entries. */
export function useFilters(): [string, [string, string][]] {
  const text = useSyncExternalStore(subscribe, () =>
    [...query.entries()].filter(([name]) => name.startsWith('f.')).map(([name, value]) => `${name.slice(2)}=${encodeURIComponent(value)}`).join('&'),
  )
  return [text, [...new URLSearchParams(text).entries()]]
}

/** Call back on every change of the address; returns how to stop. */
export const onAddress = subscribe
export const addressVersion = (): number => version
