/** Journeys that the person follows, as the server tells them. */
import { client, get, post, remove } from '@web/kit'
import { useMutation, useQuery, type UseMutationResult, type UseQueryResult } from '@tanstack/react-query'
import type { Opened, State } from './journeys'

export interface Notice {
  at_ms: number
  reason: 'cancelled' | 'skipped' | 'missed' | 'late'
  line: string
  stop: string
  late_s: number
  instead: string | null
  instead_departure_ms: number | null
  instead_arrival_ms: number | null
}

export interface Subscription {
  id: string
  itinerary: string
  endpoint: string | null
  threshold_s: number
  departure_ms: number
  arrival_ms: number
  state: 'watching' | Notice['reason']
  notices: Notice[]
  created_ms: number
}

const KEY = ['travel', 'subscriptions']
const EVERY_MS = 20_000

export const useFollowed = (): UseQueryResult<Subscription[]> =>
  useQuery<Subscription[]>({ queryKey: KEY, refetchInterval: EVERY_MS, staleTime: 5_000, queryFn: async ({ signal }) => (await get<{ items: Subscription[] }>('travel/subscriptions', {}, signal)).items })

export const useFollow = (): UseMutationResult<Subscription, Error, string> =>
  useMutation({ mutationFn: (itinerary: string) => post<Subscription>('travel/subscriptions', { itinerary }), onSettled: () => client.invalidateQueries({ queryKey: KEY }) })

export const useUnfollow = (): UseMutationResult<unknown, Error, string> =>
  useMutation({ mutationFn: (id: string) => remove(`travel/subscriptions/${id}`), onSettled: () => client.invalidateQueries({ queryKey: KEY }) })

/** What is shown of a journey: what its opening says, or that it is over. A notice weighs more than times that have shifted. */
export function stateOf(row: Subscription, opened: Opened | undefined, now: number): State | 'over' | undefined {
  if (row.arrival_ms + 6 * 3_600_000 < now) return 'over'
  if (!opened) return undefined
  return opened.state === 'as_planned' && row.state === 'late' ? 'changed' : opened.state
}

/** The notice that still holds. */
export const standing = (row: Subscription): Notice | undefined => (row.state === 'watching' ? undefined : row.notices.at(-1))
