/** A new mark of a line: its place by a click on the map or by the way along the line, its stakes as written. */
import { both, coordinates, Failure, t, tagged, toast, useDraw, useOverlay } from '@web/kit'
import { useQueryClient } from '@tanstack/react-query'
import { Button, Input, InputNumber } from 'antd'
import type { Geometry, Point } from 'geojson'
import { useState, type JSX } from 'react'
import type { Line, Route } from './api'

interface Sent {
  along_m?: number
  lon?: number
  lat?: number
  stake: string
  ahead?: string
}

export function Calibrate({ route, line, done }: { route: Route; line: Line; done: () => void }): JSX.Element {
  const [open, setOpen] = useState(false)
  const [point, setPoint] = useState<Geometry | null>(null)
  const [picking, setPicking] = useState(false)
  const [along, setAlong] = useState<number | null>(null)
  const [stake, setStake] = useState('')
  const [ahead, setAhead] = useState('')
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const cache = useQueryClient()
  useDraw(picking ? 'point' : null, point, (geometry, finished) => {
    setPoint(geometry)
    setAlong(null)
    if (finished) setPicking(false)
  })
  useOverlay('roads.mark', picking ? null : point)
  if (!open) {
    return (
      <Button size="small" onClick={() => setOpen(true)}>
        {t('roads.add_mark')}
      </Button>
    )
  }
  const at = point ? (point as Point).coordinates : null
  const send = async (): Promise<void> => {
    setBusy(true)
    setFailure(null)
    const place = at ? { lon: at[0], lat: at[1] } : { along_m: along ?? undefined }
    const fresh: Sent = { ...place, stake, ahead: ahead || undefined }
    const marks: Sent[] = [...line.marks.map((mark) => ({ along_m: mark.along_m, stake: mark.back, ahead: mark.chain ? mark.ahead : undefined })), fresh]
    try {
      const { value } = await tagged<{ problems: { detail: { zh: string; en: string } }[] }>('PUT', `roads/routes/${route.id}/lines/${line.id}/marks`, { body: { marks } })
      toast({ key: 'roads.mark', title: t('roads.saved'), text: value.problems.map((one) => both(one.detail)).join(' ') || undefined, tone: value.problems.length ? 'plain' : 'good' })
      await cache.invalidateQueries({ queryKey: ['roads'] })
      setOpen(false)
      done()
    } catch (error) {
      setFailure(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      className="tq-form"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <h3>{t('roads.add_mark')}</h3>
      <div className="tq-row">
        <Button size="small" type={picking ? 'primary' : 'default'} onClick={() => setPicking(!picking)}>
          {t('roads.pick_on_map')}
        </Button>
        <span className="tq-num">{at ? coordinates(at[0], at[1]) : ''}</span>
      </div>
      <label>
        {t('roads.along_m')}
        <InputNumber size="small" min={0} max={line.length_m} value={along} disabled={at !== null} addonAfter="m" onChange={setAlong} />
      </label>
      <label>
        {t('roads.mark_stake')}
        <Input size="small" placeholder="K12+345" value={stake} onChange={(event) => setStake(event.target.value)} />
      </label>
      <label>
        {t('roads.mark_ahead')}
        <Input size="small" placeholder={t('roads.mark_ahead_hint')} value={ahead} onChange={(event) => setAhead(event.target.value)} />
      </label>
      {failure !== null && <Failure error={failure} />}
      <div className="tq-row">
        <Button size="small" type="primary" htmlType="submit" loading={busy} disabled={!stake || (at === null && along === null)}>
          {t('action.save')}
        </Button>
        <Button size="small" onClick={() => setOpen(false)}>
          {t('action.cancel')}
        </Button>
      </div>
    </form>
  )
}
