/** What several parts of the page ask for, each under one key of the query cache. */
import { QueryClient, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useMemo } from 'react'
import { clock } from '../state/clock'
import { both } from '../text/catalogue'
import { ApiError, get, remove, tagged } from './http'
import type { Category, Health, MapLayer, Meta, MoverDetail, Region, Resource, Session } from './types'

const retry = (count: number, error: Error): boolean => !(error instanceof ApiError && error.status >= 400 && error.status < 500) && count < 2

export const client = new QueryClient({
  defaultOptions: { queries: { retry, staleTime: 30_000, refetchOnWindowFocus: false, networkMode: 'always' }, mutations: { networkMode: 'always' } },
})

export const useHealth = (every_ms: number | false = false): UseQueryResult<Health> =>
  useQuery({ queryKey: ['health'], queryFn: ({ signal }) => get<Health>('health', {}, signal), refetchInterval: every_ms, staleTime: 0 })

export const useMeta = (enabled = true): UseQueryResult<Meta> =>
  useQuery({ queryKey: ['meta'], queryFn: ({ signal }) => get<Meta>('meta', {}, signal), enabled, staleTime: Number.POSITIVE_INFINITY })

/** The session, or null when nobody is logged in. */
export const useSession = (): UseQueryResult<Session | null> =>
  useQuery({
    queryKey: ['session'],
    staleTime: 300_000,
    queryFn: async ({ signal }) => {
      try {
        return await get<Session>('identity/session', {}, signal)
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null
        throw error
      }
    },
  })

export async function login(name: string, password: string): Promise<Session> {
  const { value } = await tagged<Session>('POST', 'identity/session', { body: { login: name, password } })
  client.setQueryData(['session'], value)
  await client.invalidateQueries({ queryKey: ['meta'] })
  return value
}

export async function logout(): Promise<void> {
  await remove('identity/session').catch(() => undefined)
  client.clear()
  client.setQueryData(['session'], null)
}

export function allowed(session: Session | null | undefined, permission: string | null | undefined): boolean {
  if (!permission) return true
  const held = session?.permissions ?? []
  return held.includes('*') || held.includes(permission)
}

export const useRegions = (): UseQueryResult<Region[]> =>
  useQuery({
    queryKey: ['regions'],
    staleTime: 600_000,
    queryFn: async ({ signal }) => (await get<{ items: Region[] }>('identity/regions', {}, signal)).items,
  })

/** Name of a region by its code. */
export function useRegionName(): (code: string | null | undefined) => string {
  const { data } = useRegions()
  return useMemo(() => {
    const names = new Map((data ?? []).map((region) => [region.code, both(region.name)]))
    return (code) => (code ? names.get(code) ?? code : '')
  }, [data])
}

const COLORS = 12

/** No two categories in one colour as long as there are colours left; the server's choice stands for the first. */
export function distinct(categories: Category[]): Category[] {
  const taken = new Set<string>()
  return categories.map((category) => {
    let color = category.color
    for (let n = 1; taken.has(color) && n <= COLORS; n += 1) if (!taken.has(`category-${n}`) && !categories.some((other) => other.color === `category-${n}`)) color = `category-${n}`
    taken.add(color)
    return { ...category, color }
  })
}

export const useCategories = (): UseQueryResult<Category[]> =>
  useQuery({
    queryKey: ['categories'],
    staleTime: 600_000,
    queryFn: async ({ signal }) => {
      return distinct(items(await get<Category[] | { items: Category[] }>('movers/categories', {}, signal)))
    },
  })

export const useLayers = (): UseQueryResult<MapLayer[]> =>
  useQuery({
    queryKey: ['layers'],
    staleTime: 300_000,
    queryFn: async ({ signal }) => {
      const answer = await get<MapLayer[] | { items: MapLayer[] }>('layers', {}, signal)
      return Array.isArray(answer) ? answer : answer.items
    },
  })

/** What kind of thing a URN names. */
export const kindOf = (urn: string): string => urn.split(':')[2] ?? ''

export const useMover = (urn: string, every_ms: number | false, enabled = true): UseQueryResult<MoverDetail> =>
  useQuery({
    queryKey: ['mover', urn],
    enabled: enabled && kindOf(urn) !== 'case', // a case may be selected too, and never moves
    staleTime: 1000,
    // What is no mover does not become one.
    refetchInterval: ({ state }) => (state.error instanceof ApiError && state.error.status === 404 ? false : every_ms),
    queryFn: ({ signal }) => get<MoverDetail>(`movers/${encodeURIComponent(urn)}`, {}, signal),
  })

export function useResource(id: string | undefined): Resource | undefined {
  const { data } = useMeta()
  return useMemo(() => data?.resources.find((resource) => resource.id === id), [data, id])
}

/** Names of movers by their keys: of those seen now, or at the moment that the page shows. */
export async function moverNames(keys: number[]): Promise<Map<number, { urn: string; label: string; category: number }>> {
  const at = clock.get().moment_ms
  const answer = await get<Record<string, { urn: string; label: string; category: number }>>('movers/labels', { keys: keys.join(','), at: at === null ? null : Math.floor(at / 1000) * 1000 })
  return new Map(Object.entries(answer).map(([key, value]) => [Number(key), value]))
}

/** An answer that is a list, bare or under `items`. */
export const items = <T,>(answer: T[] | { items: T[] }): T[] => (Array.isArray(answer) ? answer : answer.items)

/** The category that a row names, by its number or by its code (and kind, where codes are shared). */
export function categoryOf(categories: Category[], value: number | string | null | undefined, kind?: string): Category | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'number') return categories.find((item) => item.id === value)
  return categories.find((item) => item.code === value && (!kind || !item.kind || item.kind === kind))
}
