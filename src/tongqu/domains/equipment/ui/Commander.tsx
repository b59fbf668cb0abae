/** The form of a command, made from its kind; places are chosen on the map. */
import { both, Failure, post, Skeleton, t, useMay } from '@web/kit'
import { useQueryClient } from '@tanstack/react-query'
import { Button, Checkbox, Input, InputNumber, Select } from 'antd'
import { useMemo, useState, type FormEvent, type JSX } from 'react'
import { useKinds, type CommandField, type CommandKind } from './api'
import { CirclePicker } from './CirclePicker'

interface Props {
  terminal: string
  online: boolean
  near: { lon: number; lat: number } | null
}

/** Kinds that need more than a form of plain fields are sent from their own pages. */
const PLAIN = new Set(['text', 'integer', 'number', 'boolean', 'enum', 'ids'])
const PLACE = ['longitude_deg', 'latitude_deg', 'radius_m']
const usable = (kind: CommandKind): boolean => kind.fields.every((field) => PLAIN.has(field.type) || !field.required)

export function Commander({ terminal, online, near }: Props): JSX.Element {
  const { data, error, isPending, refetch } = useKinds()
  const may = useMay('equipment.command')
  const [kindId, setKindId] = useState('text')
  if (isPending) return <Skeleton rows={4} />
  if (error) return <Failure error={error} again={() => void refetch()} />
  const kinds = data.filter(usable)
  const kind = kinds.find((item) => item.id === kindId) ?? kinds[0]
  return (
    <section className="tq-block">
      <h2>{t('equipment.send')}</h2>
      {!online && <p className="tq-note">{t('equipment.offline_note')}</p>}
      {!may && <p className="tq-wrong">{t('error.forbidden')}</p>}
      <Select value={kind?.id} onChange={setKindId} aria-label={t('equipment.kind')} options={kinds.map((item) => ({ value: item.id, label: both(item.title) }))} style={{ width: '100%' }} />
      {kind && <KindForm key={kind.id} kind={kind} terminal={terminal} near={near} disabled={!may} />}
    </section>
  )
}

type Values = Record<string, unknown>

function KindForm({ kind, terminal, near, disabled }: { kind: CommandKind; terminal: string; near: Props['near']; disabled: boolean }): JSX.Element {
  const cache = useQueryClient()
  const isPlace = PLACE.every((name) => kind.fields.some((field) => field.name === name))
  const fields = useMemo(() => kind.fields.filter((field) => PLAIN.has(field.type) && !(isPlace && PLACE.includes(field.name))), [kind, isPlace])
  const [values, setValues] = useState<Values>(() => Object.fromEntries(kind.fields.filter((field) => field.default !== null && field.default !== undefined && PLAIN.has(field.type)).map((field) => [field.name, field.default])))
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const missing = kind.fields.filter((field) => field.required && (values[field.name] === undefined || values[field.name] === null || values[field.name] === ''))
  const set = (name: string, value: unknown): void => setValues((now) => ({ ...now, [name]: value }))
  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setTried(true)
    if (missing.length) return
    setBusy(true)
    setFailure(null)
    try {
      const body = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== '' && value !== undefined))
      await post(`equipment/terminals/${encodeURIComponent(terminal)}/commands`, { kind: kind.id, body }, { idempotencyKey: crypto.randomUUID() })
      if (kind.id === 'text') set('text', '')
      setTried(false)
      await cache.invalidateQueries({ queryKey: ['equipment', 'commands'] })
    } catch (error) {
      setFailure(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form className="tq-form is-plain" onSubmit={(event) => void send(event)} noValidate>
      {isPlace && (
        <CirclePicker
          near={near}
          value={typeof values.longitude_deg === 'number' ? { lon: values.longitude_deg, lat: values.latitude_deg as number, radius_m: values.radius_m as number } : null}
          onChange={(circle) => setValues((now) => ({ ...now, longitude_deg: circle.lon, latitude_deg: circle.lat, radius_m: circle.radius_m }))}
          missing={tried && missing.some((field) => PLACE.includes(field.name))}
        />
      )}
      {fields.map((field) => (
        <FieldRow key={field.name} field={field} value={values[field.name]} onChange={(value) => set(field.name, value)} missing={tried && missing.includes(field)} />
      ))}
      {failure !== null && <Failure error={failure} />}
      <Button type="primary" htmlType="submit" loading={busy} disabled={disabled}>
        {t('equipment.send')}
      </Button>
    </form>
  )
}

function FieldRow({ field, value, onChange, missing }: { field: CommandField; value: unknown; onChange: (value: unknown) => void; missing: boolean }): JSX.Element {
  const id = `command-${field.name}`
  if (field.type === 'boolean') {
    return (
      <Checkbox checked={Boolean(value)} onChange={(event) => onChange(event.target.checked)}>
        {both(field.label)}
      </Checkbox>
    )
  }
  return (
    <div className={missing ? 'tq-field is-wrong' : 'tq-field'}>
      <label htmlFor={id}>
        {both(field.label)}
        {field.required && (
          <span className="tq-must" aria-hidden="true">
            *
          </span>
        )}
        {field.unit && <small> {field.unit}</small>}
      </label>
      {field.type === 'enum' ? (
        <Select id={id} value={value as string} onChange={onChange} options={(field.options ?? []).map((option) => ({ value: option.value as string, label: both(option.label) }))} />
      ) : field.type === 'integer' || field.type === 'number' ? (
        <InputNumber id={id} value={(value ?? null) as number | null} min={field.min ?? undefined} max={field.max ?? undefined} precision={field.type === 'integer' ? 0 : undefined} onChange={onChange} style={{ width: '100%' }} status={missing ? 'error' : undefined} />
      ) : field.type === 'ids' ? (
        <Input id={id} value={Array.isArray(value) ? value.join(', ') : ''} placeholder="1, 2, 3" onChange={(event) => onChange(event.target.value.split(/[^0-9]+/).filter(Boolean).map(Number))} />
      ) : field.name === 'text' ? (
        <Input.TextArea id={id} value={(value ?? '') as string} autoSize={{ minRows: 2, maxRows: 6 }} maxLength={field.max ?? undefined} status={missing ? 'error' : undefined} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <Input id={id} value={(value ?? '') as string} maxLength={field.max ?? undefined} status={missing ? 'error' : undefined} onChange={(event) => onChange(event.target.value)} />
      )}
      {missing && (
        <p className="tq-wrong" role="alert">
          {t('form.missing', { label: both(field.label) })}
        </p>
      )}
    </div>
  )
}
