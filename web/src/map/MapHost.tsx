/** Holds the one map under all pages and tells it what the address and the session say. */
import { useEffect, useRef, type JSX } from 'react'
import { ALARMS_PAGE } from '../api/alarms'
import { moverNames, useCategories, useMeta, useMover } from '../api/queries'
import { useRegion } from '../frame/RegionPath'
import { connect, disconnect } from '../live/link'
import { go, patch, useParam } from '../state/address'
import { clock } from '../state/clock'
import { useStore } from '../state/store'
import { useHidden, useLayerChoice } from './choice'
import { Controls } from './Controls'
import { MapEngine } from './engine'
import { HoverCard } from './HoverCard'
import { useMoment } from './moment'
import { engine, mapState, pickedFeature, useMap } from './port'
import { t } from '../text/catalogue'

export default function MapHost({ phone }: { phone: boolean }): JSX.Element {
  const holder = useRef<HTMLDivElement>(null)
  const { data: meta } = useMeta()
  useEffect(() => {
    if (!holder.current || !meta || engine.get()) return
    try {
      const made = new MapEngine(holder.current, meta)
      made.onPick = (key) => {
        if (key !== null) void moverNames([key]).then((found) => patch({ sel: found.get(key)?.urn ?? null, tab: null, frame: null }))
      }
      made.labels = async (keys) => new Map([...(await moverNames(keys))].map(([key, { label }]) => [key, label]))
      engine.set(made)
    } catch (error) {
      mapState.set({ ready: false, problem: String(error) })
    }
  }, [meta])
  useEffect(
    () => () => {
      disconnect()
      engine.get()?.destroy()
      engine.set(null)
      mapState.set({ ready: false, problem: null })
    },
    [],
  )
  useLive()
  useMoment()
  useShownLayers()
  useMoverLook()
  usePickedFeature()
  const { problem } = useStore(mapState)
  return (
    <div className="tq-map">
      <div ref={holder} className="tq-map-canvas" aria-label={t('map.title')} role="region" />
      {problem && (
        <p className="tq-map-problem" role="alert">
          {t('map.no_webgl')} <code>{problem}</code>
        </p>
      )}
      <HoverCard />
      <Controls phone={phone} />
    </div>
  )
}

/** A feature of a layer that was picked opens what it stands for. */
function usePickedFeature(): void {
  const hit = useStore(pickedFeature)
  useEffect(() => {
    if (!hit || Date.now() - hit.at > 500) return
    const { urn, layer, id } = hit.feature
    if (urn) patch({ sel: urn, tab: null, frame: null })
    else if (layer === 'alarms.open') go(ALARMS_PAGE, { id })
  }, [hit])
}

function useLive(): void {
  const live = useStore(clock).moment_ms === null
  useEffect(() => {
    if (live) connect()
    else disconnect()
  }, [live])
}

function useShownLayers(): void {
  const map = useMap()
  const { layers, shown, opacity } = useLayerChoice()
  useEffect(() => {
    if (!map) return
    map.setLayers(layers, shown, opacity)
    const own = layers.find((layer) => layer.type === 'movers')
    map.show({ visible: own ? shown.has(own.id) : true })
  }, [map, layers, shown, opacity])
}

function useMoverLook(): void {
  const map = useMap()
  const { data: categories } = useCategories()
  const hidden = useHidden()
  const selected = useParam('sel')
  const { data: mover } = useMover(selected ?? '', false, Boolean(selected))
  const region = useRegion()
  useEffect(() => {
    map?.show({
      categories: new Map((categories ?? []).map((category) => [category.id, category.color])),
      hiddenCategories: hidden.categories,
      hiddenStates: hidden.states,
    })
  }, [map, categories, hidden])
  useEffect(() => {
    const position = selected && mover?.urn === selected ? mover.position : null
    map?.show({ selected: selected && mover?.urn === selected ? mover.key : null, selectedAt: position ? [position.lon, position.lat] : null })
  }, [map, selected, mover, region])
}
