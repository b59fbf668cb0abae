/** Cases as lists and panels read them: a state machine with clocks, whatever module it is of. */
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useEvents, type FeedState } from '../live/events'
import type { Bilingual } from '../text/catalogue'
import { get, tagged, type Query, type Tagged } from './http'
import { client } from './queries'
import type { Field } from './types'

export interface CaseRow {
  id: string
  urn: string
  type: string
  type_label: Bilingual
  number: string
  title: string
  state: string
  state_label: Bilingual
  final: boolean
  region: string | null
  lon: number | null
  lat: number | null
  place: string
  subject: string
  /** 1 the most pressing to 4. */
  priority: number
  handler: string
  handler_name: string
  data: Record<string, unknown> & { title?: Bilingual }
  opened_ms: number
  closed_ms: number | null
  /** The deadline that comes first, and its words. */
  due_ms?: number | null
  due?: Bilingual | null
  overdue: number
  supervised: boolean
}

export interface CaseClock {
  limit: string
  began: string
  label: Bilingual
  begin_ms: number
  due_ms: number | null
  ended_ms: number | null
  state: 'running' | 'standing' | 'overdue' | 'met' | 'missed' | 'lapsed'
  status: string | null
  status_label: Bilingual | null
  level: string
}

export interface CaseStep {
  id: string
  label: Bilingual
  target: Bilingual
  form: { name: string; label: Bilingual; type: 'line' | 'text' | 'number' | 'time' | 'person' | 'document'; required: boolean; max_length: number | null }[]
  blocked: { code: string; text: Bilingual }[]
}

export interface Parameter {
  id: string
  title: Bilingual
  value: unknown
  source: string
  status: string
  status_label: Bilingual
}

export interface CaseDetail extends CaseRow {
  clocks: CaseClock[]
  steps: CaseStep[]
  documents: { document: string; kind: string; name: string; sha256: string; added_ms: number }[]
  supervisions: { id: string; level: string; reason: string; deadline_ms: number; lifted_ms: number | null; actor_name: string }[]
  may_supervise: string[]
  may_attach: boolean
  parameters: Parameter[]
}

export interface CaseEntry {
  seq: number
  kind: 'step' | 'document' | 'overdue' | 'supervision' | 'lift'
  name: string
  label: Bilingual
  at_ms: number
  recorded_ms: number
  actor: string
  actor_name: string
  place: string
  data: Record<string, unknown>
  proof: string
}

const GATHER_MS = 400

/** News of cases: what is shown of them is asked for anew. */
export function useCaseNews(): FeedState {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  return useEvents('cases/stream', () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      void client.invalidateQueries({ queryKey: ['cases'] })
    }, GATHER_MS)
  })
}

export const useCases = (query: Query): UseQueryResult<{ items: CaseRow[]; total: number }> =>
  useQuery({
    queryKey: ['cases', 'list', query],
    placeholderData: (before) => before,
    refetchInterval: 60_000,
    queryFn: ({ signal }) => get<{ items: CaseRow[]; total: number }>('cases', query, signal),
  })

export const useCaseTypes = (): UseQueryResult<{ id: string; title: Bilingual; states: { id: string; label: Bilingual; final: boolean }[] }[]> =>
  useQuery({
    queryKey: ['case-types'],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => (await get<{ items: { id: string; title: Bilingual; states: { id: string; label: Bilingual; final: boolean }[] }[] }>('cases/types', {}, signal)).items,
  })

export const useCase = (id: string): UseQueryResult<Tagged<CaseDetail>> =>
  useQuery({ queryKey: ['cases', 'one', id], refetchInterval: 60_000, queryFn: ({ signal }) => tagged<CaseDetail>('GET', `cases/${encodeURIComponent(id)}`, { signal }) })

export const useCaseHistory = (id: string): UseQueryResult<CaseEntry[]> =>
  useQuery({ queryKey: ['cases', 'history', id], queryFn: async ({ signal }) => (await get<{ items: CaseEntry[] }>(`cases/${encodeURIComponent(id)}/history`, {}, signal)).items })

/** Take a step, naming the state of the case one has read; what is shown of cases is asked for anew. */
export async function takeStep(id: string, step: string, data: Record<string, unknown>, etag: string | null): Promise<CaseDetail> {
  const { value } = await tagged<CaseDetail>('POST', `cases/${encodeURIComponent(id)}/steps/${step}`, { body: { data }, etag: etag ?? '' })
  await client.invalidateQueries({ queryKey: ['cases'] })
  return value
}

export const caseId = (urn: string): string => urn.split(':').at(-1) ?? ''

/** The control of a form for a field of a step. */
export const fieldOf = (field: CaseStep['form'][number]): Field => ({
  name: field.name,
  label: field.label,
  type: field.type === 'text' ? 'longtext' : field.type === 'number' || field.type === 'time' ? field.type : 'text',
  refers: field.type === 'person' ? 'identity.people' : null,
  required: field.required,
  max_length: field.max_length,
})
