/** Frames that were refused: when, from where, why, and their bytes. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useMemo, useState, type JSX } from 'react'
import { get } from '../api/http'
import type { Column, QuarantineRow, Row } from '../api/types'
import { VirtualList } from '../lists/VirtualList'
import { Facts } from '../parts/Facts'
import { Link } from '../parts/link'
import { useSettled } from '../parts/hooks'
import { HexDump } from '../parts/HexDump'
import { Empty, Failure, Skeleton } from '../parts/states'
import { patch, useParam } from '../state/address'
import { both, t } from '../text/catalogue'
import { bytes, dateTime, number, shortTime, zonedTime } from '../text/format'

interface QuarantinePage {
  items: QuarantineRow[]
  next: string | null
  total: number | null
}

const column = (name: string): Column => ({ name, label: t(`quarantine.${name}`), type: 'text' })

export default function Quarantine(): JSX.Element {
  const chosen = useParam('id')
  const [text, setText] = useState('')
  const q = useSettled(text.trim())
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['quarantine', q],
    initialPageParam: '',
    refetchInterval: chosen ? false : 10_000,
    queryFn: ({ pageParam, signal }) => get<QuarantinePage>('quarantine', { q, limit: 200, cursor: pageParam }, signal),
    getNextPageParam: (page) => page.next ?? undefined,
  })
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data])
  const row = chosen ? rows.find((item) => String(item.id) === chosen) : undefined
  if (row) return <Refused row={row} />
  const columns = [column('reason'), column('received'), column('source'), column('remote'), column('size')]
  const show = (col: Column, item: Row): string => {
    const it = item as unknown as QuarantineRow
    switch (col.name) {
      case 'reason':
        return both(it.reason_label) || it.reason
      case 'received':
        return shortTime(it.received_ms)
      case 'source':
        return it.source_label ?? it.source ?? ''
      case 'size':
        return bytes(it.size)
      default:
        return String(item[col.name] ?? '')
    }
  }
  const total = data?.pages[0]?.total
  return (
    <div className="tq-list">
      <div className="tq-list-tools">
        <Input allowClear value={text} onChange={(event) => setText(event.target.value)} placeholder={t('quarantine.find')} aria-label={t('quarantine.find')} />
      </div>
      {isPending && <Skeleton rows={10} />}
      {error && !rows.length && <Failure error={error} again={() => void refetch()} />}
      {data && !rows.length && <Empty title={t('quarantine.none')} hint={t('quarantine.none_hint')} />}
      {rows.length > 0 && <VirtualList columns={columns} rows={rows as unknown as Row[]} keyName="id" label={t('platform.quarantine')} onOpen={(item) => patch({ id: String(item.id) })} onEnd={() => hasNextPage && !isFetchingNextPage && void fetchNextPage()} isSelected={() => false} text={show} />}
      {rows.length > 0 && <footer className="tq-list-foot">{typeof total === 'number' ? t('list.of', { n: number(rows.length), total: number(total) }) : t('list.loaded', { n: number(rows.length) })}</footer>}
    </div>
  )
}

function Refused({ row }: { row: QuarantineRow }): JSX.Element {
  return (
    <div className="tq-pad tq-scroll">
      <Button size="small" onClick={() => patch({ id: null })}>
        {t('action.back_list')}
      </Button>
      <h2 className="tq-bad">{both(row.reason_label) || row.reason}</h2>
      <Facts
        facts={[
          { label: t('quarantine.code'), value: row.reason },
          { label: t('quarantine.received'), value: dateTime(row.received_ms), title: zonedTime(row.received_ms) },
          { label: t('quarantine.stream'), value: row.stream },
          { label: t('quarantine.source'), value: row.source ? <Link patch={{ sel: row.source }}>{row.source_label || row.source}</Link> : '—' },
          { label: t('quarantine.remote'), value: row.remote || '—' },
          { label: t('quarantine.size'), value: bytes(row.size) },
        ]}
      />
      <HexDump hex={row.hex} />
      <div className="tq-row">
        <Button size="small" onClick={() => void navigator.clipboard?.writeText(row.hex)}>
          {t('quarantine.copy')}
        </Button>
        {row.frame && (
          <Button size="small" onClick={() => patch({ frame: row.frame, sel: null })}>
            {t('quarantine.explain')}
          </Button>
        )}
      </div>
    </div>
  )
}
