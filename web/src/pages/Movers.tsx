/** All movers of the region as rows: what a figure on another page counts, this list shows. */
import { useQuery } from '@tanstack/react-query'
import { Input, Select } from 'antd'
import { useMemo, useState, type JSX } from 'react'
import { get } from '../api/http'
import { categoryOf, useCategories, useRegionName } from '../api/queries'
import type { Column, Movers, Row } from '../api/types'
import { useRegion } from '../frame/RegionPath'
import { VirtualList } from '../lists/VirtualList'
import { engine } from '../map/port'
import { Empty, Failure, Skeleton } from '../parts/states'
import { patch, useParam } from '../state/address'
import { both, t } from '../text/catalogue'
import { ago, number, shortTime } from '../text/format'

const column = (name: string, type: Column['type'] = 'text'): Column => ({ name, label: t(`mover.${name}`), type })

export default function MoversPage(): JSX.Element {
  const region = useRegion()
  const regionName = useRegionName()
  const { data: categories = [] } = useCategories()
  const selected = useParam('sel')
  const category = useParam('f.category')
  const state = useParam('f.state')
  const alarm = useParam('f.alarm')
  const [text, setText] = useState('')
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['movers', region],
    staleTime: 5000,
    refetchInterval: 15_000,
    queryFn: ({ signal }) => get<Movers>('movers', { region, format: 'columns' }, signal),
  })
  const rows = useMemo(() => {
    const all = data?.columns
    if (!all) return []
    const asked = text.trim().toUpperCase()
    const made: Row[] = []
    for (let i = 0; i < all.urn.length; i += 1) {
      if (category && String(categoryOf(categories, all.category[i], all.kind[i])?.id ?? 0) !== category) continue
      if (state && (state === 'online' ? all.state[i] > 1 : String(all.state[i]) !== state)) continue
      if (alarm && !all.alarm[i]) continue
      if (asked && !all.label[i].toUpperCase().includes(asked)) continue
      made.push({ urn: all.urn[i], i })
    }
    return made
  }, [data, categories, category, state, alarm, text])
  const columns = [column('label'), column('doing'), column('category'), column('time'), column('alarm')]
  const show = (col: Column, row: Row): string => {
    const all = data!.columns
    const i = row.i as number
    switch (col.name) {
      case 'label':
        return all.label[i]
      case 'doing':
        return all.state[i] === 0 ? `${number(all.speed_kmh[i])} km/h` : t(`mover.state_${Math.min(2, all.state[i])}`)
      case 'category':
        return both(categoryOf(categories, all.category[i], all.kind[i])?.label)
      case 'time':
        return ago(all.time_ms[i], data!.at_ms)
      default:
        return all.alarm[i] ? t('alarm.level', { n: all.alarm[i] }) : ''
    }
  }
  const open = (row: Row): void => {
    const i = row.i as number
    patch({ sel: row.urn as string, tab: null, frame: null })
    engine.get()?.reveal(data!.columns.lon[i], data!.columns.lat[i])
  }
  return (
    <div className="tq-list">
      <div className="tq-list-tools is-wrapping">
        <Input allowClear value={text} onChange={(event) => setText(event.target.value)} placeholder={t('mover.find')} aria-label={t('mover.find')} />
        <Select allowClear placeholder={t('mover.category')} aria-label={t('mover.category')} value={category} onChange={(value) => patch({ 'f.category': value ?? null })} options={[...categories.map((item) => ({ value: String(item.id), label: both(item.label) })), { value: '0', label: t('mover.no_category') }]} />
        <Select allowClear placeholder={t('mover.state')} aria-label={t('mover.state')} value={state} onChange={(value) => patch({ 'f.state': value ?? null })} options={['online', '0', '1', '2'].map((value) => ({ value, label: t(`mover.state_${value}`) }))} />
        <Select allowClear placeholder={t('alarm.any')} aria-label={t('alarm.device')} value={alarm} onChange={(value) => patch({ 'f.alarm': value ?? null })} options={[{ value: '1', label: t('mover.in_alarm') }]} />
      </div>
      {isPending && <Skeleton rows={10} />}
      {error && !data && <Failure error={error} again={() => void refetch()} />}
      {data && !rows.length && <Empty title={t('mover.none')} hint={data.count ? t('list.none_match_hint') : t('mover.none_hint')} />}
      {rows.length > 0 && <VirtualList columns={columns} rows={rows} keyName="urn" label={t('platform.movers')} onOpen={open} onEnd={() => undefined} isSelected={(row) => row.urn === selected} text={show} />}
      {data && (
        <footer className="tq-list-foot">
          <span>{t('list.of', { n: number(rows.length), total: number(data.count) })}</span>
          <span>{[regionName(region), shortTime(data.at_ms)].filter(Boolean).join(' · ')}</span>
        </footer>
      )}
    </div>
  )
}
