/** The fields of a message: label, value with its unit, what it means, and which bits carry it. */
import { both, t } from '@web/kit'
import './ships.css'
import type { JSX } from 'react'

export interface Field {
  offset: number
  length: number
  path: string
  label: { zh: string; en: string }
  raw: number | string
  value: unknown
  unit: string | null
  meaning: { zh: string; en: string } | null
}

export function Explained({ rows }: { rows: Field[] }): JSX.Element {
  return (
    <table className="tq-ais-fields">
      <tbody>
        {rows
          .filter((row) => row.path !== 'spare')
          .map((row) => (
            <tr key={`${row.offset}-${row.path}`}>
              <th scope="row">{both(row.label)}</th>
              <td>
                {shown(row)} {row.unit && <small>{row.unit}</small>}
                {row.meaning && <div className="tq-dim">{both(row.meaning)}</div>}
              </td>
              <td className="tq-dim tq-num" title={t('navigation.bits')}>
                {row.offset}–{row.offset + row.length - 1}
              </td>
            </tr>
          ))}
      </tbody>
    </table>
  )
}

function shown(row: Field): string {
  if (row.value === null || row.value === undefined) return row.meaning ? '' : String(row.raw)
  if (typeof row.value === 'boolean') return row.meaning ? '' : String(row.value)
  if (typeof row.value === 'number') return Number.isInteger(row.value) ? String(row.value) : String(Math.round(row.value * 1e6) / 1e6)
  if (typeof row.value === 'object') return (row.value as { hex?: string }).hex ?? JSON.stringify(row.value)
  return String(row.value) || '—'
}
