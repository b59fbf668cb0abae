/** Shapes and questions of equipment. */
import { get, items, type Field, type Text } from '@web/kit'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'

export type CommandState = 'queued' | 'sent' | 'answered' | 'failed' | 'expired' | 'cancelled'

export interface Command {
  id: string
  kind: string
  title: Text
  state: CommandState
  terminal: string
  urn: string
  queued_ms: number
  sent_ms: number | null
  answered_ms: number | null
  result: number | null
  /** What came of it, in words. */
  outcome: Text | null
  reply: unknown
  body?: Record<string, unknown>
  serial?: number | null
}

export type InputType = 'text' | 'integer' | 'number' | 'boolean' | 'enum' | 'time' | 'points' | 'ids' | 'values'

export interface CommandField extends Omit<Field, 'type'> {
  type: InputType
  default?: unknown
}

export interface CommandKind {
  id: string
  title: Text
  since: number
  fields: CommandField[]
}

export const FINAL: CommandState[] = ['answered', 'failed', 'expired', 'cancelled']

/** Last part of `urn:tongqu:terminal:<id>`. */
export const idOf = (urn: string): string => urn.split(':').slice(3).join(':')

export const useKinds = (): UseQueryResult<CommandKind[]> =>
  useQuery({ queryKey: ['equipment', 'kinds'], staleTime: Number.POSITIVE_INFINITY, queryFn: async ({ signal }) => items(await get<CommandKind[] | { items: CommandKind[] }>('equipment/commands/kinds', {}, signal)) })

/** Commands of a terminal (or of all), newest first; read again soon while one is on its way. */
export const useCommands = (terminal?: string): UseQueryResult<Command[]> =>
  useQuery<Command[]>({
    queryKey: ['equipment', 'commands', terminal ?? 'all'],
    staleTime: 500,
    refetchInterval: (query) => (query.state.data?.some((command) => !FINAL.includes(command.state)) ? 1000 : 10_000),
    queryFn: async ({ signal }) => items(await get<{ items: Command[] }>('equipment/commands', { terminal, limit: 100 }, signal)),
  })
