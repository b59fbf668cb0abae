/** People: their form, and below it their rights, their password, and whether they may sign in. */
import { useQuery } from '@tanstack/react-query'
import { Button, Popconfirm, Select } from 'antd'
import { useState, type FormEvent, type JSX } from 'react'
import { get, post, remove } from '../api/http'
import { client, useRegionName, useRegions, useResource } from '../api/queries'
import type { Column, Row, RowPage, Text } from '../api/types'
import { useMay } from '../frame/session'
import { FieldInput } from '../lists/FieldInput'
import ResourcePage from '../lists/ResourcePage'
import { Empty, Failure, Skeleton } from '../parts/states'
import { both, t } from '../text/catalogue'
import { dateTime } from '../text/format'

interface Role {
  code: string
  title: Text
  permissions: string[]
}

interface Grant {
  id: string
  role: string
  organisation: string | null
  organisation_name: string | null
  region: string | null
}

export default function People(): JSX.Element {
  const resource = useResource('identity.people')
  const roles = useRoles()
  if (!resource) return <Empty title={t('error.forbidden')} />
  const words = (column: Column, row: Row): string | undefined =>
    column.name === 'roles' && Array.isArray(row.roles) ? row.roles.map((code: string) => both(roles.find((role) => role.code === code)?.title) || code).join(t('list.comma')) : undefined
  return <ResourcePage resource={resource} words={words} serverCsv="identity/people/export.csv" more={(id) => <Rights person={id} />} />
}

function useRoles(): Role[] {
  const { data } = useQuery({ queryKey: ['roles'], staleTime: 600_000, queryFn: async ({ signal }) => (await get<{ items: Role[] }>('identity/roles', {}, signal)).items })
  return data ?? []
}

function Rights({ person }: { person: string }): JSX.Element {
  const mayGrant = useMay('identity.grant')
  const mayEdit = useMay('identity.edit')
  const roles = useRoles()
  const regionName = useRegionName()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['grants', person],
    queryFn: async ({ signal }) => (await get<RowPage>('identity/grants', { 'filter.person': person, limit: 200 }, signal)).items as unknown as Grant[],
  })
  const [failure, setFailure] = useState<unknown>(null)
  const act = (work: Promise<unknown>): void => {
    setFailure(null)
    work.then(() => Promise.all([refetch(), client.invalidateQueries({ queryKey: ['row', 'identity.people'] }), client.invalidateQueries({ queryKey: ['rows', 'identity.people'] })])).catch(setFailure)
  }
  const titleOf = (code: string): string => both(roles.find((role) => role.code === code)?.title) || code
  return (
    <section className="tq-block">
      <h2>{t('people.rights')}</h2>
      <p className="tq-help">{t('people.rights_help')}</p>
      {isPending && <Skeleton rows={2} />}
      {error && <Failure error={error} again={() => void refetch()} />}
      {data && !data.length && <p className="tq-dim">{t('people.no_rights')}</p>}
      <ul className="tq-grants">
        {data?.map((grant) => (
          <li key={grant.id}>
            <strong>{titleOf(grant.role)}</strong>
            <span>{[grant.organisation_name ?? grant.organisation, grant.region ? regionName(grant.region) : null].filter(Boolean).join(' · ') || t('people.everywhere')}</span>
            {mayGrant && (
              <Popconfirm title={t('people.end_sure')} okText={t('action.yes')} cancelText={t('action.no')} onConfirm={() => act(remove(`identity/grants/${grant.id}`))}>
                <Button size="small">{t('people.end')}</Button>
              </Popconfirm>
            )}
          </li>
        ))}
      </ul>
      {mayGrant && <NewGrant person={person} roles={roles} onDone={() => act(Promise.resolve())} />}
      {failure !== null && <Failure error={failure} />}
      {mayEdit && <Access person={person} act={act} />}
    </section>
  )
}

function NewGrant({ person, roles, onDone }: { person: string; roles: Role[]; onDone: () => void }): JSX.Element {
  const { data: regions } = useRegions()
  const [role, setRole] = useState<string>()
  const [region, setRegion] = useState<string | null>(null)
  const [organisation, setOrganisation] = useState<unknown>(null)
  const [failure, setFailure] = useState<unknown>(null)
  const add = (event: FormEvent): void => {
    event.preventDefault()
    setFailure(null)
    post('identity/grants', { person, role, organisation: organisation ?? null, region })
      .then(() => {
        setRole(undefined)
        onDone()
      })
      .catch(setFailure)
  }
  return (
    <form className="tq-form is-plain" onSubmit={add}>
      <div className="tq-two">
        <Select value={role} onChange={setRole} placeholder={t('people.role')} aria-label={t('people.role')} options={roles.map((item) => ({ value: item.code, label: both(item.title) }))} />
        <Select allowClear value={region} onChange={(value) => setRegion(value ?? null)} placeholder={t('people.region')} aria-label={t('people.region')} options={(regions ?? []).map((item) => ({ value: item.code, label: `${both(item.name)} ${item.code}` }))} />
      </div>
      <FieldInput field={{ name: 'organisation', label: t('people.organisation'), type: 'text' }} id="grant-organisation" value={organisation} onChange={setOrganisation} wrong={false} describedBy="grant-help" />
      <p className="tq-help" id="grant-help">
        {t('people.grant_help')}
      </p>
      {failure !== null && <Failure error={failure} />}
      <Button htmlType="submit" disabled={!role}>
        {t('people.add')}
      </Button>
    </form>
  )
}

function Access({ person, act }: { person: string; act: (work: Promise<unknown>) => void }): JSX.Element {
  const { data } = useQuery({ queryKey: ['row', 'identity.people', person, 'access'], queryFn: ({ signal }) => get<Row>(`identity/people/${person}`, {}, signal) })
  const [secret, setSecret] = useState<string | null>(null)
  const disabled = typeof data?.disabled_ms === 'number'
  return (
    <>
      <h2>{t('people.access')}</h2>
      {disabled && <p className="tq-wrong">{t('people.disabled_since', { time: dateTime(data.disabled_ms as number) })}</p>}
      <div className="tq-row">
        <Popconfirm title={t(disabled ? 'people.enable_sure' : 'people.disable_sure')} okText={t('action.yes')} cancelText={t('action.no')} onConfirm={() => act(post(`identity/people/${person}/${disabled ? 'enable' : 'disable'}`))}>
          <Button size="small">{t(disabled ? 'people.enable' : 'people.disable')}</Button>
        </Popconfirm>
        <Popconfirm title={t('people.password_sure')} okText={t('action.yes')} cancelText={t('action.no')} onConfirm={() => act(post<{ password: string | null }>(`identity/people/${person}/password`, {}).then((made) => setSecret(made.password)))}>
          <Button size="small">{t('people.password')}</Button>
        </Popconfirm>
      </div>
      {secret && (
        <p className="tq-note">
          {t('people.new_password')} <code>{secret}</code>
        </p>
      )}
    </>
  )
}
