/** A list as a file: all rows that it would show, in the columns that are chosen, headed by their labels. */
import { API, ApiError, get, type Query } from '../api/http'
import type { Column, Resource, Row, RowPage } from '../api/types'
import { both } from '../text/catalogue'
import { cell, type RegionName } from './cell'
import { csvCell } from './cells'

const PAGE_ROWS = 1000
/** A workbook takes no more rows. */
export const SHEET_ROWS = 50_000

export type Format = 'csv' | 'xlsx'

export interface Order {
  resource: Resource
  query: Query
  columns: Column[]
  regionName: RegionName
  words?: (column: Column, row: Row) => string | undefined
  /** Hears how many rows are there, of how many. */
  progress: (rows: number, total: number | null) => void
  signal: AbortSignal
}

async function rowsOf({ resource, query, progress, signal }: Order): Promise<Row[]> {
  const rows: Row[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: RowPage = await get<RowPage>(resource.path, { ...query, limit: PAGE_ROWS, cursor }, signal)
    rows.push(...page.items)
    progress(rows.length, page.total)
    cursor = page.next
  }
  return rows
}

const heading = (column: Column): string => both(column.label) + (column.unit ? ` (${column.unit})` : '')

function csv(order: Order, rows: Row[]): Blob {
  const { columns, regionName, words } = order
  const lines = [columns.map((column) => csvCell(heading(column))).join(',')]
  for (const row of rows) lines.push(columns.map((column) => csvCell(words?.(column, row) ?? cell(column, row[column.name], regionName, true))).join(','))
  // Excel takes a file with this mark for UTF-8.
  return new Blob(['\ufeff', lines.join('\r\n'), '\r\n'], { type: 'text/csv;charset=utf-8' })
}

const sheetType = (column: Column): 'time' | 'number' | 'text' => (column.options?.length ? 'text' : column.type === 'time' ? 'time' : column.type === 'integer' || column.type === 'number' ? 'number' : 'text')

async function xlsx(order: Order, rows: Row[]): Promise<Blob> {
  const { resource, columns, regionName, words, signal } = order
  const types = columns.map(sheetType)
  const value = (column: Column, type: string, row: Row): unknown => {
    const raw = row[column.name]
    const said = words?.(column, row)
    return said === undefined && type !== 'text' && typeof raw === 'number' ? raw : (said ?? cell(column, raw, regionName)) || null
  }
  const body = {
    title: both(resource.title),
    columns: columns.map((column, i) => ({ label: heading(column).slice(0, 200), type: types[i] })),
    rows: rows.slice(0, SHEET_ROWS).map((row) => columns.map((column, i) => value(column, types[i], row))),
  }
  const address = `${API}/documents/spreadsheet`
  const response = await fetch(address, { method: 'POST', signal, credentials: 'same-origin', headers: { 'Content-Type': 'application/json', 'X-Tongqu': '1' }, body: JSON.stringify(body) })
  if (!response.ok) throw new ApiError(response.status, ((await response.json().catch(() => null)) as ApiError['problem'] | null) ?? { code: `page.http_${response.status}` }, `POST ${address}`)
  return response.blob()
}

/** Make the file and hand it to the browser. */
export async function saveList(order: Order, format: Format): Promise<void> {
  const rows = await rowsOf(order)
  const made = format === 'csv' ? csv(order, rows) : await xlsx(order, rows)
  const url = URL.createObjectURL(made)
  const link = document.createElement('a')
  link.href = url
  link.download = `${both(order.resource.title)}.${format}`
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
