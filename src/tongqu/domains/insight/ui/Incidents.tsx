/** The incident desk: what reaches the duty officer, by region; `a` takes the selected one on. */
import { CaseList, t, useParam, useRegion, patch } from '@web/kit'
import { Select } from 'antd'
import type { JSX } from 'react'

const VIEWS = ['open', 'closed'] as const

export default function IncidentsPage(): JSX.Element {
  const region = useRegion()
  const chosen = useParam('f.view')
  const view = VIEWS.find((one) => one === chosen) ?? 'open'
  const priority = useParam('f.priority')
  return (
    <div className="tq-list">
      <div className="tq-list-tools">
        <Select aria-label={t('insight.view')} value={view} options={VIEWS.map((one) => ({ value: one, label: t(`insight.view_${one}`) }))} onChange={(next: string) => patch({ 'f.view': next === 'open' ? null : next })} style={{ flex: 1 }} />
        <Select allowClear aria-label={t('insight.priority')} placeholder={t('insight.priority')} value={priority ?? undefined} options={['1', '2', '3', '4'].map((one) => ({ value: one, label: t('cases.priority', { n: one }) }))} onChange={(next) => patch({ 'f.priority': next ?? null })} style={{ flex: 1 }} />
      </div>
      <CaseList
        query={{ 'filter.type': 'insight.incident', limit: 200, sort: view === 'closed' ? '-closed_ms' : '-opened_ms', open: view !== 'closed', region, 'filter.priority': priority }}
        label={t('insight.incidents')}
        empty={t(view === 'closed' ? 'insight.none_closed' : 'insight.none_open')}
        hint={t('insight.none_open_hint')}
        overlay="insight.incidents"
        acknowledge="take"
      />
    </div>
  )
}
