/** All cases of all kinds that this person may see. */
import { Input, Select } from 'antd'
import { useEffect, useState, type JSX } from 'react'
import { useCaseTypes } from '../api/cases'
import { useRegion } from '../frame/RegionPath'
import { CaseList } from '../lists/CaseList'
import { useSettled } from '../parts/hooks'
import { patch, useParam } from '../state/address'
import { both, t } from '../text/catalogue'

export default function CasesPage(): JSX.Element {
  const region = useRegion()
  const { data: types = [] } = useCaseTypes()
  const type = useParam('f.type')
  const which = useParam('f.open') ?? 'true'
  const q = useParam('q')
  const [text, setText] = useState(q ?? '')
  const settled = useSettled(text.trim())
  useEffect(() => {
    if (settled !== (q ?? '')) patch({ q: settled || null }, true)
    // Only what is typed writes; the address is read when the page opens.
  }, [settled])
  return (
    <div className="tq-list">
      <div className="tq-list-tools">
        <Input allowClear value={text} onChange={(event) => setText(event.target.value)} placeholder={t('cases.search')} aria-label={t('cases.search')} />
        <Select allowClear aria-label={t('cases.kind')} placeholder={t('cases.kind')} value={type ?? undefined} options={types.map((one) => ({ value: one.id, label: both(one.title) }))} onChange={(next) => patch({ 'f.type': next ?? null })} style={{ minWidth: 96 }} />
        <Select aria-label={t('cases.state')} value={which} options={['true', 'false', 'all'].map((one) => ({ value: one, label: t(`cases.open_${one}`) }))} onChange={(next: string) => patch({ 'f.open': next === 'true' ? null : next })} style={{ minWidth: 88 }} />
      </div>
      <CaseList kinds query={{ limit: 200, sort: '-opened_ms', region, q, open: which === 'all' ? null : which, 'filter.type': type }} label={t('cases.title')} empty={t('cases.none')} hint={t('cases.none_hint')} overlay="platform.cases" />
    </div>
  )
}
