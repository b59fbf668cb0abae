/** The planner for people who are not signed in; below it, how another site shows it. */
import { CopyOutlined } from '@ant-design/icons'
import { t, toast, useParam } from '@web/kit'
import { Button } from 'antd'
import type { JSX } from 'react'
import Planner from './Planner'
import { SettingContext } from './setting'

export default function PublicPlanner(): JSX.Element {
  return (
    <SettingContext value="public">
      <Planner />
      <Embedding />
    </SettingContext>
  )
}

/** The line of HTML that puts the planner into another page, with the places that are chosen here. */
function Embedding(): JSX.Element {
  const chosen = Object.entries({ from: useParam('from'), fn: useParam('fn'), to: useParam('to'), tn: useParam('tn') }).filter((one): one is [string, string] => Boolean(one[1]))
  const query = chosen.length ? `?${new URLSearchParams(chosen)}` : ''
  const code = `<iframe src="${location.origin}/embed/travel/planner${query.replaceAll('&', '&amp;')}" title="${t('travel.planner')}" width="360" height="560" loading="lazy"></iframe>`
  const copy = (): void => void navigator.clipboard?.writeText(code).then(() => toast({ key: 'travel.embed', title: t('travel.shared'), tone: 'good' }))
  return (
    <details className="tq-embedding">
      <summary>{t('travel.embed')}</summary>
      <p className="tq-help">{t('travel.embed_hint')}</p>
      <pre className="tq-code" tabIndex={0}>
        {code}
      </pre>
      <Button size="small" icon={<CopyOutlined />} onClick={copy}>
        {t('travel.embed_copy')}
      </Button>
    </details>
  )
}
