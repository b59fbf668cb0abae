/** A list as a CSV file: all rows the list would show, in the columns that are chosen, headed by their labels. */
import { get, type Query } from '../api/http'
import type { Column, Resource, RowPage } from '../api/types'
import { both } from '../text/catalogue'
import { cell, type RegionName } from './cell'
import { csvCell } from './cells'

const PAGE_ROWS = 1000

export async function downloadCsv(resource: Resource, query: Query, columns: Column[], regionName: RegionName): Promise<void> {
  const lines = [columns.map((column) => csvCell(both(column.label) + (column.unit ? ` (${column.unit})` : ''))).join(',')]
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: RowPage = await get<RowPage>(resource.path, { ...query, limit: PAGE_ROWS, cursor })
    for (const row of page.items) lines.push(columns.map((column) => csvCell(cell(column, row[column.name], regionName, true))).join(','))
    cursor = page.next
  }
  const url = URL.createObjectURL(new Blob(['\ufeff', lines.join('\r\n'), '\r\n'], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `${both(resource.title)}.csv`
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
