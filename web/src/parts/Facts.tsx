import { CopyOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { Fragment, type JSX, type ReactNode } from 'react'
import { t } from '../text/catalogue'

export interface Fact {
  label: string
  value: ReactNode
  unit?: string
  title?: string
  /** Text that a button copies. */
  copy?: string
}

/** Names and values in two columns; units small, values selectable. */
export function Facts({ facts }: { facts: Fact[] }): JSX.Element {
  return (
    <dl className="tq-facts">
      {facts.map((fact, i) => (
        <Fragment key={i}>
          <dt>{fact.label}</dt>
          <dd title={fact.title}>
            <span className="tq-num">{fact.value}</span>
            {fact.unit && <small> {fact.unit}</small>}
            {fact.copy && (
              <Button type="text" size="small" icon={<CopyOutlined />} aria-label={t('action.copy_what', { what: fact.label })} onClick={() => void navigator.clipboard?.writeText(fact.copy!)} />
            )}
          </dd>
        </Fragment>
      ))}
    </dl>
  )
}
