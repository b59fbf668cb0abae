/** Province > city > county: where one looks. The choice filters movers, lists and figures, and moves the map. */
import { Button, Dropdown } from 'antd'
import { useEffect, useMemo, type JSX } from 'react'
import { useRegions } from '../api/queries'
import type { Region } from '../api/types'
import { lookAtRegion } from '../live/link'
import { engine } from '../map/port'
import { patch, useParam } from '../state/address'
import { both, t } from '../text/catalogue'
import { useActor } from './session'

/** The region chosen: that of the address, else that of the person. */
export function useRegion(): string | null {
  const chosen = useParam('region')
  const own = useActor().region?.code ?? null
  return chosen ?? own
}

export function chooseRegion(region: Region | null): void {
  patch({ region: region?.code ?? null })
  if (region?.bbox) engine.get()?.fit(region.bbox)
  else if (!region) engine.get()?.home()
}

export function RegionPath(): JSX.Element {
  const { data: regions = [] } = useRegions()
  const code = useRegion()
  const asked = useParam('region')
  useEffect(() => lookAtRegion(asked), [asked])
  const { chain, below } = useMemo(() => {
    const byCode = new Map(regions.map((region) => [region.code, region]))
    const path: Region[] = []
    for (let at = code ? byCode.get(code) : undefined; at; at = at.parent ? byCode.get(at.parent) : undefined) path.unshift(at)
    const children = (parent: string | null): Region[] => regions.filter((region) => (region.parent && byCode.has(region.parent) ? region.parent : null) === parent)
    return { chain: path, below: children }
  }, [regions, code])
  if (!regions.length) return <span className="tq-region" />
  const level = (region: Region | null, parent: string | null): JSX.Element | null => {
    const options = below(parent)
    if (!options.length) return null
    const name = region ? both(region.name) : t(parent === null ? 'region.choose' : 'region.all')
    return (
      <Dropdown
        key={parent ?? 'top'}
        trigger={['click']}
        menu={{
          className: 'tq-region-menu',
          selectedKeys: region ? [region.code] : [],
          items: [
            ...(parent !== null ? [{ key: '', label: t('region.all') }] : []),
            ...options.map((option) => ({ key: option.code, label: <span className="tq-spread"><span>{both(option.name)}</span><small>{option.code}</small></span> })),
          ],
          onClick: ({ key }) => chooseRegion(regions.find((option) => option.code === (key || parent)) ?? null),
        }}
      >
        <Button type="text" size="small" className={region ? '' : 'tq-dim'} title={region ? `${name} ${region.code}` : undefined}>
          <span className="tq-cut">{name}</span>
        </Button>
      </Dropdown>
    )
  }
  const parts = [...chain.map((region, i) => level(region, i ? chain[i - 1].code : null)), level(null, chain.at(-1)?.code ?? null)].filter((part) => part !== null)
  return (
    <nav className="tq-region" aria-label={t('region.title')}>
      {parts.map((part, i) => (
        <span key={i}>
          {i > 0 && (
            <i aria-hidden="true" className="tq-sep">
              ›
            </i>
          )}
          {part}
        </span>
      ))}
    </nav>
  )
}
