/** What the list shows as CSV or Excel, with how far it is and a way to stop. */
import { DownloadOutlined, StopOutlined } from '@ant-design/icons'
import { Button, Dropdown } from 'antd'
import { useRef, useState, type JSX } from 'react'
import { apiPath, type Query } from '../api/http'
import { useRegionName } from '../api/queries'
import type { Column, Resource, Row } from '../api/types'
import { tell } from '../parts/states'
import { toast } from '../parts/toast'
import { both, t } from '../text/catalogue'
import { number } from '../text/format'
import { saveList, SHEET_ROWS, type Format } from './save'

interface Props {
  resource: Resource
  query: Query
  columns: Column[]
  words?: (column: Column, row: Row) => string | undefined
  /** The server makes the CSV itself (and writes it down). */
  serverCsv?: string
}

export function SaveButton({ resource, query, columns, words, serverCsv }: Props): JSX.Element {
  const regionName = useRegionName()
  const [rows, setRows] = useState<number | null>(null)
  const running = useRef<AbortController | null>(null)
  if (serverCsv) return <Button icon={<DownloadOutlined />} aria-label={t('list.export_csv')} title={t('list.export_csv')} href={apiPath(serverCsv, query)} download />
  const save = (format: Format): void => {
    const mine = new AbortController()
    running.current = mine
    setRows(0)
    const progress = (found: number, total: number | null): void => {
      setRows(found)
      if (format === 'xlsx' && (total ?? found) > SHEET_ROWS && found >= SHEET_ROWS) toast({ key: 'sheet-cut', tone: 'bad', title: t('list.sheet_cut', { n: number(SHEET_ROWS) }) })
    }
    saveList({ resource, query, columns, regionName, words, progress, signal: mine.signal }, format)
      .catch((error: unknown) => {
        if (!mine.signal.aborted) toast({ key: 'save-failed', tone: 'bad', title: t('list.export_failed', { name: both(resource.title) }), text: `${tell(error).text} ${tell(error).code}` })
      })
      .finally(() => setRows(null))
  }
  if (rows !== null) {
    return (
      <Button icon={<StopOutlined />} aria-label={t('list.export_stop', { n: number(rows) })} title={t('list.export_stop', { n: number(rows) })} onClick={() => running.current?.abort()}>
        <span className="tq-num">{number(rows)}</span>
      </Button>
    )
  }
  return (
    <Dropdown trigger={['click']} menu={{ items: [{ key: 'xlsx', label: t('list.export_xlsx') }, { key: 'csv', label: t('list.export_csv') }], onClick: ({ key }) => save(key as Format) }}>
      <Button icon={<DownloadOutlined />} aria-label={t('list.export')} title={t('list.export')} />
    </Dropdown>
  )
}
