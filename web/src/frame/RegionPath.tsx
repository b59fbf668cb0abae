/** Where one looks: province > city > county. Open it, choose: two clicks to any county. It filters and moves the map. */
import { CloseOutlined, DownOutlined, EnvironmentOutlined } from '@ant-design/icons'
import { Button, Input, Popover } from 'antd'
import { useEffect, useMemo, useState, type JSX } from 'react'
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

/** More regions than this are looked for by name. */
const MANY = 24

interface Tree {
  /** From the top down to a region. */
  chain: (code: string | null) => Region[]
  below: (code: string | null) => Region[]
  count: number
}

function useTree(): Tree {
  const { data: regions = [] } = useRegions()
  return useMemo(() => {
    const byCode = new Map(regions.map((region) => [region.code, region]))
    const parent = (region: Region): string | null => (region.parent && byCode.has(region.parent) ? region.parent : null)
    return {
      chain: (code) => {
        const path: Region[] = []
        for (let at = code ? byCode.get(code) : undefined; at; at = at.parent ? byCode.get(at.parent) : undefined) path.unshift(at)
        return path
      },
      below: (code) => regions.filter((region) => parent(region) === code),
      count: regions.length,
    }
  }, [regions])
}

export function RegionPath(): JSX.Element {
  const tree = useTree()
  const code = useRegion()
  const asked = useParam('region')
  const [open, setOpen] = useState(false)
  useEffect(() => lookAtRegion(asked), [asked])
  if (!tree.count) return <span className="tq-region" />
  const chain = tree.chain(code)
  const choose = (region: Region | null): void => {
    chooseRegion(region)
    setOpen(false)
  }
  const names = chain.map((region) => both(region.name))
  return (
    <nav className="tq-region" aria-label={t('region.title')}>
      <Popover open={open} onOpenChange={setOpen} trigger="click" placement="bottomLeft" arrow={false} destroyOnHidden content={() => <RegionMenu tree={tree} chosen={code} onChoose={choose} />}>
        <Button type="text" icon={<EnvironmentOutlined />} aria-expanded={open} title={chain.length ? `${names.join(' › ')} ${code}` : t('region.choose')}>
          <span className="tq-region-names">
            {chain.length ? (
              names.map((name, i) => (
                <span key={i} className={i < names.length - 1 ? 'tq-dim' : 'tq-strong'}>
                  {i > 0 && (
                    <i aria-hidden="true" className="tq-sep">
                      ›
                    </i>
                  )}
                  {name}
                </span>
              ))
            ) : (
              <span className="tq-dim">{t('region.choose')}</span>
            )}
          </span>
          <DownOutlined className="tq-region-open" />
        </Button>
      </Popover>
      {asked && <Button type="text" size="small" icon={<CloseOutlined />} aria-label={t('region.leave')} title={t('region.leave')} onClick={() => choose(null)} />}
    </nav>
  )
}

function RegionMenu({ tree, chosen, onChoose }: { tree: Tree; chosen: string | null; onChoose: (region: Region | null) => void }): JSX.Element {
  const [text, setText] = useState('')
  const asked = text.trim().toLowerCase()
  const matches = (region: Region): boolean => !asked || region.code.startsWith(asked) || (typeof region.name === 'string' ? [region.name] : Object.values(region.name)).some((name) => name.toLowerCase().includes(asked))
  const button = (region: Region, kind: string): JSX.Element => (
    <button key={region.code} type="button" className={`tq-region-button is-${kind}`} aria-pressed={region.code === chosen} title={region.code} onClick={() => onChoose(region)}>
      {both(region.name)}
    </button>
  )
  const city = (region: Region): JSX.Element | null => {
    const counties = tree.below(region.code).filter((county) => matches(region) || matches(county))
    if (!counties.length && !matches(region)) return null
    return (
      <div key={region.code} className="tq-region-row" role="group" aria-label={both(region.name)}>
        {button(region, 'city')}
        <div>{counties.map((county) => button(county, 'county'))}</div>
      </div>
    )
  }
  return (
    <div className="tq-region-menu">
      {tree.count > MANY && <Input allowClear autoFocus value={text} placeholder={t('region.find')} aria-label={t('region.find')} onChange={(event) => setText(event.target.value)} />}
      {tree.below(null).map((top) => (
        <section key={top.code}>
          {button(top, 'province')}
          {tree.below(top.code).map((region) => (tree.below(region.code).length ? city(region) : matches(region) ? button(region, 'county') : null))}
        </section>
      ))}
    </div>
  )
}
