/** People, jobs or beds within reach: of a table that the person gives, longitude, latitude and number. */
import { Failure, number, percent, t } from '@web/kit'
import { Button } from 'antd'
import { useState, type JSX } from 'react'
import { MOST, readPoints } from './points'
import { useWithin, type ReachAsked, type Within } from './reach'

export function ReachPlaces({ asked }: { asked: ReachAsked }): JSX.Element {
  const [text, setText] = useState('')
  const within = useWithin(asked)
  const { points, wrong } = readPoints(text)
  const good = points.length > 0 && points.length <= MOST && !wrong.length
  const take = (file: File | undefined): void => void file?.text().then(setText)
  return (
    <details className="tq-part">
      <summary>{t('travel.reach_people')}</summary>
      <p className="tq-help">{t('travel.reach_people_hint')}</p>
      <textarea className="tq-input" rows={4} aria-label={t('travel.reach_people')} placeholder={'120.61,27.92,1500\n120.62,27.93,820'} value={text} onChange={(event) => setText(event.target.value)} />
      <input type="file" accept=".csv,.txt,.tsv" aria-label={t('travel.choose_file')} onChange={(event) => take(event.target.files?.[0])} />
      {wrong.length > 0 && (
        <p className="tq-wrong" role="alert">
          {t('travel.reach_wrong_lines', { lines: wrong.slice(0, 8).join(', ') })}
        </p>
      )}
      {points.length > MOST && (
        <p className="tq-wrong" role="alert">
          {t('travel.reach_too_many', { most: number(MOST) })}
        </p>
      )}
      <Button size="small" type="primary" disabled={!good} loading={within.isPending} onClick={() => within.mutate(points)}>
        {t('travel.reach_count', { n: number(points.length) })}
      </Button>
      {within.error && <Failure error={within.error} />}
      {within.data && <Reached of={within.data.percentiles} />}
    </details>
  )
}

function Reached({ of }: { of: Within[] }): JSX.Element {
  const minutes = of[0]?.within.map((one) => one.minutes) ?? []
  return (
    <table className="tq-reach">
      <thead>
        <tr>
          <th scope="col">{t('travel.reach_within')}</th>
          {of.map((one) => (
            <th key={one.percentile} scope="col">
              {t('travel.reach_share', { n: one.percentile })}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {minutes.map((n, row) => (
          <tr key={n}>
            <th scope="row">{t('travel.minutes', { n })}</th>
            {of.map(({ percentile, within }) => (
              <td key={percentile} className="tq-num">
                {number(within[row].weight)} <small>{within[row].of ? percent(within[row].weight / within[row].of) : ''}</small>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
