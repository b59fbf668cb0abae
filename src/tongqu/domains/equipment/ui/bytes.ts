/** Bytes of a JT/T 808 frame and the rows that explain them. */
import type { Text } from '@web/kit'

export interface ExplainedRow {
  /** Place in the unescaped frame, flags included. */
  offset: number
  length: number
  /** Place among the bytes as they were sent. */
  wire_offset?: number
  wire_length?: number
  path: string
  label: Text
  raw: string
  value: unknown
  unit: string | null
  meaning: Text | null
  level: number
}

export interface Explained {
  frame: string
  received_ms: number
  source: string | null
  hex: string
  message_id: string | null
  phone?: string
  serial?: number
  version?: number
  ok?: boolean
  reason?: string | null
  merged?: boolean
  title: Text
  rows: ExplainedRow[]
}

/** Undo the escaping of JT/T 808 4.4.2 between the flags: 7D 02 is 7E, 7D 01 is 7D. */
export function unescaped(hex: string): { hex: string; escapes: number } {
  const pairs = hex.toLowerCase().match(/../g) ?? []
  if (pairs[0] !== '7e' || pairs.at(-1) !== '7e') return { hex: pairs.join(''), escapes: 0 }
  const made: string[] = []
  let escapes = 0
  for (let i = 0; i < pairs.length; i += 1) {
    const next = pairs[i + 1]
    if (pairs[i] === '7d' && (next === '01' || next === '02')) {
      made.push(next === '02' ? '7e' : '7d')
      escapes += 1
      i += 1
    } else made.push(pairs[i])
  }
  return { hex: made.join(''), escapes }
}

/**
 * What the dump shows: the bytes as they were sent where every row says its place among them, else the unescaped
 * ones. The rows come back with `offset` and `length` counted in those bytes.
 */
export function laidOut(data: Explained): { hex: string; escapes: number; rows: ExplainedRow[] } {
  const plain = unescaped(data.hex)
  if (!data.rows.every((row) => typeof row.wire_offset === 'number' && typeof row.wire_length === 'number')) return { ...plain, rows: data.rows }
  return { hex: data.hex.toLowerCase(), escapes: plain.escapes, rows: data.rows.map((row) => ({ ...row, offset: row.wire_offset!, length: row.wire_length! })) }
}

/** Index of the narrowest row that covers a byte; of equal ones the deeper. -1 when none does. */
export function innermost(rows: ExplainedRow[], offset: number): number {
  let best = -1
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i]
    if (!row.length || offset < row.offset || offset >= row.offset + row.length) continue
    if (best < 0 || row.length < rows[best].length || (row.length === rows[best].length && row.level >= rows[best].level)) best = i
  }
  return best
}
