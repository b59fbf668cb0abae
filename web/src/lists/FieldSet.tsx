/** Fields with their labels, help and problems; groups within groups, and lists of them. */
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import type { JSX } from 'react'
import type { Field } from '../api/types'
import { both, t } from '../text/catalogue'
import type { Values } from './check'
import { FieldInput } from './FieldInput'

interface Props {
  fields: Field[]
  values: Values
  /** What stands before the names of the fields: `axles.0.`. */
  path: string
  onChange: (field: Field, value: unknown, path: string) => void
  /** The problem of a path that is to be shown, or an empty text. */
  said: (path: string) => string
}

export function FieldSet({ fields, values, path, onChange, said }: Props): JSX.Element {
  return (
    <>
      {fields.map((field) => {
        const at = path + field.name
        const value = values[field.name]
        if (field.type === 'group') return <Group key={at} field={field} at={at} value={(value ?? null) as Values | null} onChange={(next, where) => onChange(field, next, where)} said={said} />
        if (field.type === 'groups') return <Groups key={at} field={field} at={at} value={(value ?? []) as Values[]} onChange={(next, where) => onChange(field, next, where)} said={said} />
        return <One key={at} field={field} at={at} value={value} onChange={(next) => onChange(field, next, at)} problem={said(at)} />
      })}
    </>
  )
}

function One({ field, at, value, onChange, problem }: { field: Field; at: string; value: unknown; onChange: (value: unknown) => void; problem: string }): JSX.Element {
  return (
    <div className={problem ? 'tq-field is-wrong' : 'tq-field'}>
      <label htmlFor={`field-${at}`}>
        {both(field.label)}
        <Must field={field} />
        {field.unit && <small> {field.unit}</small>}
      </label>
      <FieldInput field={field} id={`field-${at}`} value={value} onChange={onChange} wrong={Boolean(problem)} describedBy={`help-${at}`} />
      <p id={`help-${at}`} className={problem ? 'tq-wrong' : 'tq-help'} role={problem ? 'alert' : undefined}>
        {problem || both(field.help)}
      </p>
    </div>
  )
}

const Must = ({ field }: { field: Field }): JSX.Element | null =>
  field.required ? (
    <span className="tq-must" aria-hidden="true">
      *
    </span>
  ) : null

interface GroupProps<V> {
  field: Field
  at: string
  value: V
  onChange: (value: V, path: string) => void
  said: (path: string) => string
}

/** An object: its fields in a frame. One that may be absent is added and taken away. */
function Group({ field, at, value, onChange, said }: GroupProps<Values | null>): JSX.Element {
  const shown = value ?? (field.required ? {} : null)
  return (
    <fieldset className="tq-group">
      <legend>
        {both(field.label)}
        <Must field={field} />
      </legend>
      {shown && <FieldSet fields={field.fields ?? []} values={shown} path={`${at}.`} said={said} onChange={(inner, next, path) => onChange({ ...shown, [inner.name]: next }, path)} />}
      {!field.required && (
        <Button size="small" icon={shown ? <DeleteOutlined /> : <PlusOutlined />} onClick={() => onChange(shown ? null : blank(field), at)}>
          {t(shown ? 'form.take_away' : 'form.add', { what: both(field.label) })}
        </Button>
      )}
      <Problem text={said(at)} />
    </fieldset>
  )
}

/** A list of objects. */
function Groups({ field, at, value, onChange, said }: GroupProps<Values[]>): JSX.Element {
  return (
    <fieldset className="tq-group" id={`field-${at}`} tabIndex={-1}>
      <legend>
        {both(field.label)}
        <Must field={field} />
      </legend>
      {value.map((item, i) => (
        <fieldset key={i} className="tq-group">
          <legend>{i + 1}</legend>
          <FieldSet fields={field.fields ?? []} values={item} path={`${at}.${i}.`} said={said} onChange={(inner, next, path) => onChange(value.map((one, k) => (k === i ? { ...one, [inner.name]: next } : one)), path)} />
          <Button size="small" icon={<DeleteOutlined />} onClick={() => onChange(value.filter((_, k) => k !== i), at)}>
            {t('form.take_away', { what: `${both(field.label)} ${i + 1}` })}
          </Button>
        </fieldset>
      ))}
      <Button size="small" icon={<PlusOutlined />} onClick={() => onChange([...value, blank(field)], at)}>
        {t('form.add', { what: both(field.label) })}
      </Button>
      <Problem text={said(at)} />
    </fieldset>
  )
}

const Problem = ({ text }: { text: string }): JSX.Element | null =>
  text ? (
    <p className="tq-wrong" role="alert">
      {text}
    </p>
  ) : null

const blank = (field: Field): Values => Object.fromEntries((field.fields ?? []).map((inner) => [inner.name, inner.default ?? null]))
